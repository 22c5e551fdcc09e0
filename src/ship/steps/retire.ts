import type { StepDefinition } from "../step.ts";

export interface RetireStep {
  readonly kind: "retire";
  /** The worktree that held the branch. */
  readonly worktree: string;
}

/** Cleans the branch's worktree up and releases its claim: whoever keeps the worktrees does it, by their own rules. */
export const RETIRE: StepDefinition<RetireStep> = {
  phase: "after",
  needs: { prove: "not done: the merge is not proven" },
  label: "worktree",
  progress: "Cleaning the worktree up…",
  describe: ({ worktree }) => `clean up ${worktree} and release its claim`,
  async execute({ worktree }, { tools }) {
    if (tools.retire === null) {
      const byHand = `Clean it up yourself: git worktree remove ${worktree}`;
      return { state: "failed", detail: "worktrees cannot be cleaned up from here", byHand };
    }
    return tools.retire(worktree);
  },
};
