import type { BranchName } from "../../domain/names.ts";
import type { Outcome, StepDefinition } from "../step.ts";

export interface RetireStep {
  readonly kind: "retire";
  /** The worktree that goes. */
  readonly worktree: string;
  readonly branch: BranchName;
}

/** Removes the worktree of the merged branch into the trash, by the rules of `worktree --cleanup`, and ends its session. */
export const RETIRE: StepDefinition<RetireStep> = {
  phase: "after",
  needs: { prove: "not done: the merge is not proven" },
  label: "worktree",
  progress: "Retiring the worktree…",
  describe: ({ worktree }) =>
    `move the worktree ${worktree} into the trash, unless something would be lost or somebody works in it`,
  async execute({ worktree, branch }, voyage): Promise<Outcome> {
    const { retired, detail, released, byHand } = await voyage.tools.retire(
      worktree,
      branch,
      voyage.pull?.number ?? null,
    );
    if (!retired) return { state: "failed", detail, ...(byHand === null ? {} : { byHand }) };
    voyage.released = released;
    return { state: "done", detail };
  },
};
