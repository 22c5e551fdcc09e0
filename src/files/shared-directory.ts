/**
 * What is made in a directory is for the same users as the directory. One that is its group's to write in and hands its group
 * on (setgid) belongs to several: `init` makes ours so in a clone that git shares (`core.sharedRepository`). Everywhere else
 * nothing here changes anything.
 */
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { isMissingFile } from "./read-file.ts";

const SET_GROUP = 0o2000;
const GROUP_WRITES = 0o020;
const GROUP_USES = 0o060;

/** The mode for a new file in a directory that is there. @param mode the one that it has where it is one user's */
export function modeIn(directory: string, mode: number): number {
  return sharedMode(directory) === null ? mode : mode | GROUP_USES;
}

/** Makes a directory and those above it that are missing. @param mode of those that are made, where they are one user's */
export function makeDirectory(path: string, mode = 0o777): void {
  if (existsSync(path)) return;
  const first = mkdirSync(path, { recursive: true, mode });
  const shared = first === undefined ? null : sharedMode(dirname(first));
  if (first === undefined || shared === null) return;
  let made = first;
  chmodSync(made, shared);
  for (const name of relative(first, path).split(sep).filter(Boolean)) {
    made = join(made, name);
    chmodSync(made, shared);
  }
}

/** Opens a file that this user has made to whom its directory is for; another user's is left as it is. */
export function shareAsItsDirectory(path: string): void {
  const { mode, uid } = statSync(path);
  const wanted = modeIn(dirname(path), mode & 0o7777);
  if ((mode & 0o7777) !== wanted && uid === process.getuid?.()) chmodSync(path, wanted);
}

/** A shared directory's mode; null for one user's, and for one that is not there. */
function sharedMode(directory: string): number | null {
  try {
    const { mode } = statSync(directory);
    return mode & SET_GROUP && mode & GROUP_WRITES ? mode & 0o7777 : null;
  } catch (cause) {
    if (isMissingFile(cause)) return null;
    throw cause;
  }
}
