import type { BranchName } from "../../domain/names.ts";
import type { StepDefinition } from "../step.ts";

export interface RetargetStep {
  readonly kind: "retarget";
  readonly pull: number;
  readonly base: BranchName;
}

/** Moves a pull request that stands on the merged branch: GitHub closes those on a branch that is deleted. */
export const RETARGET: StepDefinition<RetargetStep> = {
  phase: "after",
  needs: { prove: "not done: the merge is not proven" },
  label: "stacked pull request",
  progress: "Moving the pull requests that stand on this branch…",
  describe: ({ pull, base }) => `move pull request #${pull} onto ${base}`,
  async execute({ pull, base }, { github }) {
    await github.changeBase(pull, base);
    return { state: "done", detail: `#${pull} now merges into ${base}` };
  },
};
