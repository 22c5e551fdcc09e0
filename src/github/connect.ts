import { randomUUID } from "node:crypto";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import { BulkheadError } from "../domain/error.ts";
import { createGitHub, type GitHub } from "./github.ts";
import { isLoopback } from "./loopback.ts";
import type { RemoteRepository } from "./remote-url.ts";

/** How long, in milliseconds, GitHub may take for one answer. */
const REQUEST_TIMEOUT_MS = 30_000;
/** The longest wait, in seconds, for a limit to pass: beyond it the user is better told. */
const LONGEST_WAIT_SECONDS = 60;
const RETRIES_AFTER_LIMIT = 2;

export interface ConnectOptions {
  readonly token: string;
  readonly userAgent: string;
  /** Told when a limit makes a request wait. @param seconds until it is sent again */
  readonly onWait?: (seconds: number) => void;
}

/**
 * Connects to a repository's server; sends nothing yet. Requests that meet a rate limit are repeated when the wait that
 * GitHub names is short (they were not acted on); nothing else is ever repeated.
 * @throws BulkheadError `GITHUB_INSECURE` rather than send a token over plain http to another machine
 */
export function connectGitHub(repository: RemoteRepository, { token, userAgent, onWait }: ConnectOptions): GitHub {
  const { protocol, hostname } = new URL(repository.apiBaseUrl);
  if (protocol !== "https:" && !isLoopback(hostname)) {
    throw new BulkheadError("GITHUB_INSECURE", { host: repository.host, api: repository.apiBaseUrl });
  }
  const onLimit = (retryAfter: number, _options: object, _octokit: unknown, retryCount: number): boolean => {
    if (retryAfter > LONGEST_WAIT_SECONDS || retryCount >= RETRIES_AFTER_LIMIT) return false;
    onWait?.(retryAfter);
    return true;
  };
  const octokit = new (Octokit.plugin(throttling))({
    auth: token,
    baseUrl: repository.apiBaseUrl,
    userAgent,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    request: { fetch: fetchInTime },
    // The plugin spaces writes out by seconds, as GitHub asks of programs; each connection keeps its own time.
    throttle: { id: randomUUID(), onRateLimit: onLimit, onSecondaryRateLimit: onLimit },
  });
  return createGitHub(octokit, repository, token);
}

function fetchInTime(url: string | URL | Request, options: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...options, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
}
