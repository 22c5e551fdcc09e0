import type { SessionId } from "../../domain/names.ts";
import type { LifecycleEvent, SessionMetrics } from "../../domain/session.ts";
import { STALE_AFTER_SECONDS } from "../../domain/timing.ts";
import type { EventFilter, NewEvent } from "../session-store.ts";
import { toLifecycleEvent } from "./rows.ts";
import { type NamedTransaction, recordEvent, type Transaction } from "./transaction.ts";

const DEFAULT_LIMIT = 50;

/**
 * Records an event, finding its session by the worktree where no id is given. A branch switch that is newer than
 * the session's last heartbeat goes into the session's row too.
 */
export function recordWorktreeEvent(tx: NamedTransaction, event: NewEvent): boolean {
  const { worktree, ...rest } = event;
  const at = event.at ?? tx.now;
  const here = worktree === undefined ? event.sessionId : sessionAt(tx, worktree, at);
  const recorded = recordEvent(tx, { ...rest, sessionId: event.sessionId ?? here });
  const { to } = event.data;
  if (recorded && event.type === "branch_changed" && here !== null && (typeof to === "string" || to === null)) {
    tx.connection.run(
      `UPDATE claude_sessions SET current_branch = :to
       WHERE session_id = :here AND status <> 'released' AND heartbeat_at <= :at`,
      { to, here, at },
    );
  }
  return recorded;
}

/** The session that was at work in the worktree at that time; of several the one that was heard of last. */
function sessionAt(tx: Transaction, worktree: string, at: string): SessionId | null {
  const row = tx.connection.get(
    `SELECT session_id FROM claude_sessions
     WHERE worktree = :worktree AND created_at <= :at AND (status <> 'released' OR released_at >= :at)
     ORDER BY heartbeat_at DESC LIMIT 1`,
    { worktree, at },
  );
  return row === undefined ? null : (String(row.session_id) as SessionId);
}

export function listEvents(tx: Transaction, filter: EventFilter): LifecycleEvent[] {
  const rows = tx.connection.all(
    `SELECT session_id, event_type, event_data, occurred_at FROM session_lifecycle_events
     WHERE (:sessionId IS NULL OR session_id = :sessionId)
       AND (:types IS NULL OR event_type IN (SELECT value FROM json_each(:types)))
       AND (:since IS NULL OR occurred_at > :since)
     ORDER BY occurred_at DESC, id DESC LIMIT :limit`,
    {
      sessionId: filter.sessionId ?? null,
      types: filter.types === undefined ? null : JSON.stringify(filter.types),
      since: filter.withinSeconds === undefined ? null : before(tx.now, filter.withinSeconds),
      limit: filter.limit ?? DEFAULT_LIMIT,
    },
  );
  return rows.map(toLifecycleEvent);
}

export function readMetrics(tx: Transaction): SessionMetrics {
  const row = tx.connection.get(
    `SELECT
       COUNT(*) FILTER (WHERE created_at > :day) AS total,
       COUNT(*) FILTER (WHERE status = 'active' AND heartbeat_at > :stale) AS active,
       COUNT(*) FILTER (WHERE status <> 'released' AND heartbeat_at <= :stale) AS stale,
       AVG(unixepoch(:now, 'subsec') - unixepoch(heartbeat_at, 'subsec'))
         FILTER (WHERE status = 'active' AND heartbeat_at > :stale) AS average_age,
       COUNT(*) FILTER (WHERE released_at > :day AND released_reason = 'graceful_exit') AS graceful,
       COUNT(*) FILTER (WHERE released_at > :day AND released_reason = 'stale_cleanup') AS cleaned,
       COUNT(*) FILTER (WHERE released_at > :day AND released_reason = 'new_session_same_terminal') AS replaced
     FROM claude_sessions
     WHERE status <> 'released' OR released_at > :day OR created_at > :day`,
    { now: tx.now, day: before(tx.now, 86_400), stale: before(tx.now, STALE_AFTER_SECONDS) },
  );
  const count = (column: string) => Number(row?.[column] ?? 0);
  const age = row?.average_age;
  return {
    total: count("total"),
    active: count("active"),
    stale: count("stale"),
    averageHeartbeatAge: age === null || age === undefined ? null : Math.max(0, Math.round(Number(age) * 10) / 10),
    gracefulExits: count("graceful"),
    staleCleanups: count("cleaned"),
    terminalReplacements: count("replaced"),
  };
}

/** The time so many seconds earlier. */
function before(now: string, seconds: number): string {
  return new Date(Date.parse(now) - seconds * 1000).toISOString();
}
