import type { Command } from "commander";
import { BulkheadError } from "../domain/error.ts";
import { parseSessionId, type SessionId } from "../domain/names.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { readCurrentBranch } from "../git/head-file.ts";
import { findWorktreeSession, namedSession } from "../session/own-session.ts";
import { sendHeartbeat } from "../session/send-heartbeat.ts";
import type { Workplace } from "../session/workplace.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace, type OwnerOptions, withOwnerOptions } from "./session-place.ts";

export function configure(command: Command): void {
  withOwnerOptions(command.argument("[session]", "a session's id; otherwise this worktree's session")).usage(
    "[session] [options]",
  );
}

export async function run(
  context: CommandContext,
  [given]: readonly (string | string[] | undefined)[],
  options: OwnerOptions,
): Promise<CommandResult> {
  const id = given === undefined ? null : parseSessionId(String(given));
  return inWorkplace(context, options, async (place) => {
    const session = id ?? (await worktreeSession(place));
    const outcome = await beat(place, session, id === null);
    switch (outcome.kind) {
      case "session_not_found":
        throw new BulkheadError("SESSION_NOT_FOUND", { session: shortSessionId(session) });
      case "session_released": {
        const { releasedReason, releasedAt } = outcome.session;
        const data = { session: shortSessionId(session), released_reason: releasedReason, released_at: releasedAt };
        throw new BulkheadError("SESSION_RELEASED", data);
      }
      default: {
        const { heartbeatAt, branch, item } = outcome.session;
        return {
          json: { success: true, heartbeat_at: heartbeatAt, current_branch: branch, sd_id: item },
          text: `Heartbeat at ${heartbeatAt} on ${branch === null ? "no known branch" : `'${branch}'`}.`,
        };
      }
    }
  });
}

/** The worktree's session, also one that has ended, so that its owner learns of it. */
async function worktreeSession(place: Workplace): Promise<SessionId> {
  const found = findWorktreeSession(place, await place.store.listSessions())?.id ?? namedSession(place);
  if (found === null) throw new BulkheadError("NO_SESSION", { worktree: place.topLevel });
  return found;
}

async function beat(place: Workplace, session: SessionId, here: boolean) {
  if (!here) return sendHeartbeat(session, place.topLevel);
  return place.store.updateHeartbeat(session, await readCurrentBranch(place));
}
