import { typed } from "../invocation.ts";
import { type ErrorText, entry, text } from "./entry.ts";

/** Texts of wrong usage. */
export const USAGE_TEXTS = {
  USAGE: entry<{ reason: string; command?: string }>(
    2,
    (d) => text(d.reason),
    (d) => `Run: ${typed(d.command ? `help ${text(d.command)}` : "help")}`,
  ),
  INVALID_BRANCH_NAME: entry<{ name: string }>(
    2,
    (d) => `'${text(d.name)}' is not a valid branch name.`,
    () => "Use a name that `git check-ref-format --branch <name>` accepts.",
  ),
  INVALID_COMMIT: entry<{ name: string }>(
    2,
    (d) => `'${text(d.name)}' is not a commit name.`,
    () => `Give a commit hash, as \`git log\` or \`${typed("recover")}\` prints it.`,
  ),
  INVALID_SESSION_ID: entry<{ name: string }>(
    2,
    (d) => `'${text(d.name)}' is not a session id.`,
    () => `Take the id from \`${typed("sessions --all")}\`.`,
  ),
  INVALID_WORK_ITEM: entry<{ name: string }>(
    2,
    (d) => `'${text(d.name)}' is not a work item key.`,
    () => "Use letters, digits, '.', '_' and '-' only, at most 128, starting with a letter or digit.",
  ),
  INVALID_SETTING: entry<{ setting: string; value: string; source: string; expected: string }>(
    2,
    (d) =>
      `The setting ${text(d.setting)} is '${text(d.value)}' (from ${text(d.source)}), which is not ${text(d.expected)}.`,
    (d) => `Correct it where it comes from: ${text(d.source)}.`,
  ),
} as const satisfies Record<string, ErrorText>;
