import { BulkheadError } from "../domain/error.ts";

/** What was asked of GitHub, for the message; the token, so that no message can hold it. */
export interface RequestContext {
  readonly host: string;
  /** Completes "GitHub does not know …": "pull request #7 of acme/app". */
  readonly subject: string;
  readonly token: string;
}

/** Turns what octokit throws into a BulkheadError. The token is taken out of every text. */
export function githubError(thrown: unknown, context: RequestContext): BulkheadError {
  if (thrown instanceof BulkheadError) return thrown;
  const { host, subject } = context;
  const reason = redact(reasonOf(thrown), context.token);
  // The original holds the request with its headers: only its words go on.
  const cause = { cause: new Error(reason) };
  const words = graphqlErrors(thrown);
  if (words !== null) return fromGraphql(words, { host, subject, token: context.token });
  if (!isRequestError(thrown)) {
    // The answer could not be read: it did not come from GitHub, but from a proxy or another server, say.
    return new BulkheadError(
      "GITHUB_FAILED",
      { host, subject, reason: "its answer makes no sense; is a proxy or another server in between?" },
      cause,
    );
  }
  if (thrown.response === undefined) return new BulkheadError("GITHUB_UNREACHABLE", { host, reason }, cause);
  const { status } = thrown;
  const data = { host, subject, status, reason };
  if (status === 401) return new BulkheadError("GITHUB_BAD_TOKEN", data, cause);
  const wait = rateLimitSeconds(thrown);
  if (wait !== null) return new BulkheadError("GITHUB_RATE_LIMITED", { ...data, retryAfterSeconds: wait }, cause);
  if (status === 403) return new BulkheadError("GITHUB_FORBIDDEN", data, cause);
  if (status === 404) return new BulkheadError("GITHUB_NOT_FOUND", data, cause);
  return new BulkheadError("GITHUB_FAILED", data, cause);
}

/** Thrown where a server's GraphQL cannot answer a look-up: it is missing, or too old to know a field. */
export class GraphqlUnusable extends Error {}

interface GraphqlFault {
  readonly type?: string;
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string };
}

function graphqlErrors(thrown: unknown): readonly GraphqlFault[] | null {
  if (!(thrown instanceof Error) || !("errors" in thrown) || thrown.name !== "GraphqlResponseError") return null;
  return Array.isArray(thrown.errors) ? (thrown.errors as GraphqlFault[]) : null;
}

/**
 * What a look-up by GraphQL has to make of a fault: the data that came with it, where only parts were refused.
 * @throws GraphqlUnusable, BulkheadError, or what was thrown
 */
export function graphqlErrorOf(thrown: unknown, context: RequestContext): unknown {
  if (isRequestError(thrown) && thrown.response !== undefined && [404, 405, 406, 501].includes(thrown.status)) {
    throw new GraphqlUnusable();
  }
  const faults = graphqlErrors(thrown);
  if (faults === null) throw thrown;
  const unknownField = faults.some(
    ({ message, extensions }) =>
      extensions?.code === "undefinedField" || /doesn't exist on type|cannot query field/i.test(message),
  );
  if (unknownField) throw new GraphqlUnusable();
  const { data } = thrown as { data?: { repository?: object | null } | null };
  // A missing pull request and rules that this token may not see are holes in an answer that is right otherwise; what the
  // server failed on is no "there is none".
  if (data?.repository && faults.every(({ type }) => HOLES.has(type ?? ""))) return data;
  throw fromGraphql(faults, context);
}

/** Faults that say that something is not there, or not for this token. */
const HOLES: ReadonlySet<string> = new Set(["NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES"]);

function fromGraphql(faults: readonly GraphqlFault[], { host, subject, token }: RequestContext): BulkheadError {
  const reason = redact(faults.map(({ message }) => message.replace(/\.$/, "")).join("; "), token);
  const data = { host, subject, reason };
  const types = faults.map(({ type }) => type);
  if (types.includes("RATE_LIMITED"))
    return new BulkheadError("GITHUB_RATE_LIMITED", { ...data, retryAfterSeconds: 60 });
  if (types.includes("NOT_FOUND")) return new BulkheadError("GITHUB_NOT_FOUND", data);
  if (types.includes("FORBIDDEN") || types.includes("INSUFFICIENT_SCOPES")) {
    return new BulkheadError("GITHUB_FORBIDDEN", data);
  }
  return new BulkheadError("GITHUB_FAILED", data);
}

/** What octokit throws: for an error status with the response, for a connection that failed without. */
interface RequestError extends Error {
  readonly status: number;
  readonly response?: {
    readonly headers: Readonly<Record<string, string | number | undefined>>;
    readonly data?: unknown;
  };
}

export function isRequestError(thrown: unknown): thrown is RequestError {
  return thrown instanceof Error && "status" in thrown && typeof thrown.status === "number";
}

/** GitHub's own sentence, without the link to its documentation. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const message = thrown.message.replace(/ - https:\/\/docs\.github\.com\S*$/, "");
  return message.split(/\r?\n/).filter(Boolean).join(" ");
}

/** Takes a secret out of a text. */
export function redact(text: string, secret: string): string {
  return secret === "" ? text : text.replaceAll(secret, "[token]");
}

/**
 * Seconds until GitHub takes requests again, when this error is one of its limits; null otherwise.
 * Follows https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
function rateLimitSeconds(error: RequestError): number | null {
  if (error.status !== 403 && error.status !== 429) return null;
  const headers = error.response?.headers ?? {};
  const retryAfter = Number(headers["retry-after"]);
  if (retryAfter > 0) return retryAfter;
  if (headers["x-ratelimit-remaining"] === "0") {
    // Measured by GitHub's clock, which the answer names: this machine's may be wrong.
    const now = Date.parse(String(headers.date ?? "")) || Date.now();
    return Math.max(1, Math.ceil(Number(headers["x-ratelimit-reset"]) - now / 1000));
  }
  return error.status === 429 || /rate limit/i.test(error.message) ? 60 : null;
}
