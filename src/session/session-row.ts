import type { ErrorData } from "../domain/error.ts";
/** Sessions in the wire's names, for `--json` and for the data of errors. */
import { type Life, type LifeSignal, lastSignAge } from "../domain/liveness.ts";
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
import type { LifeView } from "./look.ts";

/** A session in the wire's names. Times are ISO 8601, ages in seconds. */
export interface SessionRow extends LifeColumns {
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
export function sessionRow(session: Session, viewer: Owner, life?: LifeView): SessionRow {
  const age = session.heartbeatAgeSeconds;
  const own = isSameOwner(session.owner, viewer);
  return {
    session_id: own ? session.id : shortSessionId(session.id),
    sd_id: session.item,
    claim_epoch: session.claimEpoch,
    status: session.status,
    computed_status: computedStatus(session),
    health_status: life === undefined ? sessionHealth(age) : healthOf(life),
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
    ...lifeColumns(life),
    own,
  };
}

/** Who stands in the way, in the wire's names. */
export interface HolderData extends ErrorData, Partial<LifeColumns> {
  readonly claimed_by: string;
  readonly held_sd_id: string | null;
  readonly hostname: string;
  readonly tty: string | null;
  readonly current_branch: string | null;
  readonly worktree: string;
  readonly heartbeat_age_seconds: number;
  readonly heartbeat_age_human: string;
}

/** What a session's life was told by. */
export interface LifeColumns {
  /** Null where it was not looked at, or has ended. */
  readonly life: Life["state"] | null;
  /** The sign of life that counts; null where there is none. */
  readonly life_signal: LifeSignal | null;
  /** The same in words, such as `alive: process, last beat 6m ago`. */
  readonly life_human: string | null;
}

function lifeColumns(view: LifeView | undefined): LifeColumns {
  if (view === undefined) return { life: null, life_signal: null, life_human: null };
  const { life, signs } = view;
  const beat = `last beat ${ageInWords(signs.heartbeatAge)}`;
  const words = {
    heartbeat: `alive: ${beat}`,
    process: `alive: process, ${beat}`,
    guard: `alive: guard ${ageInWords(signs.guardAge ?? 0)}, ${beat}`,
    activity: `alive: activity ${ageInWords(signs.activityAge ?? 0)}, ${beat}`,
    keeper: `alive: keeper, ${beat}`,
  };
  if (life.state === "alive") return { life: "alive", life_signal: life.signal, life_human: words[life.signal] };
  const human = life.state === "gone" ? `gone: its process has ended, ${beat}` : `silent: ${beat}`;
  return { life: life.state, life_signal: null, life_human: human };
}

/** Told from the youngest sign of life; whoever is proven gone is past all warning. */
function healthOf({ life, signs }: LifeView): SessionHealth {
  if (life.state === "gone") return "Critical";
  const health = sessionHealth(lastSignAge(signs));
  // A process that is there, and yet no beat arrives: somebody should look, but nobody is lost.
  return health === "Critical" && signs.process === "alive" ? "Warning" : health;
}

/** Who stands in the way, for the data of a refusal. @param life as it was seen before anyone beat for it */
export function holderData(holder: Session, life?: LifeView): HolderData {
  const age = life?.signs.heartbeatAge ?? holder.heartbeatAgeSeconds;
  return {
    claimed_by: shortSessionId(holder.id),
    held_sd_id: holder.item,
    hostname: holder.hostname,
    tty: holder.owner.terminal.tty,
    current_branch: holder.branch,
    worktree: holder.worktree,
    heartbeat_age_seconds: age,
    heartbeat_age_human: ageInWords(age),
    ...(life === undefined ? {} : lifeColumns(life)),
  };
}
