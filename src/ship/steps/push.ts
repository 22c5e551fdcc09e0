import { asBulkheadError, BulkheadError } from "../../domain/error.ts";
import type { BranchName, CommitSha } from "../../domain/names.ts";
import { branchRef } from "../../domain/ref-names.ts";
import { isAncestor } from "../../git/ancestry.ts";
import { runPorcelain } from "../../git/porcelain.ts";
import { readRemoteBranch } from "../../git/remotes.ts";
import { type StepDefinition, short } from "../step.ts";

export interface PushStep {
  readonly kind: "push";
  /** The local branch. */
  readonly branch: BranchName;
  readonly sha: CommitSha;
  /** The remote, and its branch. */
  readonly remote: string;
  readonly to: BranchName;
}

/** Pushes what is only here, as it was seen and never forced, with the repository's own pre-push hooks. */
export const PUSH: StepDefinition<PushStep> = {
  phase: "before",
  needs: {},
  label: "push",
  progress: "Pushing…",
  describe: ({ branch, to, sha }) =>
    `push ${branch}${to === branch ? "" : ` to ${to}`} at ${short(sha)} (never forced)`,
  async execute({ branch, sha, remote, to }, { git, tools }) {
    try {
      await runPorcelain(git, ["push", remote, `${sha}:${branchRef(to)}`], { progress: tools.progress });
    } catch (thrown) {
      // The answer may have been lost, not the push: the remote knows.
      const now = await readRemoteBranch(git, remote, to).catch(() => null);
      if (now === null || !(now === sha || (await isAncestor(git, sha, now).catch(() => false)))) {
        throw new BulkheadError(
          "SHIP_PUSH_FAILED",
          { branch, reason: asBulkheadError(thrown).message },
          { cause: thrown },
        );
      }
    }
    return { state: "done", detail: `pushed ${branch}${to === branch ? "" : ` to ${to}`}` };
  },
};
