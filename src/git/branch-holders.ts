import { join } from "node:path";
import type { BranchName } from "../domain/names.ts";
import { readText } from "../files/read-file.ts";
import type { Git } from "./git.ts";
import { listWorktrees, type Worktree } from "./worktrees.ts";

/**
 * The worktrees that hold a branch: they have it checked out, or are in the middle of a rebase or bisect of it (git
 * lists those as detached, and yet refuses to move the branch under them).
 */
export async function listBranchHolders(git: Git, branch: BranchName): Promise<Worktree[]> {
  const holders: Worktree[] = [];
  for (const worktree of await listWorktrees(git)) {
    if (worktree.branch === branch || (worktree.detached && (await isSuspended(git, worktree, branch)))) {
      holders.push(worktree);
    }
  }
  return holders;
}

async function isSuspended(git: Git, worktree: Worktree, branch: BranchName): Promise<boolean> {
  // The directory of a worktree that could be pruned is gone: nothing goes on in it.
  if (worktree.prunable !== null) return false;
  const gitDir = await git.in(worktree.path).text(["rev-parse", "--absolute-git-dir"]);
  const files = ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"];
  return files.some((file) => {
    const content = readText(join(gitDir, file))?.trimEnd() ?? null;
    return content === branch || content === `refs/heads/${branch}`;
  });
}
