/** Rows to domain values, column by column: the one place where the database's names meet the product's words. */
import type { BranchName, SessionId, WorkItemKey } from "../../domain/names.ts";
import type { LifecycleEvent, ProcessIdentity, ReleaseReason, Session, SessionStatus } from "../../domain/session.ts";
import type { Row } from "./connection.ts";

export const SESSION_COLUMNS = `session_id, repository, status, sd_id, claim_epoch, agent_session, terminal_id,
  terminal_identity, machine_id, tty, pid, pid_started_at, hostname, codebase, worktree, current_branch, heartbeat_at,
  claimed_at, created_at, released_at, released_reason, metadata`;

/** @param now ISO 8601 time by the store's clock, from which the heartbeat's age counts */
export function toSession(row: Row, now: string): Session {
  const heartbeatAt = String(row.heartbeat_at);
  return {
    id: String(row.session_id) as SessionId,
    repository: String(row.repository),
    status: String(row.status) as SessionStatus,
    item: text(row.sd_id) as WorkItemKey | null,
    claimEpoch: number(row.claim_epoch),
    owner: {
      agentSession: text(row.agent_session),
      process: toProcess(row),
      machineId: String(row.machine_id),
      terminal: { id: String(row.terminal_id), identity: String(row.terminal_identity), tty: text(row.tty) },
    },
    hostname: String(row.hostname),
    worktree: String(row.worktree),
    branch: text(row.current_branch) as BranchName | null,
    codebase: String(row.codebase),
    heartbeatAt,
    // A clock that was set back makes heartbeats of the future: they are as fresh as can be.
    heartbeatAgeSeconds: Math.max(0, Math.floor((Date.parse(now) - Date.parse(heartbeatAt)) / 1000)),
    claimedAt: text(row.claimed_at),
    createdAt: String(row.created_at),
    releasedAt: text(row.released_at),
    releasedReason: text(row.released_reason) as ReleaseReason | null,
    metadata: toObject(row.metadata),
  };
}

export function toLifecycleEvent(row: Row): LifecycleEvent {
  return {
    sessionId: text(row.session_id) as SessionId | null,
    type: String(row.event_type),
    data: toObject(row.event_data),
    at: String(row.occurred_at),
  };
}

function toProcess(row: Row): ProcessIdentity | null {
  const pid = number(row.pid);
  return pid === null ? null : { pid, startedAt: text(row.pid_started_at) };
}

function toObject(value: unknown): Record<string, unknown> {
  return JSON.parse(String(value)) as Record<string, unknown>;
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function number(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
