import { typed } from "../invocation.ts";
import { type ErrorText, entry, list, quoteWord, text } from "./entry.ts";

/** Texts about worktrees. */
export const WORKTREE_TEXTS = {
  ADOPT_DETACHED: entry(
    1,
    () => "HEAD is detached here, so nobody can tell which branch this worktree is for. Nothing was changed.",
    () => "Put it on a branch, which it is for from then on: git switch -c <branch>",
  ),
  BRANCH_IN_USE: entry<{ branch: string; worktree: string }>(
    1,
    (d) => `Branch already used by worktree: '${text(d.branch)}' is checked out in ${text(d.worktree)}.`,
    () => "Nothing was changed. Work there, or name another branch with --branch.",
  ),
  BRANCH_CLASH: entry<{ branch: string; other: string }>(
    1,
    (d) => `The branch '${text(d.branch)}' cannot stand beside '${text(d.other)}'. Nothing was changed.`,
    () => "Names must differ in more than case, and none may be another's directory. Name one with --branch.",
  ),
  WORKTREE_PATH_TAKEN: entry<{ path: string; what: string }>(
    1,
    (d) => `${text(d.path)} is taken by a ${text(d.what)} that is no worktree of this clone. Nothing was changed.`,
    () => "Move it away, then run the command again.",
  ),
  WORKTREE_OTHER_BRANCH: entry<{ path: string; actual: string; expected: string }>(
    1,
    (d) =>
      `${text(d.path)} is there, but ${d.actual ? `on '${text(d.actual)}'` : "with a detached HEAD"}, not on '${text(d.expected)}'. Nothing was changed.`,
    (d) =>
      `Go back in it (git switch ${quoteWord(d.expected)}), or save it and make it anew: the same command with --force.`,
  ),
  WORKTREE_NAMESAKE: entry<{ name: string; other: string }>(
    1,
    (d) => `'${text(d.name)}' differs only in case from the worktree '${text(d.other)}'. Nothing was changed.`,
    (d) => `Use that one, or another name: many disks cannot hold both. It is ${text(d.other)}.`,
  ),
  WORKTREE_BUSY: entry<{ pid?: number; host?: string; what?: string }>(
    1,
    (d) => `Another command is at work on this worktree (process ${text(d.pid)} on ${text(d.host)}: ${text(d.what)}).`,
    () => "Nothing was changed. Wait for it, then run the command again.",
  ),
  WORKTREE_IN_USE_HERE: entry<{ path: string | null; details: readonly string[] }>(
    1,
    (d) => `${text(d.path)} is in use: ${list(d.details)}. Nothing was changed.`,
    () => "End what works there, then run the command again.",
  ),
  WORKTREE_NOT_FOUND: entry<{ name: string }>(
    1,
    (d) => `There is no worktree for '${text(d.name)}'.`,
    () => `See those that there are: ${typed("worktree --list")}`,
  ),
  NOT_IN_TRASH: entry<{ name: string }>(
    1,
    (d) => `No removed worktree of '${text(d.name)}' is kept. Nothing was changed.`,
    () => `See what is kept: ${typed("worktree --trash")}`,
  ),
  NO_BASE: entry<{ branch: string }>(
    1,
    (d) => `Nothing tells what '${text(d.branch)}' should start from: the base branch is not known here.`,
    () => "Nothing was changed. Name it with --base <ref>, or set it: git config bulkhead.base <branch>",
  ),
  BASE_NOT_FOUND: entry<{ base: string }>(
    1,
    (d) => `'${text(d.base)}' names no commit here, nor a branch of the remote. Nothing was changed.`,
    () => "Name a branch, a tag or a commit with --base.",
  ),
  WORKTREE_NOT_MADE: entry<{ path: string; reason: string; left?: string }>(
    3,
    (d) => `The worktree ${text(d.path)} could not be made: ${text(d.reason)}`,
    (d) =>
      d.left === undefined
        ? "Nothing of it was left behind. Fix what is named, then run the command again."
        : `What is left of it is kept in ${text(d.left)}. Fix what is named, then run the command again.`,
  ),
  WORKTREE_NOT_RESTORED: entry<{ name: string; reason: string }>(
    1,
    (d) => `The removed worktree '${text(d.name)}' cannot be brought back: ${text(d.reason)}`,
    () => "It is kept as it is. Clear the way, then run the command again.",
  ),
} as const satisfies Record<string, ErrorText>;
