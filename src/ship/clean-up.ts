import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { readRef } from "../git/ancestry.ts";
import type { Git } from "../git/git.ts";
import { readRemoteBranch } from "../git/remotes.ts";
import { listBranchHolders } from "../git/worktree-state.ts";
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
  const ref = branchRef(branch);
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
  const ref = branchRef(branch);
  const now = await readRef(git, ref);
  if (now === null) return { state: "done", detail: "was already gone" };
  if (now !== sha) return { state: "skipped", detail: "kept: it has other commits than what was merged" };
  const [holder] = await listBranchHolders(git, branch);
  if (holder !== undefined) return { state: "skipped", detail: `kept: checked out in ${holder.path}` };
  try {
    await git.run(["update-ref", "-d", ref, sha], { mode: "write" });
  } catch (thrown) {
    if ((await readRef(git, ref)) !== null) return { state: "failed", detail: asBulkheadError(thrown).message };
  }
  const left = await forgetSettings(git, branch);
  return {
    state: "done",
    detail: left === null ? "deleted" : `deleted; its settings stay in the configuration: ${left}`,
  };
}

/** The branch's upstream settings go with it, as with `git branch -d`; there may be none. @returns why they stay */
async function forgetSettings(git: Git, branch: BranchName): Promise<string | null> {
  const forget = ["config", "--local", "--remove-section", `branch.${branch}`];
  try {
    const { exitCode, stderr } = await git.run(forget, { mode: "write", allow: [1, 5, 128] });
    return exitCode === 0 || /no such section/i.test(stderr) ? null : stderr.trim();
  } catch (thrown) {
    // Another process holds the file's lock, say. The branch is gone all the same.
    return asBulkheadError(thrown).message;
  }
}
