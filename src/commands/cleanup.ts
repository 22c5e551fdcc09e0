import { type CleanupDocument, cleanup } from "../app/cleanup.ts";
import { STALE_AFTER_SECONDS } from "../domain/timing.ts";
import { defineCommand } from "./command.ts";
import { shortId } from "./short-id.ts";

export const command = defineCommand({
  examples: [["cleanup", "release what dead sessions hold, now"]],
  configure(command) {
    command.usage("[options]");
  },
  input: () => ({}),
  run: cleanup,
  text: textOf,
});

function textOf({ sessions }: CleanupDocument): string {
  if (sessions.length === 0) return "No stale session.";
  return sessions
    .map((session) => {
      const held = session.sd_id === null ? "" : `, which held ${session.sd_id}`;
      const gone = session.released_reason === "process_exit";
      const why = gone ? "its process is gone" : `no heartbeat for ${STALE_AFTER_SECONDS} s`;
      return `Ended session ${shortId(session)}${held}: ${why}.`;
    })
    .join("\n");
}
