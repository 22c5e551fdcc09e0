import type { Command } from "commander";
import type { Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { STALE_AFTER_SECONDS } from "../domain/timing.ts";
import { sessionRow } from "../session/session-row.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace } from "./session-place.ts";

export function configure(command: Command): void {
  command.usage("[options]");
}

export async function run(context: CommandContext): Promise<CommandResult> {
  return inWorkplace(context, {}, async (place) => {
    const { exited, stale } = await place.store.cleanup(place.findGone(await place.store.listSessions()));
    const line = (why: string) => (session: Session) =>
      `Ended session ${shortSessionId(session.id)}${session.item === null ? "" : `, which held ${session.item}`}: ${why}.`;
    const lines = [
      ...exited.map(line("its process is gone")),
      ...stale.map(line(`no heartbeat for ${STALE_AFTER_SECONDS} s`)),
    ];
    return {
      json: {
        process_exit: exited.length,
        stale_cleanup: stale.length,
        sessions: [...exited, ...stale].map((session) => sessionRow(session, place.owner)),
      },
      text: lines.length === 0 ? "No stale session." : lines.join("\n"),
    };
  });
}
