/** The way into the trash, in steps that can be finished or undone at any point. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { clearDrafts } from "../files/atomic-write.ts";
import { fileFailed } from "../files/file-failed.ts";
import type { ProcessProbe } from "../files/owner-lock.ts";
import { removeTree } from "../files/remove-tree.ts";
import type { Git } from "../git/git.ts";
import type { StashEntry } from "../git/stash.ts";
import { lockWorktree, unlockWorktree } from "../git/worktree-lock.ts";
import { type Held, mayRun } from "./exclusive.ts";
import { keepObjects } from "./keep-objects.ts";
import { copyWhole, renameTree } from "./move-tree.ts";
import type { Target } from "./target.ts";
import { dropEntry, newTrashId, readEntry, type TrashEntry, trashLayout, writeEntry } from "./trash.ts";

/** What the lock of a worktree says that is being moved. */
export const ON_ITS_WAY = "on its way into the trash";

/** What goes into the trash. */
export interface Discarded {
  readonly target: Target | null;
  readonly path: string;
  /** git's own directory for it. */
  readonly gitDir: string;
  readonly branch: string | null;
  readonly head: string | null;
  readonly item: string | null;
  /** Entries of the shared stash that were made on its branch. */
  readonly stashes: readonly StashEntry[];
  /** Objects that only the index holds. */
  readonly staged: readonly string[];
  readonly onlyCopy: readonly string[];
}

export interface DiscardTools {
  /** git outside of the worktree that goes; not ended by an interruption. */
  readonly git: Git;
  readonly commonDir: string;
  readonly clock: () => Date;
  readonly processes: ProcessProbe;
}

/**
 * Moves a worktree into the trash.
 * @param recheck told where its files are when nobody can reach them by their old name any more; false puts them back
 * @returns null when the recheck said no: then everything is as it was
 * @throws BulkheadError `FILE_FAILED`, `GIT_FAILED`; what was begun is undone, or finished by the next command
 */
export async function discard(
  tools: DiscardTools,
  held: Held,
  what: Discarded,
  recheck: (tree: string) => Promise<boolean>,
): Promise<TrashEntry | null> {
  const { git, commonDir, clock } = tools;
  const now = clock();
  const id = newTrashId(basename(what.path), now);
  const { staged, gitDir, ...noted } = what;
  // Until it is looked at once more, who knows what has come into it.
  const onlyCopy = what.onlyCopy.length > 0 ? what.onlyCopy : ["what was put into it while it was being removed"];
  const entry: TrashEntry = {
    id,
    ...noted,
    onlyCopy,
    gitDirName: basename(gitDir),
    removedAt: now.toISOString(),
    state: "moving",
    aside: null,
    copied: false,
    announcedAt: null,
  };
  held.begin({ act: "discard", entry: id });
  try {
    await keepObjects(git, { id, gitDir, named: [...staged, ...what.stashes.map(({ sha }) => sha)], now });
    writeEntry(commonDir, entry);
    // Without its directory git would drop what it knows of the worktree.
    lockWorktree(gitDir, ON_ITS_WAY);
    const moved = await moveIn(tools, entry, { recheck, onlyCopy: what.onlyCopy });
    const result = moved ?? (await undoDiscard(tools, entry));
    held.finish();
    return result;
  } catch (thrown) {
    const finished = await finishDiscard(tools, id);
    held.finish();
    if (finished !== null) return finished;
    throw thrown;
  }
}

async function moveIn(
  tools: DiscardTools,
  entry: TrashEntry,
  { recheck, onlyCopy }: { recheck: (tree: string) => Promise<boolean>; onlyCopy: readonly string[] },
): Promise<TrashEntry | null> {
  const { commonDir } = tools;
  const layout = trashLayout(commonDir, entry.id);
  let now = entry;
  if (existsSync(entry.path) && !renameTree(entry.path, layout.tree)) {
    const aside = `${entry.path}.bulkhead-${entry.id}`;
    now = { ...entry, aside };
    writeEntry(commonDir, now);
    if (!renameTree(entry.path, aside))
      throw new BulkheadError("FILE_FAILED", {
        path: entry.path,
        action: "moved",
        reason: "it is in use or not ours to move",
      });
  }
  if (existsSync(now.aside ?? layout.tree) && !(await recheck(now.aside ?? layout.tree))) return null;
  now = { ...now, onlyCopy };
  if (now.aside !== null) {
    copyWhole(now.aside, layout.tree);
    now = { ...now, copied: true };
    writeEntry(commonDir, now);
  }
  return settle(tools, now);
}

/** The last steps, which are the same whoever makes them. */
function settle(tools: DiscardTools, entry: TrashEntry): TrashEntry {
  const { commonDir } = tools;
  const layout = trashLayout(commonDir, entry.id);
  const gitDir = join(commonDir, "worktrees", entry.gitDirName);
  if (entry.aside !== null) removeTree(entry.aside);
  if (existsSync(gitDir)) {
    if (!renameTree(gitDir, layout.admin)) throw fileFailed(gitDir, "moved", { code: "EXDEV" });
  }
  settleLock(tools, layout.admin);
  const kept: TrashEntry = { ...entry, state: "kept", aside: null };
  writeEntry(commonDir, kept);
  return kept;
}

/**
 * Ends what a command that was killed has begun: finished where the files are in the trash, undone where they are not.
 * @returns the entry where it is finished
 */
export async function finishDiscard(tools: DiscardTools, id: string): Promise<TrashEntry | null> {
  const { git, commonDir } = tools;
  const entry = readEntry(commonDir, id);
  if (entry === null) {
    await dropEntry(git, commonDir, id);
    return null;
  }
  if (entry.state !== "moving") return entry;
  const layout = trashLayout(commonDir, id);
  const whole = entry.aside === null ? existsSync(layout.tree) : entry.copied;
  if (whole || !(existsSync(entry.path) || (entry.aside !== null && existsSync(entry.aside)))) {
    return settle(tools, entry);
  }
  return undoDiscard(tools, entry);
}

/**
 * Puts everything back where it was.
 * @returns the entry where something else has taken the place: then it stays in the trash
 */
async function undoDiscard(tools: DiscardTools, entry: TrashEntry): Promise<TrashEntry | null> {
  const { git, commonDir } = tools;
  const layout = trashLayout(commonDir, entry.id);
  const now = readEntry(commonDir, entry.id) ?? entry;
  const from = now.aside ?? layout.tree;
  const gitDir = join(commonDir, "worktrees", entry.gitDirName);
  if (existsSync(from)) {
    if (existsSync(entry.path)) {
      if (now.aside !== null) copyWhole(now.aside, layout.tree);
      return settle(tools, now);
    }
    if (!renameTree(from, entry.path)) throw fileFailed(from, "moved back", { code: "EXDEV" });
  }
  if (existsSync(layout.admin)) renameTree(layout.admin, gitDir);
  settleLock(tools, gitDir);
  await dropEntry(git, commonDir, entry.id);
  return null;
}

/** Its lock was for the way; what a writer of it has left that was killed goes, too. */
function settleLock(tools: DiscardTools, gitDir: string): void {
  unlockWorktree(gitDir);
  clearDrafts(gitDir, mayRun(tools));
}
