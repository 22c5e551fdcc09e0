import { existsSync, lstatSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { listNames, readLine } from "../files/read-file.ts";
import { isInside, isSamePath } from "../files/same-path.ts";
import { lockReason, readWorktreeLock } from "../git/worktree-lock.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { linkedGitDirs, linkedTop, type WorktreeState } from "../git/worktree-state.ts";
import { readSessionCopy } from "../layout/session-file.ts";
import { ON_ITS_WAY } from "./discard.ts";
import type { WorktreeTools } from "./surroundings.ts";
import { placeOf, roomsOf, type Target } from "./target.ts";

/** A linked worktree that git knows. */
export type LinkedWorktree = WorktreeState & { readonly gitDir: string };

/**
 * The worktree of a target: the one at its place, else the one whose session file names it, wherever it is.
 * @returns null when there is none
 */
export function findWorktree(root: string, target: Target, worktrees: readonly WorktreeState[]): LinkedWorktree | null {
  const linked = worktrees.slice(1).filter((worktree): worktree is LinkedWorktree => worktree.gitDir !== null);
  const place = placeOf(root, target);
  return (
    linked.find(({ path }) => isSamePath(path, place)) ?? linked.find((worktree) => isOf(worktree, target)) ?? null
  );
}

/** Whether the session file of a worktree, or its copy, names the target. */
function isOf({ gitDir }: LinkedWorktree, { kind, name }: Target): boolean {
  const copy = readSessionCopy(gitDir);
  if (copy.kind !== "present") return false;
  return kind === "item"
    ? copy.content.sdKey === name
    : copy.content.session === name && copy.content.sdKey === undefined;
}

/** Other worktrees of the clone, or its own directories, inside a directory: what must not be moved with it. */
export function findNested(path: string, commonDir: string, worktrees: readonly WorktreeState[]): string[] {
  const others = worktrees.filter((other) => !isSamePath(other.path, path)).map((other) => other.path);
  return [...others, commonDir].filter((other) => isInside(other, path));
}

/**
 * Worktrees that somebody has moved by hand: their own `.git` names git's directory for them, but that one names another
 * place, where there is nothing.
 */
export function findMoved({ root, commonDir, here }: Pick<WorktreeTools, "root" | "commonDir" | "here">): string[] {
  const gone = linkedGitDirs(commonDir).filter((gitDir) => !existsSync(join(linkedTop(gitDir) ?? "", ".git")));
  if (gone.length === 0) return [];
  const rooms = roomsOf(root).flatMap((room) => listNames(room).map((name) => join(room, name)));
  // Wherever else it was moved to, it is found by a command that is typed in it.
  const around = findWorktreePlace(here.directory)?.topLevel;
  return [...new Set([...rooms, ...(around === undefined ? [] : [around])])].filter((path) => {
    const named = lstatSync(join(path, ".git"), { throwIfNoEntry: false })?.isFile() ? findWorktreePlace(path) : null;
    return named?.topLevel === path && gone.some((gitDir) => isSamePath(gitDir, named.gitDir));
  });
}

/**
 * Where worktrees were that somebody has deleted by hand: the directory is gone, and the one that it was in is there (a
 * disk that is not mounted is no deletion). One that another than Bulkhead has locked is left alone.
 */
export function findDeleted({ commonDir }: Pick<WorktreeTools, "commonDir">): string[] {
  return linkedGitDirs(commonDir).flatMap((gitDir) => {
    const top = linkedTop(gitDir);
    if (top === null || existsSync(top) || !existsSync(dirname(top))) return [];
    const lock = readWorktreeLock(gitDir);
    return lock === null || (lock.own && lock.reason !== lockReason(ON_ITS_WAY)) ? [top] : [];
  });
}

/** A worktree in the same room whose name differs in case only; null for none. */
export function findNamesake(root: string, target: Target): string | null {
  const room = placeOf(root, { ...target, name: "." as Target["name"] });
  const name = target.name.toLowerCase();
  return listNames(room).find((other) => other !== target.name && other.toLowerCase() === name) ?? null;
}

/** What stands at a path that is no worktree; null for nothing, or an empty directory. */
export function findObstacle(path: string): "file" | "directory" | "link" | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (stat.isSymbolicLink()) return "link";
  if (!stat.isDirectory()) return "file";
  return readdirSync(path).length === 0 ? null : "directory";
}

/** Git's directory of the worktree at a path, as its own `.git` names it; null when it names none of this clone. */
export function gitDirAt(path: string, commonDir: string): string | null {
  if (readLineOrNull(join(path, ".git")) === null) return null;
  const place = findWorktreePlace(path);
  return place?.topLevel === path && isSamePath(place.commonDir, commonDir) ? place.gitDir : null;
}

function readLineOrNull(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? readLine(path) : null;
}
