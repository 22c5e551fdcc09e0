import { BulkheadError } from "../domain/error.ts";
import type { CommitSha } from "../domain/names.ts";
import type { GitHub } from "../github/github.ts";
import type { MergeAnswer } from "../github/merge-answer.ts";
import type { PullRequest } from "../github/pull-request.ts";
import type { Step } from "./step.ts";

/** Milliseconds between the looks at a pull request whose merge got no clear answer. */
const LOOK_AGAIN_MS = [500, 1_000, 2_000];
/** Merges asked for at most: again only after GitHub itself said that nothing was merged. */
const MAX_ATTEMPTS = 3;

/**
 * Merges a pull request, pinned to its head commit. Whatever GitHub answers, what happened is read from the pull
 * request itself unless the answer names the merge.
 * @returns the merge's commit
 * @throws BulkheadError `SHIP_HEAD_MOVED`, `SHIP_MERGE_REFUSED` (not merged), `SHIP_MERGE_UNCLEAR` (not known), or GitHub's
 */
export async function mergePinned(
  github: GitHub,
  step: Extract<Step, { kind: "merge" }>,
  sleep: (ms: number) => Promise<void>,
): Promise<CommitSha> {
  const { pull: number, sha, method } = step;
  for (let attempt = 1; ; attempt++) {
    const answer = await github.merge(number, { sha, method });
    if (answer.kind === "merged") return answer.sha;
    const truth = await readTruth(github, number, answer, sleep);
    if (truth.merged && truth.mergeCommit !== null && truth.head.sha === sha) return truth.mergeCommit;
    if (truth.merged || truth.head.sha !== sha || answer.kind === "head_moved") {
      throw new BulkheadError("SHIP_HEAD_MOVED", { pull: number, sha, reason: answer.reason });
    }
    if (answer.kind === "refused") {
      throw new BulkheadError("SHIP_MERGE_REFUSED", {
        pull: number,
        url: truth.url,
        reason: answer.reason.replace(/\.$/, ""),
      });
    }
    if (attempt === MAX_ATTEMPTS)
      throw new BulkheadError("SHIP_MERGE_UNCLEAR", { pull: number, reason: answer.reason });
    await sleep(LOOK_AGAIN_MS[attempt - 1] ?? 0);
  }
}

/** The pull request as it is now. After a doubtful answer the merge may still be under way, so it is looked at a few times. */
async function readTruth(
  github: GitHub,
  number: number,
  answer: Exclude<MergeAnswer, { kind: "merged" }>,
  sleep: (ms: number) => Promise<void>,
): Promise<PullRequest> {
  let last: PullRequest | null = null;
  for (const pause of answer.kind === "doubtful" ? [0, ...LOOK_AGAIN_MS] : [0]) {
    if (pause > 0) await sleep(pause);
    try {
      last = await github.pullRequest(number);
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError)) throw thrown;
    }
    if (last?.merged) break;
  }
  if (last === null) throw new BulkheadError("SHIP_MERGE_UNCLEAR", { pull: number, reason: answer.reason });
  return last;
}
