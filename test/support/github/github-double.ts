import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { BareRepository } from "./bare-repository.ts";
import { DoubleRepository } from "./double-repository.ts";
import { type Fault, FaultInjector } from "./faults.ts";
import { answerGraphql, type GraphqlRequest, operationOf } from "./graphql.ts";
import { PULL_ROUTES } from "./pull-routes.ts";
import { REPOSITORY_ROUTES } from "./repository-routes.ts";
import type { Addresses } from "./responses.ts";
import { type Account, failure, notFound, type RestAnswer, type RestRequest } from "./routes.ts";
import { serveGit } from "./smart-http.ts";

/** One API request that the double got. */
export interface LoggedRequest {
  readonly method: string;
  /** Below the API root, decoded, without the query. GraphQL: `QUERY /graphql/<name>`, `MUTATION /graphql/<name>`. */
  readonly path: string;
  /** 0 when the connection was closed without an answer. */
  readonly status: number;
}

const API_ROOT = "/api/v3";
const GRAPHQL = "/api/graphql";
const ROUTES = [...PULL_ROUTES, ...REPOSITORY_ROUTES];

/**
 * A stand-in for GitHub (the shape of an Enterprise server: REST below `/api/v3`) that holds real bare
 * repositories: git clones, fetches and pushes through it, and merges make real commits.
 */
export class GitHubDouble {
  /** Every API request so far, in order. */
  readonly requests: LoggedRequest[] = [];
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #server: Server;
  readonly #repositories = new Map<string, DoubleRepository>();
  readonly #accounts = new Map<string, Account>();
  readonly #faults = new FaultInjector();
  /** Former names of repositories. */
  readonly #aliases = new Map<string, string>();
  /** Whether there is GraphQL; an odd server may have none. */
  graphql = true;
  #at: Addresses = { html: "", api: "" };

