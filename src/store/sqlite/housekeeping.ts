/** What is done to many rows at once: the keeper's heartbeats, and the archive. */
import type { SessionId } from "../../domain/names.ts";
import type { Beat, BeatOutcome, Pruned } from "../session-store.ts";
import type { Transaction } from "./transaction.ts";

const BEATS = `WITH beats AS (
  SELECT value ->> 'sessionId' AS id, value ->> 'branch' AS branch, json_type(value, '$.branch') IS NOT NULL AS tells
  FROM json_each(:beats))`;

/** One heartbeat for each session that has not ended; a branch that changed is noted. */
export function beatMany(tx: Transaction, beats: readonly Beat[]): BeatOutcome[] {
  const parameters = { beats: JSON.stringify(beats), now: tx.now };
  const found = tx.connection.all(
    `${BEATS} SELECT beats.id, session.status FROM beats LEFT JOIN claude_sessions AS session ON session_id = beats.id`,
    { beats: parameters.beats },
  );
  tx.connection.run(
    `${BEATS}
     INSERT INTO session_lifecycle_events (repository, session_id, event_type, event_data, occurred_at)
     SELECT repository, session_id, 'branch_changed', json_object('from', current_branch, 'to', branch), :now
     FROM beats JOIN claude_sessions ON session_id = id
     WHERE status <> 'released' AND tells AND current_branch IS NOT branch`,
    parameters,
  );
  tx.connection.run(
    `${BEATS}
     UPDATE claude_sessions SET heartbeat_at = :now, current_branch = CASE WHEN tells THEN branch ELSE current_branch END
     FROM beats WHERE session_id = id AND status <> 'released'`,
    parameters,
  );
  return found.map((row) => ({ sessionId: String(row.id) as SessionId, kind: outcomeOf(row.status) }));
}

function outcomeOf(status: unknown): BeatOutcome["kind"] {
  if (status === null || status === undefined) return "session_not_found";
  return status === "released" ? "session_released" : "beaten";
}

/** Moves what ended or happened before so many days into the archive. */
export function prune(tx: Transaction, days: number, batch: number): Pruned {
  const before = new Date(Date.parse(tx.now) - days * 86_400_000).toISOString();
  const parameters = { before, batch, now: tx.now };
  const move = (kind: string, table: string, key: string, old: string, columns: string): number => {
    const chosen = `SELECT ${key} FROM ${table} WHERE ${old} LIMIT :batch`;
    tx.connection.run(
      `INSERT INTO bulkhead_archive (kind, content, archived_at)
       SELECT '${kind}', json_object(${columns}), :now FROM ${table} WHERE ${key} IN (${chosen})`,
      parameters,
    );
    return tx.connection.run(`DELETE FROM ${table} WHERE ${key} IN (${chosen})`, { before, batch });
  };
  return {
    sessions: move(
      "session",
      "claude_sessions",
      "session_id",
      "status = 'released' AND released_at < :before ORDER BY released_at, session_id",
      `'session_id', session_id, 'repository', repository, 'agent_session', agent_session, 'terminal_id', terminal_id,
       'terminal_identity', terminal_identity, 'machine_id', machine_id, 'tty', tty, 'pid', pid,
       'pid_started_at', pid_started_at, 'hostname', hostname, 'codebase', codebase, 'worktree', worktree,
       'current_branch', current_branch, 'heartbeat_at', heartbeat_at, 'claimed_at', claimed_at,
       'created_at', created_at, 'released_at', released_at, 'released_reason', released_reason,
       'metadata', json(metadata)`,
    ),
    events: move(
      "event",
      "session_lifecycle_events",
      "id",
      "occurred_at < :before ORDER BY occurred_at, id",
      `'event_id', event_id, 'repository', repository, 'session_id', session_id, 'event_type', event_type,
       'event_data', json(event_data), 'occurred_at', occurred_at`,
    ),
  };
}
