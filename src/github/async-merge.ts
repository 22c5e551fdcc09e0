import { type CommitSha, isCommitSha } from "../domain/names.ts";
import { githubError, isRequestError, type RequestContext, redact } from "./errors.ts";

/** Where a merge in the background stands: https://docs.github.com/rest/pulls/pulls#merge-a-pull-request-asynchronously */
export type AsyncMerge =
  | { readonly kind: "pending"; readonly uuid: string | null }
  | { readonly kind: "merged"; readonly sha: CommitSha | null }
  | { readonly kind: "enqueued" }
  | { readonly kind: "failed"; readonly reason: string };

/** What GitHub said when it was asked for one. `doubtful`: it may have been taken on. */
export type AsyncStart = AsyncMerge | { readonly kind: "doubtful"; readonly reason: string };

interface Body {
  readonly status?: unknown;
  readonly details?: { readonly uuid?: unknown; readonly sha?: unknown; readonly message?: unknown };
}

export function asyncMergeOf(body: unknown): AsyncMerge {
  const { status, details } = (body ?? {}) as Body;
  const sha = typeof details?.sha === "string" && isCommitSha(details.sha) ? details.sha : null;
  const message = typeof details?.message === "string" ? details.message : "GitHub gives no reason";
  if (status === "merged") return { kind: "merged", sha };
  if (status === "enqueued") return { kind: "enqueued" };
  if (status === "failed") return { kind: "failed", reason: message };
  return { kind: "pending", uuid: typeof details?.uuid === "string" ? details.uuid : null };
}

/**
 * Reads the answer to the request, or what octokit threw instead of one.
 * @returns null where this server knows no merge in the background
 * @throws BulkheadError where GitHub certainly did nothing: wrong token, forbidden, rate limit
 */
export function startAnswerOf(body: unknown, thrown?: unknown, context?: RequestContext): AsyncStart | null {
  if (context === undefined) return asyncMergeOf(body);
  const status = isRequestError(thrown) && thrown.response !== undefined ? thrown.status : 0;
  const data = isRequestError(thrown) ? (thrown.response?.data as Body | undefined) : undefined;
  // 404 also stands for "no such pull request": the classic endpoint tells them apart. 405, 501: a proxy's word for unknown.
  if (status === 404 || status === 405 || status === 501) return null;
  if (status === 409 || status === 400) return asyncMergeOf(data ?? {});
  const error = githubError(thrown, context);
  const reason = redact(String(error.data.reason ?? error.message), context.token);
  if (status === 422) return { kind: "failed", reason };
  if (status === 0 || status >= 500) return { kind: "doubtful", reason };
  throw error;
}
