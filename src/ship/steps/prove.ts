import { BulkheadError } from "../../domain/error.ts";
import type { BranchName } from "../../domain/names.ts";
import { hasCommit, isAncestor, readRef } from "../../git/ancestry.ts";
import { fetchInto } from "../../git/remotes.ts";
import { type Outcome, type StepDefinition, short } from "../step.ts";

export interface ProveStep {
  readonly kind: "prove";
  readonly base: BranchName;
}

/** Milliseconds between fetches: GitHub's git side may lag behind its API, and another fetch may hold the ref's lock. */
const FETCH_AGAIN_MS = [500, 1_500, 4_000];

/** Fetches the base and looks whether the merge's commit is in it: the proof that the merge happened. */
export const PROVE: StepDefinition<ProveStep> = {
  phase: "after",
  needs: {},
  label: "proof",
  progress: "Fetching the base…",
  describe: ({ base }) => `fetch ${base} and check that the merge is in it`,
  async execute({ base }, { git, base: place, mergeCommit, tools }): Promise<Outcome> {
    if (mergeCommit === null) return { state: "failed", detail: "GitHub names no commit for the merge" };
    const [name, tracking] = [`${place.remote}/${base}`, place.tracking(base)];
    let fault = "";
    for (const pause of [0, ...FETCH_AGAIN_MS]) {
      if (pause > 0) await tools.sleep(pause);
      try {
        await fetchInto(git, place.remote, base, tracking);
        fault = "";
      } catch (thrown) {
        if (!(thrown instanceof BulkheadError)) throw thrown;
        fault = thrown.message;
      }
      // Also after a failed fetch: another process may have fetched the same.
      const tip = await readRef(git, tracking);
      if (tip !== null && (await hasCommit(git, mergeCommit)) && (await isAncestor(git, mergeCommit, tip))) {
        return { state: "done", detail: `${short(mergeCommit)} is in ${name}` };
      }
    }
    return { state: "failed", detail: fault || `${short(mergeCommit)} is not in ${name}` };
  },
};
