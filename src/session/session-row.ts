import type { ErrorData } from "../domain/error.ts";
/** Sessions in the wire's names, for `--json` and for the data of errors. */
import { isSameOwner } from "../domain/owner.ts";
import type { Owner, ReleaseReason, Session, SessionStatus } from "../domain/session.ts";
import {
  ageInWords,
  type ComputedStatus,
  computedStatus,
  type SessionHealth,
  secondsUntilStale,
  sessionHealth,
  shortSessionId,
} from "../domain/session-health.ts";

/** A session in the wire's names. Times are ISO 8601, ages in seconds. */
export interface SessionRow {
  /** In full only for the viewer's own session. */
  readonly session_id: string;
  readonly sd_id: string | null;
  readonly claim_epoch: number | null;
  readonly status: SessionStatus;
  readonly computed_status: ComputedStatus;
  readonly health_status: SessionHealth;
  readonly current_branch: string | null;
  readonly worktree: string;
  readonly hostname: string;
  readonly tty: string | null;
  readonly terminal_id: string;
  readonly terminal_identity: string;
  readonly pid: number | null;
  readonly codebase: string;
  readonly heartbeat_at: string;
  readonly heartbeat_age_seconds: number;
  readonly heartbeat_age_human: string;
  readonly seconds_until_stale: number;
  readonly claimed_at: string | null;
  readonly created_at: string;
  readonly released_at: string | null;
  readonly released_reason: ReleaseReason | null;
  /** Whether it is the viewer's. */
  readonly own: boolean;
}

/** A session as one viewer may see it: the full id only of sessions that are the viewer's own. */
export function sessionRow(session: Session, viewer: Owner): SessionRow {
  const age = session.heartbeatAgeSeconds;
  const own = isSameOwner(session.owner, viewer);
  return {
    session_id: own ? session.id : shortSessionId(session.id),
    sd_id: session.item,
    claim_epoch: session.claimEpoch,
    status: session.status,
    computed_status: computedStatus(session),
    health_status: sessionHealth(age),
    current_branch: session.branch,
    worktree: session.worktree,
    hostname: session.hostname,
    tty: session.owner.terminal.tty,
    terminal_id: session.owner.terminal.id,
    terminal_identity: session.owner.terminal.identity,
    pid: session.owner.process?.pid ?? null,
    codebase: session.codebase,
    heartbeat_at: session.heartbeatAt,
    heartbeat_age_seconds: age,
    heartbeat_age_human: ageInWords(age),
    seconds_until_stale: secondsUntilStale(age),
    claimed_at: session.claimedAt,
    created_at: session.createdAt,
    released_at: session.releasedAt,
    released_reason: session.releasedReason,
    own,
  };
}

/** Who stands in the way, in the wire's names. */
export interface HolderData extends ErrorData {
  readonly claimed_by: string;
  readonly held_sd_id: string | null;
  readonly hostname: string;
  readonly tty: string | null;
  readonly current_branch: string | null;
  readonly worktree: string;
  readonly heartbeat_age_seconds: number;
  readonly heartbeat_age_human: string;
}

/** Who stands in the way, for the data of a refusal. */
export function holderData(holder: Session): HolderData {
  return {
    claimed_by: shortSessionId(holder.id),
    held_sd_id: holder.item,
    hostname: holder.hostname,
    tty: holder.owner.terminal.tty,
    current_branch: holder.branch,
    worktree: holder.worktree,
    heartbeat_age_seconds: holder.heartbeatAgeSeconds,
    heartbeat_age_human: ageInWords(holder.heartbeatAgeSeconds),
  };
}
