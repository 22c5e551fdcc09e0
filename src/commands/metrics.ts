import type { Command } from "commander";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace } from "./session-place.ts";
import { formatTable } from "./table.ts";

export function configure(command: Command): void {
  command.usage("[options]");
}

export async function run(context: CommandContext): Promise<CommandResult> {
  return inWorkplace(context, {}, async ({ store }) => {
    const metrics = await store.metrics();
    const json = {
      total_sessions: metrics.total,
      active_sessions: metrics.active,
      stale_sessions: metrics.stale,
      avg_heartbeat_age: metrics.averageHeartbeatAge,
      graceful_exits: metrics.gracefulExits,
      stale_cleanups: metrics.staleCleanups,
      terminal_replacements: metrics.terminalReplacements,
    };
    return { json, text: formatTable(Object.entries(json).map(([name, value]) => [name, String(value ?? "-")])) };
  });
}
