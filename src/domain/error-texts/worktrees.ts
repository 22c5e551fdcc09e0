import { type ErrorText, entry } from "./entry.ts";

/** Texts about worktrees. */
export const WORKTREE_TEXTS = {
  ADOPT_DETACHED: entry(
    1,
    () => "HEAD is detached here, so nobody can tell which branch this worktree is for. Nothing was changed.",
    () => "Put it on a branch, which it is for from then on: git switch -c <branch>",
  ),
} as const satisfies Record<string, ErrorText>;
