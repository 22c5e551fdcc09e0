import { asBulkheadError } from "../../domain/error.ts";
import type { BranchName } from "../../domain/names.ts";
import { branchRef } from "../../domain/ref-names.ts";
import { readRef } from "../../git/ancestry.ts";
import type { Git } from "../../git/git.ts";
import { listBranchHolders } from "../../git/worktree-state.ts";
import { type MergedBranch, type Outcome, type StepDefinition, short } from "../step.ts";

export interface DeleteLocalBranchStep extends MergedBranch {
  readonly kind: "delete_local_branch";
}

/** Deletes the merged branch here: only while it is what was merged, and no worktree holds it. */
export const DELETE_LOCAL_BRANCH: StepDefinition<DeleteLocalBranchStep> = {
  phase: "after",
  needs: { prove: "not done: the merge is not proven", retire: "kept: its worktree is still there" },
  label: "local branch",
  progress: "Deleting the local branch…",
  describe: ({ branch, sha }) =>
    `delete the local branch ${branch}, only while it is at ${short(sha)} and no worktree holds it`,
  async execute({ branch, sha }, { tools: { steadyGit: git, repository } }): Promise<Outcome> {
    const ref = branchRef(branch);
    const now = await readRef(git, ref);
    if (now === null) return { state: "done", detail: "was already gone" };
    if (now !== sha) return { state: "skipped", detail: "kept: it has other commits than what was merged" };
    const [holder] = await listBranchHolders(git, branch, repository.commonDir);
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
  },
  async undo({ branch, sha }, { git }) {
    if ((await readRef(git, branchRef(branch))) !== null) return null;
    await git.run(["update-ref", branchRef(branch), sha, ""], { mode: "write" });
    return `the local branch ${branch} is back at ${short(sha)}`;
  },
};

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
