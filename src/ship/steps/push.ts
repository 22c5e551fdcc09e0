import { asBulkheadError, BulkheadError } from "../../domain/error.ts";
import type { BranchName, CommitSha } from "../../domain/names.ts";
import { branchRef } from "../../domain/ref-names.ts";
import { hasCommit, isAncestor } from "../../git/ancestry.ts";
import type { Git } from "../../git/git.ts";
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
      const there = await lookThere(git, { remote, to, sha });
      const data = { branch, reason: asBulkheadError(thrown).message, unknown: there === "unknown" };
      if (there !== "arrived") throw new BulkheadError("SHIP_PUSH_FAILED", data, { cause: thrown });
    }
    return { state: "done", detail: `pushed ${branch}${to === branch ? "" : ` to ${to}`}` };
  },
};

/** Whether a push arrived whose answer is in doubt. A remote that cannot be asked leaves it unknown, which is no "no". */
async function lookThere(
  git: Git,
  { remote, to, sha }: Pick<PushStep, "remote" | "to" | "sha">,
): Promise<"arrived" | "absent" | "unknown"> {
  try {
    const now = await readRemoteBranch(git, remote, to);
    if (now === null) return "absent";
    // What is not here holds commits of somebody else: whether ours are below them cannot be seen.
    if (now !== sha && !(await hasCommit(git, now))) return "unknown";
    return now === sha || (await isAncestor(git, sha, now)) ? "arrived" : "absent";
  } catch (cause) {
    if (cause instanceof BulkheadError) return "unknown";
    throw cause;
  }
}
