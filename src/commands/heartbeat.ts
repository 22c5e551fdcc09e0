import { type HeartbeatDocument, heartbeat } from "../app/heartbeat.ts";
import { parseSessionId } from "../domain/names.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";

export const command = defineCommand({
  examples: [["heartbeat", "this worktree's session is alive"]],
  configure(command) {
    const what = "a session's id or the start of it; otherwise this worktree's session";
    withOwnerOptions(command.argument("[session]", what)).usage("[session] [options]");
  },
  input: ([given], options: OwnerOptions) => ({
    ...ownerOf(options),
    // Others' sessions are shown cut short: the start of an id must do.
    session: given === undefined ? null : parseSessionId(String(given).replace(/…$/, "")),
  }),
  run: heartbeat,
  text: ({ heartbeat_at: at, current_branch: branch }: HeartbeatDocument) =>
    `Heartbeat at ${at} on ${branch === null ? "no known branch" : `'${branch}'`}.`,
});
