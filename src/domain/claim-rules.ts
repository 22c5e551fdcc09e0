/**
 * Who may claim what, and what becomes of those who stand in the way. Pure: the embedded store decides by these
 * rules inside its transaction; the team store's SQL functions are held to the same cases.
 */
import type { WorkItemKey } from "./names.ts";
import { isSameOwner, isSameTerminal } from "./owner.ts";
import type { GoneOwner, Owner, ReleaseReason, Session } from "./session.ts";
import { isStale } from "./session-health.ts";

/** Why a session that has not ended may be taken out of the way; null for one that is live. */
export function takeOverReason(session: Session, gone: readonly GoneOwner[]): ReleaseReason | null {
  // The owner was seen gone at an earlier moment: it counts only if the session still names that very process.
  const seen = gone.find(({ sessionId }) => sessionId === session.id)?.process;
  const named = session.owner.process;
  if (seen && named && seen.pid === named.pid && seen.startedAt === named.startedAt) return "process_exit";
  return isStale(session.heartbeatAgeSeconds) ? "stale_cleanup" : null;
}

/** Whether a session's claim stands: it has not ended, has been heard of, and its process was not seen to be gone. */
export function isLive(session: Session, gone: readonly GoneOwner[]): boolean {
  return session.status !== "released" && takeOverReason(session, gone) === null;
}

/** What becomes of an attempt to claim; `from` and `reason` tell whose claim ends for it. */
export type ClaimDecision =
  | { readonly kind: "session_not_found" }
  | { readonly kind: "session_released"; readonly session: Session }
  /** It holds the item: nothing new, but a sign of life. */
  | { readonly kind: "keep"; readonly session: Session }
  | { readonly kind: "already_claimed"; readonly holder: Session }
  | { readonly kind: "grant"; readonly session: Session; readonly from: TakeOver | null };

export interface TakeOver {
  readonly holder: Session;
  readonly reason: ReleaseReason;
}

/** @param holder who has the item now, live or not; null for nobody */
export function decideClaim(
  session: Session | null,
  item: WorkItemKey,
  holder: Session | null,
  gone: readonly GoneOwner[],
): ClaimDecision {
  if (session === null) return { kind: "session_not_found" };
  if (session.status === "released") return { kind: "session_released", session };
  if (session.item === item) return { kind: "keep", session };
  if (holder === null) return { kind: "grant", session, from: null };
  const reason = takeOverReason(holder, gone);
  return reason === null ? { kind: "already_claimed", holder } : { kind: "grant", session, from: { holder, reason } };
}

/** Who stands in the way of a new session; null for nobody. */
export type StartRefusal =
  | { readonly kind: "already_claimed"; readonly holder: Session }
  | { readonly kind: "worktree_in_use"; readonly holder: Session };

/** @param inWorktree sessions of the worktree that have not ended */
export function refuseStart(
  holder: Session | null,
  inWorktree: readonly Session[],
  { gone, share }: { readonly gone: readonly GoneOwner[]; readonly share: boolean },
): StartRefusal | null {
  if (holder !== null && isLive(holder, gone)) return { kind: "already_claimed", holder };
  const other = share ? undefined : inWorktree.find((session) => isLive(session, gone));
  return other === undefined ? null : { kind: "worktree_in_use", holder: other };
}

/** What a new session finds at its terminal: stale ones, which it replaces, and perhaps a live one of another owner. */
export interface TerminalFindings {
  readonly replaced: readonly Session[];
  readonly conflict: Session | null;
}

/** @param sessions those that have not ended, the oldest first */
export function findAtTerminal(sessions: readonly Session[], owner: Owner): TerminalFindings {
  const here = sessions.filter((session) => isSameTerminal(session.owner, owner));
  const replaced = here.filter((session) => isStale(session.heartbeatAgeSeconds));
  const conflict = here.find((session) => !replaced.includes(session) && !isSameOwner(session.owner, owner));
  return { replaced, conflict: conflict ?? null };
}

/** What a new session's metadata keeps of a live one at its terminal. */
export function describeConflict(conflict: Session | null): Readonly<Record<string, unknown>> {
  if (conflict === null) return {};
  return {
    conflict: true,
    conflict_session_id: conflict.id,
    conflict_sd_id: conflict.item,
    conflict_heartbeat_age_seconds: conflict.heartbeatAgeSeconds,
  };
}

/** How the lifecycle log names the end of a claim or of a session. */
export function releaseEvents(reason: ReleaseReason): readonly string[] {
  switch (reason) {
    case "stale_cleanup":
    case "process_exit":
      return ["stale_detected", "stale_cleanup"];
    case "new_session_same_terminal":
      return ["terminal_replaced"];
    default:
      return ["released"];
  }
}
