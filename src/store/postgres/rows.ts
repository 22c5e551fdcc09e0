/** Rows as PostgreSQL's functions give them (JSON, by column name) to domain values. */
import type { BranchName, SessionId, WorkItemKey } from "../../domain/names.ts";
import type {
  LifecycleEvent,
  Owner,
  Registration,
  ReleaseReason,
  Session,
  SessionStatus,
} from "../../domain/session.ts";
import type { Row } from "./connection.ts";

/**
 * Whether the server has been down since a row was made: no beat could reach it then, so the time before its start says
 * nothing of a session's life. (A clock that stands before the start is a test's own.)
 */
const WAS_DOWN = "s.created_at < pg_postmaster_start_time() AND pg_postmaster_start_time() <= bulkhead_now()";

/** Seconds since the server started, by the store's clock. */
const UPTIME = "FLOOR(EXTRACT(EPOCH FROM bulkhead_now() - pg_postmaster_start_time()))::integer";

/** One session, whole: an expression over a row of `claude_sessions AS s`. */
export const SESSION_JSON = `bulkhead_session_json(s) || CASE WHEN ${WAS_DOWN}
  THEN jsonb_build_object('heartbeat_age_seconds', LEAST(bulkhead_age_seconds(s.heartbeat_at), ${UPTIME}))
  ELSE '{}' END AS session`;

/**
 * Heartbeats from before this moment are stale. While a server that was down has not been up for as long as makes a session
 * stale, none is. @param seconds after which a session is stale
 */
export function staleBefore(seconds: number, repository: string): string {
  return `CASE WHEN ${UPTIME} < ${seconds} AND EXISTS (SELECT 1 FROM claude_sessions AS s
      WHERE repository = ${repository} AND status <> 'released' AND ${WAS_DOWN})
    THEN '-infinity'::timestamptz ELSE bulkhead_now() - make_interval(secs => ${seconds}) END`;
}

export function toSession(row: Row): Session {
  const pid = row.pid === null ? null : Number(row.pid);
  return {
    id: String(row.session_id) as SessionId,
    repository: String(row.repository),
    status: String(row.status) as SessionStatus,
    item: text(row.sd_id) as WorkItemKey | null,
    claimEpoch: row.claim_epoch === null ? null : Number(row.claim_epoch),
    owner: {
      agentSession: text(row.agent_session),
      process: pid === null ? null : { pid, startedAt: text(row.pid_started_at) },
      machineId: text(row.machine_id) ?? "",
      terminal: {
        id: text(row.terminal_id) ?? "",
        identity: text(row.terminal_identity) ?? "",
        tty: text(row.tty),
      },
    },
    hostname: text(row.hostname) ?? "",
    worktree: text(row.worktree) ?? "",
    branch: text(row.current_branch) as BranchName | null,
    codebase: text(row.codebase) ?? "",
    heartbeatAt: time(row.heartbeat_at) ?? "",
    heartbeatAgeSeconds: Number(row.heartbeat_age_seconds),
    claimedAt: time(row.claimed_at),
    createdAt: time(row.created_at) ?? "",
    releasedAt: time(row.released_at),
    releasedReason: text(row.released_reason) as ReleaseReason | null,
    metadata: row.metadata as Record<string, unknown>,
  };
}

export function toSessionOrNull(row: unknown): Session | null {
  return row === null || row === undefined ? null : toSession(row as Row);
}

export function toLifecycleEvent(row: Row): LifecycleEvent {
  return {
    sessionId: text(row.session_id) as SessionId | null,
    type: String(row.event_type),
    data: row.event_data as Record<string, unknown>,
    at: time(row.occurred_at) ?? "",
  };
}

export function fromOwner({ agentSession, process, machineId, terminal }: Owner): Record<string, unknown> {
  return {
    agent_session: agentSession,
    pid: process?.pid ?? null,
    pid_started_at: process?.startedAt ?? null,
    machine_id: machineId,
    terminal_id: terminal.id,
    terminal_identity: terminal.identity,
    tty: terminal.tty,
  };
}

export function fromRegistration(registration: Registration): Record<string, unknown> {
  const { owner, hostname, worktree, branch, codebase, metadata = {} } = registration;
  return { ...fromOwner(owner), hostname, worktree, branch, codebase, metadata };
}

export function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** ISO 8601 in UTC with milliseconds, as everywhere. */
export function time(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return (value instanceof Date ? value : new Date(String(value))).toISOString();
}
