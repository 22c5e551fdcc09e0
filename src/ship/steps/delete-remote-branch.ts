import { asBulkheadError, BulkheadError } from "../../domain/error.ts";
import { branchRef, trackingRef } from "../../domain/ref-names.ts";
import { readRef } from "../../git/ancestry.ts";
import type { Git } from "../../git/git.ts";
import { readRemoteBranch } from "../../git/remotes.ts";
import { type MergedBranch, type Outcome, type StepDefinition, short } from "../step.ts";
import { pullOfVoyage, type Voyage } from "../voyage.ts";

export interface DeleteRemoteBranchStep extends MergedBranch {
  readonly kind: "delete_remote_branch";
  /** `owner/name` of the repository in which the branch lies; null: the base's. */
  readonly repository: string | null;
}

/** Deletes the merged branch on the remote, with a lease: only while it is what was merged. */
export const DELETE_REMOTE_BRANCH: StepDefinition<DeleteRemoteBranchStep> = {
  phase: "after",
  needs: { prove: "not done: the merge is not proven", retarget: "kept: pull requests still merge into it" },
  label: "remote branch",
  progress: "Deleting the remote branch…",
  describe: ({ branch, sha }) => `delete the remote branch ${branch}, only while it is at ${short(sha)}`,
  async execute(step, voyage): Promise<Outcome> {
    const { branch, sha, repository } = step;
    const { git } = voyage;
    const remote = voyage.remoteOf(repository);
    const held = await heldByOthers(step, voyage);
    if (held !== null) return { state: "skipped", detail: held };
    const ref = branchRef(branch);
    // The pre-push hook is for what people push.
    const push = ["push", "--quiet", "--no-verify", `--force-with-lease=${ref}:${sha}`, remote, `:${ref}`];
    try {
      await git.run(push, { mode: "write" });
      await forgetTracking(git, remote, step);
      return { state: "done", detail: "deleted" };
    } catch (thrown) {
      // "stale info" stands for "moved on" and for "already gone": only a look tells them apart.
      const now = await readRemoteBranch(git, remote, branch);
      if (now === null) {
        await forgetTracking(git, remote, step);
        return { state: "done", detail: "was already gone" };
      }
      if (now !== sha) return { state: "skipped", detail: "kept: somebody pushed to it since" };
      if (!(thrown instanceof BulkheadError)) throw thrown;
      return { state: "failed", detail: thrown.message };
    }
  },
  async undo({ branch, sha, repository }, { git, remoteOf }) {
    const remote = remoteOf(repository);
    if ((await readRemoteBranch(git, remote, branch)) !== null) return null;
    await git.run(["push", "--quiet", "--no-verify", remote, `${sha}:${branchRef(branch)}`], { mode: "write" });
    return `the remote branch ${branch} is back at ${short(sha)}`;
  },
};

/**
 * Somebody may have built on the branch since the plan was made: pull requests onto it are moved too, others that come
 * from it keep it.
 * @returns why it stays
 */
async function heldByOthers({ branch }: DeleteRemoteBranchStep, voyage: Voyage): Promise<string | null> {
  const { github, journal } = voyage;
  const { children, sameHead, pull } = await github.details(pullOfVoyage(voyage));
  const moved = journal.results.flatMap(({ step }) => (step.kind === "retarget" ? [step.pull] : []));
  for (const child of children.filter((number) => !moved.includes(number))) {
    await github.changeBase(child, pull.base.branch);
  }
  if (sameHead.length === 0) return null;
  return `kept: ${sameHead.map((number) => `#${number}`).join(", ")} come${sameHead.length === 1 ? "s" : ""} from ${branch} too`;
}

/** What stands for the branch here goes with it; a push to a named remote has done that already. */
async function forgetTracking(git: Git, remote: string, { branch, sha }: MergedBranch): Promise<void> {
  const ref = trackingRef(remote, branch);
  try {
    if ((await readRef(git, ref)) === sha) await git.run(["update-ref", "-d", ref, sha], { mode: "write" });
  } catch (thrown) {
    // It is only a memory of the branch: the next `git fetch --prune` takes it.
    asBulkheadError(thrown);
  }
}