  /** @param directory holds the bare repositories; @param env for the git that the double runs */
  constructor(directory: string, env: NodeJS.ProcessEnv) {
    this.#directory = directory;
    this.#env = env;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((thrown: unknown) => {
        if (!response.headersSent) response.writeHead(500);
        response.end(String(thrown));
      });
    });
  }

  /** Starts to listen, on a port of the system's choice. */
  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const html = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#at = { html, api: `${html}${API_ROOT}` };
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Where it answers: `http://127.0.0.1:<port>`. */
  get url(): string {
    return this.#at.html;
  }

  get apiUrl(): string {
    return this.#at.api;
  }

  /** Lets a token in. */
  addToken(token: string, account: Partial<Account> = {}): void {
    this.#accounts.set(token, { login: "ada", access: "write", ...account });
  }

  /** Lets a token in no more: it has expired. */
  dropToken(token: string): void {
    this.#accounts.delete(token);
  }

  /** A git configuration that logs git in at the double, for a test's `.gitconfig`. */
  credentialConfig(token: string): string {
    return `[credential "${this.url}"]\n\thelper = "!f() { echo username=x-access-token; echo password=${token}; }; f"\n`;
  }

  /** Makes an empty repository, or a fork with all branches of another. */
  async createRepository(owner: string, name: string, forkOf?: DoubleRepository): Promise<DoubleRepository> {
    const path = join(this.#directory, owner, `${name}.git`);
    mkdirSync(path, { recursive: true });
    const bare = new BareRepository(path, this.#env);
    await bare.git(["init", "-q", "--bare", "-b", "main"]);
    await bare.git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
    await bare.git(["config", "uploadpack.allowFilter", "true"]);
    if (forkOf !== undefined) await bare.git(["fetch", "-q", forkOf.path, "refs/heads/*:refs/heads/*"]);
    const cloneUrl = `${this.url}/${owner}/${name}.git`;
    const repository = new DoubleRepository({ owner, name, id: this.#repositories.size + 1, bare, cloneUrl }, forkOf);
    this.#repositories.set(repository.fullName, repository);
    return repository;
  }

  /** Makes something go wrong, or happen, at a coming request. */
  inject(fault: Fault): void {
    this.#faults.add(fault);
  }

  /** Lets nothing go wrong that has not struck yet. */
  forgetFaults(): void {
    this.#faults.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.#at.html);
    if (url.pathname === GRAPHQL) await this.#serveGraphql(request, response);
    else if (url.pathname.startsWith(`${API_ROOT}/`)) await this.#serveApi(request, response, url);
    else await this.#serveGit(request, response, url);
  }

  /** Renames or transfers a repository; its old name leads to it. */
  rename(repository: DoubleRepository, fullName: string): void {
    this.#aliases.set(repository.fullName, fullName);
    this.#repositories.set(fullName, repository);
    const [owner = "", name = ""] = fullName.split("/");
    repository.rename(owner, name);
  }

  #find(fullName: string): DoubleRepository | undefined {
    const name = this.#aliases.get(fullName) ?? fullName;
    return this.#repositories.get(name) ?? this.#findAnyCase(name);
  }

  #findAnyCase(fullName: string): DoubleRepository | undefined {
    return [...this.#repositories.values()].find((one) => one.fullName.toLowerCase() === fullName.toLowerCase());
  }

  async #serveGraphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = (await readBody(request)) as unknown as GraphqlRequest;
    const { kind, name } = operationOf(asked);
    const logged = { method: kind.toUpperCase(), path: `/graphql/${name}` };
    const account = this.#accountOf(request);
    await this.#respond(request, response, logged, async () => {
      if (!this.graphql) return notFound();
      if (account === null) return failure(401, "Bad credentials");
      return answerGraphql(asked, { at: this.#at, account, find: (fullName) => this.#find(fullName) });
    });
  }

  /** git logs in with the token as password; whoever is not known sees no private repository. */
  async #serveGit(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = decodeURIComponent(url.pathname);
    const [, fullName = ""] = /^\/([^/]+\/[^/]+?)(?:\.git)?\//.exec(path) ?? [];
    const repository = this.#find(fullName);
    const account = this.#accountOf(request);
    const pushes = path.endsWith("/git-receive-pack") || url.searchParams.get("service") === "git-receive-pack";
    if (account === null && (pushes || repository === undefined || repository.settings.private)) {
      request.resume();
      response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end("Authentication required\n");
      return;
    }
    if (repository === undefined || (pushes && (account?.access !== "write" || repository.refusePushes))) {
      request.resume();
      response.writeHead(repository === undefined ? 404 : 403).end("Permission denied\n");
      return;
    }
    await serveGit(request, response, {
      root: this.#directory,
      env: this.#env,
      path: path.replace(/^\/[^/]+\/[^/]+?(?:\.git)?\//, `/${repository.home}.git/`),
      query: url.search.slice(1),
      login: account?.login ?? null,
    });
  }

  async #serveApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const body = await readBody(request);
    const method = request.method ?? "GET";
    const path = decodePath(url.pathname.slice(API_ROOT.length));
    await this.#respond(request, response, { method, path }, () =>
      this.#answer(request, { method, path, query: url.searchParams, body }),
    );
  }

  /** Answers one request as it should be, or as a fault has it. */
  async #respond(
    request: IncomingMessage,
    response: ServerResponse,
    logged: { method: string; path: string },
    act: () => Promise<RestAnswer>,
  ): Promise<void> {
    const fault = this.#faults.take(`${logged.method} ${logged.path}`);
    await fault?.before?.();
    const acts = fault === null || fault.answer === undefined || fault.acts === true;
    let answer = acts ? await act() : notFound();
    await fault?.after?.();
    if (fault?.answer === "drop") {
      this.requests.push({ ...logged, status: 0 });
      request.socket.destroy();
      return;
    }
    if (fault?.answer !== undefined) answer = failure(fault.answer.status, fault.answer.message, fault.answer.headers);
    this.requests.push({ ...logged, status: answer.status });
    send(response, answer);
  }

  async #answer(
    request: IncomingMessage,
    asked: { method: string; path: string; query: URLSearchParams; body: Record<string, unknown> },
  ): Promise<RestAnswer> {
    const account = this.#accountOf(request);
    if (account === null && request.headers.authorization !== undefined) return failure(401, "Bad credentials");
    const [, fullName = "", rest = ""] = /^\/repos\/([^/]+\/[^/]+)(.*)$/.exec(asked.path) ?? [];
    const repository = this.#find(fullName);
    if (repository === undefined || (account === null && repository.settings.private)) return notFound();
    if (repository.fullName !== fullName) return this.#moved(repository, rest, asked);
    for (const route of ROUTES) {
      const match = route.path.exec(rest);
      if (route.method !== asked.method || match === null) continue;
      if (route.writes && account?.access !== "write") {
        return failure(403, "Resource not accessible by personal access token");
      }
      const parameters = { ...match.groups };
      const { query, body } = asked;
      return route.handle({ at: this.#at, repository, account, parameters, query, body } satisfies RestRequest);
    }
    return notFound();
  }

  /** A former name is answered with where the repository is now. */
  #moved(
    repository: DoubleRepository,
    rest: string,
    { method, query }: { method: string; query: URLSearchParams },
  ): RestAnswer {
    const answer = failure(method === "GET" ? 301 : 307, "Moved Permanently");
    const search = query.size > 0 ? `?${query}` : "";
    return {
      ...answer,
      headers: { location: `${this.#at.api}/repos/${repository.fullName}${encodeURI(rest)}${search}` },
    };
  }

  #accountOf(request: IncomingMessage): Account | null {
    const [scheme = "", value = ""] = (request.headers.authorization ?? "").split(" ");
    const basic = /^basic$/i.test(scheme);
    const token = basic
      ? Buffer.from(value, "base64")
          .toString()
          .replace(/^[^:]*:/, "")
      : value;
    return this.#accounts.get(token) ?? null;
  }
}

/** Starts a double that holds its repositories in a directory. */
export function startGitHubDouble(directory: string, env: NodeJS.ProcessEnv): Promise<GitHubDouble> {
  return new GitHubDouble(directory, env).start();
}

/** Branch names stand percent-encoded in paths; their slashes may stand as they are. */
function decodePath(path: string): string {
  return path.split("/").map(decodeURIComponent).join("/");
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function send(response: ServerResponse, answer: RestAnswer): void {
  response.writeHead(answer.status, {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "4999",
    "x-ratelimit-reset": String(Math.floor(Date.now() / 1000) + 3600),
    ...(answer.body === null ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...answer.headers,
  });
  response.end(answer.body === null ? undefined : JSON.stringify(answer.body));
}
