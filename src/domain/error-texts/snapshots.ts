import { typed } from "../invocation.ts";
import { type ErrorText, entry, text } from "./entry.ts";

/** Texts of snapshots. */
export const SNAPSHOT_TEXTS = {
  NO_SUCH_SNAPSHOT: entry<{ name: string; matches: readonly string[] }>(
    2,
    (d) =>
      [d.matches].flat().length === 0
        ? `There is no snapshot '${text(d.name)}' in this clone.`
        : `'${text(d.name)}' names more than one snapshot: ${[d.matches].flat().map(text).join(", ")}.`,
    () => `Nothing was changed. \`${typed("snapshot list --all")}\` lists them.`,
  ),
  NO_SNAPSHOT_YET: entry<{ worktree: string }>(
    3,
    (d) => `No snapshot was ever taken of ${text(d.worktree)}, or all of them are too old.`,
    () =>
      `Nothing was changed. Take one: ${typed("snapshot")}. Those of other worktrees: ${typed("snapshot list --all")}.`,
  ),
  SNAPSHOT_HAS_NOT: entry<{ snapshot: string; path: string }>(
    2,
    (d) => `The snapshot ${text(d.snapshot)} has no file '${text(d.path)}'.`,
    (d) => `Nothing was changed. What it has: ${typed(`snapshot show ${text(d.snapshot)}`)}`,
  ),
  SNAPSHOT_IN_THE_WAY: entry<{ path: string }>(
    1,
    (d) => `'${text(d.path)}' is something else here than in the snapshot, and would be lost.`,
    () => "Nothing was changed. Move it away, or restore into a new directory: leave --here out.",
  ),
  SNAPSHOT_OF_OTHER_WORKTREE: entry<{ snapshot: string; worktree: string }>(
    1,
    (d) => `The snapshot ${text(d.snapshot)} is of another worktree: ${text(d.worktree)}.`,
    () => "Nothing was changed. Restore into a new directory (without --here), or name the files: --here -- <path>.",
  ),
  DIRECTORY_TAKEN: entry<{ path: string }>(
    1,
    (d) => `${text(d.path)} is there already.`,
    () => "Nothing was changed. Name a new directory: --to <directory>.",
  ),
  BRANCH_TAKEN: entry<{ branch: string }>(
    1,
    (d) => `There is a branch '${text(d.branch)}' already.`,
    () => "Nothing was changed. Name another: --branch <branch>.",
  ),
} as const satisfies Record<string, ErrorText>;
