import { BulkheadError } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { readRef } from "../git/ancestry.ts";
import { listBranchHolders } from "../git/branch-holders.ts";
import type { Git } from "../git/git.ts";
import { readRemoteBranch } from "../git/remotes.ts";
import type { StepState } from "./step.ts";

export interface Outcome {
  readonly state: Extract<StepState, "done" | "skipped" | "failed">;
  readonly detail: string;
}

/** A branch that has been merged, at the commit that was merged. */
export interface MergedBranch {
  readonly branch: BranchName;
  readonly sha: CommitSha;
}

/** Deletes a merged branch on the remote, with a lease: only while it is what was merged. */
export async function deleteRemoteBranch(git: Git, remote: string, { branch, sha }: MergedBranch): Promise<Outcome> {
  const ref = `refs/heads/${branch}`;
  // The pre-push hook is for what people push.
  const push = ["push", "--quiet", "--no-verify", `--force-with-lease=${ref}:${sha}`, remote, `:${ref}`];
  try {
    await git.run(push, { mode: "write" });
    return { state: "done", detail: "deleted" };
  } catch (thrown) {
    // "stale info" stands for "moved on" and for "already gone": only a look tells them apart.
    const now = await readRemoteBranch(git, remote, branch);
    if (now === null) return { state: "done", detail: "was already gone" };
    if (now !== sha) return { state: "skipped", detail: "kept: somebody pushed to it since" };
    if (thrown instanceof BulkheadError) return { state: "failed", detail: thrown.message };
    throw thrown;
  }
}

/** Deletes a merged branch here: only while it is what was merged, and no worktree holds it. */
export async function deleteLocalBranch(git: Git, { branch, sha }: MergedBranch): Promise<Outcome> {
  const ref = `refs/heads/${branch}`;
  const now = await readRef(git, ref);
  if (now === null) return { state: "done", detail: "was already gone" };
  if (now !== sha) return { state: "skipped", detail: "kept: it has other commits than what was merged" };
  const [holder] = await listBranchHolders(git, branch);
  if (holder !== undefined) return { state: "skipped", detail: `kept: checked out in ${holder.path}` };
  try {
    await git.run(["update-ref", "-d", ref, sha], { mode: "write" });
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return { state: "failed", detail: thrown.message };
    throw thrown;
  }
  // Its upstream settings go with it, as with `git branch -d`; there may be none.
  await git.run(["config", "--local", "--remove-section", `branch.${branch}`], { mode: "write", allow: [1, 5, 128] });
  return { state: "done", detail: "deleted" };
}
