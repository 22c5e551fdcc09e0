/** The way out of the trash. */
import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { isBranchName } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { readRef } from "../git/ancestry.ts";
import type { Git } from "../git/git.ts";
import { clearStaleRefLock } from "../git/ref-lock.ts";
import { listStashes, storeStash } from "../git/stash.ts";
import { findHolders, type WorktreeState } from "../git/worktree-state.ts";
import type { Held } from "./exclusive.ts";
import { moveTree, renameTree } from "./move-tree.ts";
import { dropEntry, readEntry, type TrashEntry, trashLayout, writeEntry } from "./trash.ts";

export interface RestoreTools {
  readonly git: Git;
  readonly commonDir: string;
  readonly clock: () => Date;
  readonly worktrees: () => Promise<readonly WorktreeState[]>;
}

/** What came back. */
export interface Restored {
  readonly path: string;
  readonly branch: string | null;
  /** Whether the branch had been deleted, and stands where it stood again. */
  readonly branchMade: boolean;
  /** Where the branch is now, if it has moved meanwhile; it is left there. */
  readonly branchMovedTo: string | null;
  /** How many stash entries, dropped meanwhile, are back. */
  readonly stashes: number;
  readonly item: string | null;
}

/**
 * Brings a removed worktree back: its files, index, HEAD and reflog as they were, its branch and stash entries where they
 * are gone.
 * @throws BulkheadError `WORKTREE_NOT_RESTORED`: nothing was changed; `FILE_FAILED`, `GIT_FAILED`: the next command goes on
 */
export async function restore(tools: RestoreTools, held: Held, entry: TrashEntry): Promise<Restored> {
  const reason = await obstacle(tools, entry);
  if (reason !== null) {
    throw new BulkheadError("WORKTREE_NOT_RESTORED", {
      name: entry.target?.name ?? entry.id,
      reason,
      path: entry.path,
    });
  }
  held.begin({ act: "restore", entry: entry.id });
  writeEntry(tools.commonDir, { ...entry, state: "restoring" });
  const restored = await finishRestore(tools, entry.id);
  held.finish();
  if (restored === null) throw new Error(`the entry ${entry.id} has gone while it was restored`);
  return restored;
}

/** What stands in the way; null for nothing. */
async function obstacle({ git, worktrees }: RestoreTools, entry: TrashEntry): Promise<string | null> {
  if (!isFree(entry.path)) return `${entry.path} is taken.`;
  if (entry.branch === null || !isBranchName(entry.branch)) return null;
  const [holder] = findHolders(await worktrees(), entry.branch);
  if (holder !== undefined) return `its branch '${entry.branch}' is checked out in ${holder.path}.`;
  const ref = branchRef(entry.branch);
  if (entry.head !== null && (await readRef(git, ref)) === null) {
    const check = await git.run(["for-each-ref", "--count=1", "--format=%(refname)", `${ref}/`]);
    if (check.stdout !== "") return `its branch '${entry.branch}' is gone, and '${check.stdout.trim()}' has its name.`;
  }
  return null;
}

/** A directory with nothing in it is as good as none. */
function isFree(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined || (stat.isDirectory() && readdirSync(path).length === 0);
}

/** Goes on with a restoration, from wherever it was left. @returns null where there is nothing to restore any more */
export async function finishRestore({ git, commonDir, clock }: RestoreTools, id: string): Promise<Restored | null> {
  const entry = readEntry(commonDir, id);
  // Its files were back when the last of it was dropped.
  if (entry === null) await dropEntry(git, commonDir, id);
  if (entry?.state !== "restoring") return null;
  const layout = trashLayout(commonDir, id);
  const { made, movedTo } = await restoreBranch({ git, commonDir, clock }, entry);
  const stashes = await restoreStashes(git, entry);
  if (existsSync(layout.tree)) {
    if (existsSync(entry.path)) rmdirSync(entry.path);
    moveTree(layout.tree, entry.path, `${entry.path}.bulkhead-${id}`);
  }
  const hadFiles = existsSync(entry.path);
  if (existsSync(layout.admin)) restoreAdmin(commonDir, entry);
  // Somebody had deleted its directory by hand: what the index holds can be had all the same.
  if (!hadFiles) await git.in(entry.path).run(["checkout-index", "--all"], { mode: "write" });
  await dropEntry(git, commonDir, id);
  return {
    path: entry.path,
    branch: entry.branch,
    branchMade: made,
    branchMovedTo: movedTo,
    stashes,
    item: entry.item,
  };
}

async function restoreBranch(
  { git, commonDir, clock }: Pick<RestoreTools, "git" | "commonDir" | "clock">,
  { branch, head }: TrashEntry,
): Promise<{ made: boolean; movedTo: string | null }> {
  if (branch === null || head === null || !isBranchName(branch)) return { made: false, movedTo: null };
  const now = await readRef(git, branchRef(branch));
  if (now !== null) return { made: false, movedTo: now === head ? null : now };
  clearStaleRefLock(commonDir, branchRef(branch), clock());
  const log = ["--create-reflog", "-m", "bulkhead worktree --restore"];
  await git.run(["update-ref", ...log, branchRef(branch), head, ""], { mode: "write", retryLocked: true });
  return { made: true, movedTo: null };
}

async function restoreStashes(git: Git, { stashes }: TrashEntry): Promise<number> {
  if (stashes.length === 0) return 0;
  const present = new Set((await listStashes(git)).map(({ sha }) => sha));
  const dropped = stashes.filter(({ sha }) => !present.has(sha));
  // The oldest first: each goes on top.
  for (const entry of [...dropped].reverse()) await storeStash(git, entry);
  return dropped.length;
}

/** git's own directory goes back under its name, or under another where that has been taken meanwhile. */
function restoreAdmin(commonDir: string, entry: TrashEntry): void {
  const root = join(commonDir, "worktrees");
  let name = entry.gitDirName;
  for (let n = 1; existsSync(join(root, name)); n++) name = `${entry.gitDirName}${n}`;
  const gitDir = join(root, name);
  renameTree(trashLayout(commonDir, entry.id).admin, gitDir);
  const link = join(entry.path, ".git");
  if (name === entry.gitDirName && existsSync(link)) return;
  mkdirSync(entry.path, { recursive: true });
  writeFileSync(link, `gitdir: ${gitDir}\n`);
}
