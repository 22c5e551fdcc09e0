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

/** One session, whole: an expression over a row of `claude_sessions AS s`. */
export const SESSION_JSON = "bulkhead_session_json(s) AS session";

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
