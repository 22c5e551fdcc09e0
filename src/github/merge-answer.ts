import { type CommitSha, isCommitSha } from "../domain/names.ts";
import { githubError, isRequestError, type RequestContext, reasonOf, redact } from "./errors.ts";

/** What GitHub said to a merge. Only `merged` and the thrown errors are certain: all else is to be checked by reading. */
export type MergeAnswer =
  | { readonly kind: "merged"; readonly sha: CommitSha }
  /** 409: the head is no longer the commit that was to be merged. */
  | { readonly kind: "head_moved"; readonly reason: string }
  /** The one passing 405: another merge moved the base meanwhile. */
  | { readonly kind: "base_moved"; readonly reason: string }
  /** 405: this method is not allowed here; another may be. */
  | { readonly kind: "method_refused"; readonly reason: string }
  /** 403: it belongs to a stack, which only the merge in the background takes. */
  | { readonly kind: "stacked"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  /** The merge may have happened: a server error, a connection that broke, an answer that makes no sense. */
  | { readonly kind: "doubtful"; readonly reason: string };

/**
 * Reads the answer to a merge, or what octokit threw instead of one.
 * @throws BulkheadError where GitHub certainly did nothing: wrong token, forbidden, rate limit, no such pull request
 */
export function mergeAnswerOf(answer: unknown, context?: RequestContext): MergeAnswer {
  if (context === undefined) {
    const { sha, merged } = answer as { sha?: unknown; merged?: unknown };
    if (merged === true && typeof sha === "string" && isCommitSha(sha)) return { kind: "merged", sha };
    return { kind: "doubtful", reason: "GitHub's answer to the merge names no commit" };
  }
  const error = githubError(answer, context);
  const reason = redact(reasonOf(answer), context.token);
  const status = isRequestError(answer) && answer.response !== undefined ? answer.status : 0;
  if (status === 409) return { kind: "head_moved", reason };
  // GitHub has no other mark for the passing refusal than its words.
  if (status === 405 && /base branch was modified/i.test(reason)) return { kind: "base_moved", reason };
  if (
    status === 405 &&
    /(merges|commits) are not allowed|method is not allowed|must not contain merge commits/i.test(reason)
  ) {
    return { kind: "method_refused", reason };
  }
  if (status === 403 && /stack/i.test(reason)) return { kind: "stacked", reason };
  if (status === 405 || status === 422) return { kind: "refused", reason };
  if (status === 0 || status >= 500) return { kind: "doubtful", reason };
  throw error;
}
