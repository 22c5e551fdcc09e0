import { typed } from "../invocation.ts";
import { type ErrorText, entry, text } from "./entry.ts";

/** Texts of recover. */
export const RECOVER_TEXTS = {
  AMBIGUOUS_COMMIT: entry<{ name: string; commits: readonly string[] }>(
    2,
    (d) => `'${text(d.name)}' is the beginning of more than one commit: ${[d.commits].flat().map(text).join(", ")}.`,
    () => "Nothing was changed. Give more digits of the one that you mean.",
  ),
  NOT_A_COMMIT: entry<{ name: string; type: string }>(
    2,
    (d) => `'${text(d.name)}' names a ${text(d.type)}, not a commit.`,
    () => `Nothing was changed. Take the hash from \`${typed("recover")}\`.`,
  ),
  COMMIT_NOT_FOUND: entry<{ name: string }>(
    3,
    (d) => `This repository has no commit '${text(d.name)}': it was never here, or git has deleted it.`,
    () =>
      `Nothing was changed. \`${typed("recover --all --deep")}\` lists every commit that can still be brought back.`,
  ),
  NO_BASE_FOR_STASH: entry<{ short: string }>(
    1,
    (d) => `${text(d.short)} starts a history of its own: there is nothing that a stash of it could be applied to.`,
    (d) => `Nothing was changed. Make a branch: ${typed(`recover --recover ${text(d.short)}`)}`,
  ),
  SCHEDULER_MISSING: entry<{ command: string }>(
    3,
    () => "Neither systemd (for this user) nor cron is at work here, so nothing was scheduled.",
    (d) => `Let whatever starts programs here run: ${text(d.command)}`,
  ),
  SCHEDULER_FAILED: entry<{ command: string; reason: string }>(
    3,
    (d) => `${text(d.command)} failed: ${text(d.reason)}`,
    () => `What was set up before that step is still there; \`${typed("recover schedule remove")}\` takes it back.`,
  ),
  RECOVER_BUSY: entry<{ what?: string; pid?: number }>(
    1,
    (d) => `Another process brings commits back here: ${text(d.what)} (process ${text(d.pid)}).`,
    () => "Nothing was changed. Run the command again when it is done.",
  ),
} as const satisfies Record<string, ErrorText>;
