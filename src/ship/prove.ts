import { BulkheadError } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { trackingRef } from "../domain/ref-names.ts";
import { hasCommit, isAncestor, readRef } from "../git/ancestry.ts";
import type { Git } from "../git/git.ts";
import { fetchBranch } from "../git/remotes.ts";
import type { Outcome } from "./clean-up.ts";

/** Milliseconds between fetches: GitHub's git side may lag behind its API, and another fetch may hold the ref's lock. */
const FETCH_AGAIN_MS = [500, 1_500, 4_000];

/** Fetches the base and looks whether the merge's commit is in it: the proof that the merge happened. */
export async function proveMerge(
  git: Git,
  at: { remote: string; base: BranchName; mergeCommit: CommitSha },
  sleep: (ms: number) => Promise<void>,
): Promise<Outcome> {
  let fault = "";
  for (const pause of [0, ...FETCH_AGAIN_MS]) {
    if (pause > 0) await sleep(pause);
    try {
      await fetchBranch(git, at.remote, at.base);
      fault = "";
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError)) throw thrown;
      fault = thrown.message;
    }
    // Also after a failed fetch: another process may have fetched the same.
    const base = await readRef(git, trackingRef(at.remote, at.base));
    if (base !== null && (await hasCommit(git, at.mergeCommit)) && (await isAncestor(git, at.mergeCommit, base))) {
      return { state: "done", detail: `${at.mergeCommit.slice(0, 10)} is in ${at.remote}/${at.base}` };
    }
  }
  return { state: "failed", detail: fault || `${at.mergeCommit.slice(0, 10)} is not in ${at.remote}/${at.base}` };
}
