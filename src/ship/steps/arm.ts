import { BulkheadError } from "../../domain/error.ts";
import type { CommitSha } from "../../domain/names.ts";
import type { MergeMethod, PullRequest } from "../../github/pull-request.ts";
import { type StepDefinition, short } from "../step.ts";
import { pullOfVoyage } from "../voyage.ts";
import { awaitMerge } from "./await-merge.ts";
import { MERGE } from "./merge.ts";

export interface ArmStep {
  readonly kind: "arm";
  readonly sha: CommitSha;
  readonly method: MergeMethod;
}

/** Lets GitHub merge the pull request by itself once it is ready; one that is ready now it refuses, so that is merged here. */
export const ARM: StepDefinition<ArmStep> = {
  phase: "merge",
  needs: {},
  label: "auto-merge",
  progress: "Arming the auto-merge…",
  describe: ({ sha, method }, pull) =>
    `let GitHub merge ${pull === null ? "the pull request" : `pull request #${pull}`} (${method}) once it is ready, only while its head is ${short(sha)}`,
  async execute({ sha, method }, voyage) {
    const pull = pullOfVoyage(voyage);
    if (!pull.armed) {
      await voyage.recheck();
      try {
        if (!(await voyage.github.arm({ ...pull, head: { ...pull.head, sha } }, method))) {
          return MERGE.execute({ kind: "merge", sha, method, others: [], stack: [] }, voyage);
        }
      } catch (thrown) {
        const { pull: now } = await voyage.github.details(pull).catch(() => ({ pull }));
        if (now.head.sha !== sha)
          throw new BulkheadError("SHIP_HEAD_MOVED", { pull: now.number, sha, reason: "Somebody pushed to it." });
        if (!now.armed && !now.merged) throw thrown;
      }
    }
    return awaitMerge(voyage, sha, armed);
  },
};

function armed(pull: PullRequest): string | null {
  if (pull.queue !== null) return `in the merge queue, position ${pull.queue.position}`;
  return pull.armed ? "armed: GitHub merges it once it is ready" : null;
}
