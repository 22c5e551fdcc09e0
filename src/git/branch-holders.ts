import { existsSync } from "node:fs";
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

/** What git is in the middle of, by the files that it keeps meanwhile; the most telling first. */
const OPERATIONS = [
  ["rebase-merge", "rebase"],
  ["rebase-apply/applying", "am"],
  ["rebase-apply", "rebase"],
  ["MERGE_HEAD", "merge"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["sequencer/todo", "cherry-pick or revert"],
] as const;

/** The operation that a worktree is in the middle of, as people call it; null when there is none. A bisect is none: it makes no commits. */
export async function operationInProgress(there: Git): Promise<string | null> {
  const gitDir = await there.text(["rev-parse", "--absolute-git-dir"]);
  return OPERATIONS.find(([file]) => existsSync(join(gitDir, file)))?.[1] ?? null;
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
