import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import type { PullRequest } from "../github/pull-request.ts";

/**
 * Which of a head's pull requests is meant: the open one; else the newest, so that it can be said what became of it.
 * Pure. @param pulls newest first, all of one head
 * @throws BulkheadError `SHIP_SEVERAL_PULL_REQUESTS`
 */
export function choosePull(pulls: readonly PullRequest[], base: BranchName | null): PullRequest | null {
  const open = pulls.filter((pull) => pull.open);
  const onBase = open.filter((pull) => pull.base.branch === base);
  const candidates = onBase.length > 0 ? onBase : open;
  const [first, second] = candidates;
  if (first !== undefined && second !== undefined) {
    throw new BulkheadError("SHIP_SEVERAL_PULL_REQUESTS", {
      branch: first.head.branch,
      pulls: candidates.map((pull) => pull.number),
    });
  }
  return first ?? pulls[0] ?? null;
}
