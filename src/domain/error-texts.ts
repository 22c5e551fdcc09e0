/**
 * Every text a user can meet in an error, in one table: what is wrong (one line), what to do next (one line), and the
 * exit code. Its parts stand in `error-texts/`, one file for each; features add their codes there and nowhere else.
 */
import type { ErrorText } from "./error-texts/entry.ts";
import { GITHUB_TEXTS } from "./error-texts/github.ts";
import { GUARD_TEXTS } from "./error-texts/guard.ts";
import { RECOVER_TEXTS } from "./error-texts/recover.ts";
import { REPOSITORY_TEXTS } from "./error-texts/repository.ts";
import { SESSION_TEXTS } from "./error-texts/sessions.ts";
import { SHIP_TEXTS } from "./error-texts/ship.ts";
import { SNAPSHOT_TEXTS } from "./error-texts/snapshots.ts";
import { USAGE_TEXTS } from "./error-texts/usage.ts";
import { WORKTREE_TEXTS } from "./error-texts/worktrees.ts";

export const ERROR_TEXTS = {
  ...USAGE_TEXTS,
  ...REPOSITORY_TEXTS,
  ...GUARD_TEXTS,
  ...SESSION_TEXTS,
  ...WORKTREE_TEXTS,
  ...GITHUB_TEXTS,
  ...SHIP_TEXTS,
  ...RECOVER_TEXTS,
  ...SNAPSHOT_TEXTS,
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof ERROR_TEXTS;
/** What the data of an error of that code holds at least. */
export type DataOf<C extends ErrorCode> = (typeof ERROR_TEXTS)[C] extends ErrorText<infer D> ? Readonly<D> : never;
export type { ErrorData } from "./error-texts/entry.ts";
