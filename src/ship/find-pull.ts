import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import type { Head } from "../git/worktree-state.ts";
import type { GitHub } from "../github/github.ts";
import type { PullRequest } from "../github/pull-request.ts";
import type { ShipRequest } from "./facts.ts";

/** The branch that a request is about; null when it names a pull request by number. @throws `SHIP_NO_BRANCH`, `UNBORN_BRANCH` */
export function requestedBranch(target: ShipRequest["target"], head: Head): BranchName | null {
  if (target !== null) return "branch" in target ? target.branch : null;
  if (head.kind === "detached") throw new BulkheadError("SHIP_NO_BRANCH");
  if (head.kind === "unborn") throw new BulkheadError("UNBORN_BRANCH", { branch: head.branch });
  return head.branch;
}

/**
 * Which of a branch's pull requests is meant: the open one; else the newest, so that it can be said what became of it.
 * Pure. @param pulls newest first
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

/** Milliseconds between looks at a pull request that GitHub is still computing. */
const COMPUTING_MS = [300, 700, 1_000, 2_000, 3_000, 5_000];

/** Reads a pull request until GitHub knows whether it can be merged, and for about twelve seconds at most. */
export async function readSettledPull(
  github: GitHub,
  number: number,
  sleep: (ms: number) => Promise<void>,
  isSettled: (pull: PullRequest) => boolean = () => true,
): Promise<PullRequest> {
  let pull = await github.pullRequest(number);
  for (const pause of COMPUTING_MS) {
    if (!pull.open || (pull.mergeable !== null && isSettled(pull))) break;
    await sleep(pause);
    pull = await github.pullRequest(number);
  }
  return pull;
}
