import { type ErrorText, entry, text } from "./entry.ts";

/** Texts about the repository, git and files. */
export const REPOSITORY_TEXTS = {
  INTERNAL: entry<{ reason: string }>(
    3,
    (d) => `Bulkhead met an error that it did not expect: ${text(d.reason)}`,
    () => "Run it again with BULKHEAD_DEBUG=1 and report what it prints.",
  ),
  INTERRUPTED: entry(
    3,
    () => "Interrupted. What was under way was ended.",
    () => "Run the same command again: it finishes or undoes what was left half done.",
  ),
  NOT_A_REPOSITORY: entry<{ directory: string }>(
    3,
    (d) => `${text(d.directory)} is not inside a git repository.`,
    () => "Change to a repository, or name one with -C <dir>.",
  ),
  NO_SUCH_DIRECTORY: entry<{ directory: string }>(
    3,
    (d) => `The directory ${text(d.directory)} does not exist or cannot be entered.`,
    () => "Check the path given with -C.",
  ),
  BARE_REPOSITORY: entry<{ directory: string }>(
    3,
    (d) => `${text(d.directory)} is no worktree, but a bare repository or a git directory.`,
    () => "Run this inside a clone or one of its worktrees.",
  ),
  UNBORN_BRANCH: entry<{ branch: string }>(
    3,
    (d) => `The branch '${text(d.branch)}' has no commit yet.`,
    () => "Make a first commit, then try again.",
  ),
  NO_REMOTE: entry<{ remote: string }>(
    3,
    (d) => `This repository has no remote named '${text(d.remote)}'.`,
    (d) => `Nothing was changed. Add one: git remote add ${text(d.remote)} <url>`,
  ),
  GIT_MISSING: entry(
    3,
    () => "git could not be started.",
    () => "Install git 2.38 or newer and make sure that it is on the PATH.",
  ),
  GIT_FAILED: entry<{ command: string; reason: string }>(
    3,
    (d) => `git ${text(d.command)} failed: ${text(d.reason)}`,
    () => "Nothing after that step was done. Fix what git names, then run the command again.",
  ),
  FILE_FAILED: entry<{ path: string; action: string; reason: string }>(
    3,
    (d) => `${text(d.path)} could not be ${text(d.action)}: ${text(d.reason)}`,
    () => "Check the file's permissions and the free space, then run the command again.",
  ),
} as const satisfies Record<string, ErrorText>;
