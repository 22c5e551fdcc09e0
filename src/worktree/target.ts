import { basename, dirname, join } from "node:path";
import { type BranchName, parseBranchName, type WorkItemKey } from "../domain/names.ts";

/** What a worktree is for: a work item, or a session that somebody named. Both are names of directories. */
export interface Target {
  readonly kind: "item" | "session";
  readonly name: WorkItemKey;
}

/** Directories, under the main checkout, that hold the worktrees of each kind. */
const ROOMS = { item: ".worktrees", session: ".sessions" } as const;

/** Where the worktree of a target belongs. @param root the directory that holds the clone's worktrees */
export function placeOf(root: string, { kind, name }: Target): string {
  return join(root, ROOMS[kind], name);
}

/** The directories in which a clone's worktrees belong. */
export function roomsOf(root: string): string[] {
  return Object.values(ROOMS).map((room) => join(root, room));
}

/**
 * The directory that holds a clone's worktrees: its main checkout. A bare clone has none: there it is the directory that
 * holds `.bare` or `.git`, and a bare repository with a name of its own keeps them itself.
 */
export function worktreesRoot(mainTop: string, commonDir: string, bare: boolean): string {
  if (!bare) return mainTop;
  return [".bare", ".git"].includes(basename(commonDir)) ? dirname(commonDir) : commonDir;
}

/** The branch that a target's work is on unless told. */
export function defaultBranch({ name }: Target): BranchName {
  return parseBranchName(`feat/${name}`);
}

/** The words that name a target on a command line. */
export function targetWords({ kind, name }: Target): string {
  return kind === "item" ? `--sd-key ${name}` : `--session ${name}`;
}
