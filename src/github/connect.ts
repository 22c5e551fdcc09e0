import { randomUUID } from "node:crypto";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import { BulkheadError } from "../domain/error.ts";
import { isRequestError } from "./errors.ts";
import { createGitHub, type GitHub } from "./github.ts";
import { isLoopback } from "./loopback.ts";
import { proxyFor } from "./proxy.ts";
import type { RemoteRepository } from "./remote-url.ts";

/** How long, in milliseconds, GitHub may take for one answer. */
const REQUEST_TIMEOUT_MS = 30_000;
/** The longest wait, in seconds, for a limit to pass: beyond it the user is better told. */
const LONGEST_WAIT_SECONDS = 60;
const RETRIES_AFTER_LIMIT = 2;

export interface ConnectOptions {
  readonly token: string;
  /** Asks for the token anew where GitHub no longer takes it: it may have expired while a command waited. */
  readonly renew?: () => Promise<string>;
  readonly userAgent: string;
  /** Names the proxies, as git honours them. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told when a limit makes a request wait. @param seconds until it is sent again */
  readonly onWait?: (seconds: number) => void;
}

/**
 * Connects to a repository's server; sends nothing yet. Requests that meet a rate limit are repeated when the wait that
 * GitHub names is short, and one that was turned away for its token with the token of now, once (they were not acted
 * on); nothing else is ever repeated.
 * @throws BulkheadError `GITHUB_INSECURE` rather than send a token over plain http to another machine
 */
export function connectGitHub(
  repository: RemoteRepository,
  { token, renew, userAgent, env = {}, onWait }: ConnectOptions,
): GitHub {
  const { protocol, hostname } = new URL(repository.apiBaseUrl);
  if (protocol !== "https:" && !isLoopback(hostname)) {
    throw new BulkheadError("GITHUB_INSECURE", { host: repository.host, api: repository.apiBaseUrl });
  }
  const onLimit = (retryAfter: number, _options: object, _octokit: unknown, retryCount: number): boolean => {
    if (retryAfter > LONGEST_WAIT_SECONDS || retryCount >= RETRIES_AFTER_LIMIT) return false;
    onWait?.(retryAfter);
    return true;
  };
  const secret = { token };
  const octokit = new (Octokit.plugin(throttling))({
    authStrategy: () => ({ hook: authorized(secret, renew) }),
    baseUrl: repository.apiBaseUrl,
    userAgent,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: { fetch: fetchThrough(proxyFor(repository.apiBaseUrl, env)) },
    throttle: {
      id: randomUUID(),
      onRateLimit: onLimit,
      onSecondaryRateLimit: onLimit,
      ...UNSPACED,
    } as never,
  });
  return createGitHub(octokit, repository, secret);
}

type Send = (options: { headers: object }) => Promise<unknown>;

/** Sends each request with the token. A 401 means that nothing was done: it is sent once more where there is another token by now. */
function authorized(secret: { token: string }, renew: ConnectOptions["renew"]) {
  return async (send: Send, options: { headers: object }): Promise<unknown> => {
    const used = secret.token;
    const attempt = () => {
      Object.assign(options.headers, { authorization: `token ${secret.token}` });
      return send(options);
    };
    try {
      return await attempt();
    } catch (thrown) {
      if (renew === undefined || !isRequestError(thrown) || thrown.status !== 401) throw thrown;
      // Another request of this moment may have found the new one already.
      if (secret.token === used) secret.token = await renew().catch(() => used);
      if (secret.token === used) throw thrown;
      return attempt();
    }
  };
}

/**
 * The plugin would space out by seconds whatever is no GET, queries too. That is for programs that write by the hundred;
 * a ship sends a handful of requests, and one after the other.
 */
const ALL_AT_ONCE = { key: () => ({ schedule: (_options: object, act: () => unknown) => act() }) };
const UNSPACED = { write: ALL_AT_ONCE, notifications: ALL_AT_ONCE };

type Fetch = (url: string | URL | Request, options?: RequestInit) => Promise<Response>;

/** A fetch that gives up in time, through a proxy where there is one. */
function fetchThrough(proxy: string | null): Fetch {
  if (proxy === null) return (url, options = {}) => fetch(url, { ...options, signal: timeLimit() });
  // Node's own fetch knows no proxies; the package that can is loaded only where there is one.
  const agent = import("undici").then(({ ProxyAgent, fetch: proxied }) => ({
    dispatcher: new ProxyAgent(proxy),
    proxied,
  }));
  return async (url, options = {}) => {
    const { dispatcher, proxied } = await agent;
    const answer = await proxied(String(url), { ...options, dispatcher, signal: timeLimit() } as never);
    return answer as unknown as Response;
  };
}

function timeLimit(): AbortSignal {
  return AbortSignal.timeout(REQUEST_TIMEOUT_MS);
}
