import { type BranchName, type CommitSha, isBranchName, isCommitSha } from "../domain/names.ts";
import { branchName } from "../domain/ref-names.ts";
import type { Git } from "./git.ts";

/** One worktree as `git worktree list` tells it. */
export interface Worktree {
  readonly path: string;
  readonly head: CommitSha | null;
  /** The branch checked out, also when unborn; null when detached or bare. */
  readonly branch: BranchName | null;
  readonly bare: boolean;
  readonly detached: boolean;
  /** Null when not locked; else the reason, which may be empty. */
  readonly locked: string | null;
  /** Why `git worktree prune` would drop it (its directory is gone, say); null otherwise. */
  readonly prunable: string | null;
}

/** All worktrees of the clone, the main one first. */
export async function listWorktrees(git: Git): Promise<Worktree[]> {
  return parseWorktrees((await git.run(["worktree", "list", "--porcelain", "-z"], { retryLocked: true })).stdout);
}

/** Parses `git worktree list --porcelain -z` (https://git-scm.com/docs/git-worktree#_porcelain_format). */
export function parseWorktrees(output: string): Worktree[] {
  return output
    .split("\0\0")
    .filter((block) => block !== "")
    .map((block) => parseWorktree(block.split("\0")));
}

function parseWorktree(attributes: readonly string[]): Worktree {
  const value = (label: string): string | null => {
    const found = attributes.find((a) => a === label || a.startsWith(`${label} `));
    return found === undefined ? null : found.slice(label.length + 1);
  };
  const head = value("HEAD") ?? "";
  const branch = branchName(value("branch") ?? "");
  return {
    path: value("worktree") ?? "",
    head: isCommitSha(head) && !/^0+$/.test(head) ? head : null,
    branch: isBranchName(branch) ? branch : null,
    bare: value("bare") !== null,
    detached: value("detached") !== null,
    locked: value("locked"),
    prunable: value("prunable"),
  };
}
