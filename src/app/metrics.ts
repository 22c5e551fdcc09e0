import type { Clone } from "./clone.ts";
import { openWorkplace } from "./workplace.ts";

/** Counts over the last 24 hours, by the names of the view `v_session_metrics`. */
export interface MetricsDocument {
  readonly total_sessions: number;
  readonly active_sessions: number;
  readonly stale_sessions: number;
  /** Seconds, over active sessions; null when there are none. */
  readonly avg_heartbeat_age: number | null;
  readonly graceful_exits: number;
  readonly stale_cleanups: number;
  readonly terminal_replacements: number;
}

export async function metrics(clone: Clone): Promise<MetricsDocument> {
  const counted = await (await openWorkplace(clone, {})).store.metrics();
  return {
    total_sessions: counted.total,
    active_sessions: counted.active,
    stale_sessions: counted.stale,
    avg_heartbeat_age: counted.averageHeartbeatAge,
    graceful_exits: counted.gracefulExits,
    stale_cleanups: counted.staleCleanups,
    terminal_replacements: counted.terminalReplacements,
  };
}
