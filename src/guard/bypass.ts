import type { BulkheadError } from "../domain/error.ts";
import { printable } from "../domain/printable.ts";
import { appendBypass, type Bypass, readBypasses } from "../layout/bypass-log.ts";
import { appendEvent } from "../layout/event-spool.ts";
import type { Actor } from "./actor.ts";
import { callingGit } from "./calling-git.ts";
import { callingUser } from "./calling-user.ts";
import { tell } from "./tell.ts";

/** Process numbers come round again: an hour later it is another command. */
const SAME_COMMAND_MS = 3_600_000;

/** Whether an earlier hook of the same git command has put it on record. */
function isOnRecord(
  bypasses: readonly Bypass[],
  { pid, command, at }: Pick<Bypass, "pid" | "command" | "at">,
): boolean {
  const earliest = Date.parse(at) - SAME_COMMAND_MS;
  return bypasses.some((one) => one.pid === pid && one.command === command && Date.parse(one.at) > earliest);
}

/** The hook that is let pass. */
export interface BypassedHook {
  readonly hook: string;
  readonly commonDir: string;
  readonly topLevel: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whose command it is part of; null where that is not known. */
  readonly actor: Actor | null;
}

/**
 * `SKIP_BRANCH_GUARD`: lets it pass, says so and puts it on record, once for each git command. What cannot be recorded is
 * let pass all the same.
 */
export function bypass(error: BulkheadError, { hook, commonDir, topLevel, env, actor }: BypassedHook): void {
  const pid = env.BULKHEAD_GIT_PID ?? "";
  const at = new Date().toISOString();
  const command = printable((callingGit(pid) ?? ["git"]).join(" ")).slice(0, 500);
  if (isOnRecord(readBypasses(commonDir) ?? [], { pid, command, at })) return;
  const { code, message } = error;
  const user = callingUser(env);
  const recorded = appendBypass(commonDir, { at, user, hook, command, worktree: topLevel, code, message, pid });
  appendEvent(commonDir, {
    type: "guard_bypassed",
    at,
    worktree: topLevel,
    session: actor?.sessionId ?? null,
    data: { hook, code },
  });
  const passed = recorded ? "let pass and recorded" : "let pass, not recorded (this user may not write the log)";
  tell(`bulkhead: SKIP_BRANCH_GUARD is set: ${passed}. It would have been refused: ${message}`);
}
