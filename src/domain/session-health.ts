/** How a session fares, told from the age of its heartbeat. Pure. */
import type { SessionId } from "./names.ts";
import type { Session } from "./session.ts";
import { HEALTHY_BELOW_SECONDS, STALE_AFTER_SECONDS, WARN_AFTER_SECONDS } from "./timing.ts";

export type SessionHealth = "Healthy" | "Warning" | "Critical";
export type ComputedStatus = "active" | "idle" | "stale" | "released";

/** @param ageSeconds age of the last heartbeat */
export function sessionHealth(ageSeconds: number): SessionHealth {
  if (ageSeconds < HEALTHY_BELOW_SECONDS) return "Healthy";
  return ageSeconds < WARN_AFTER_SECONDS ? "Warning" : "Critical";
}

/** @param ageSeconds age of the last heartbeat */
export function isStale(ageSeconds: number): boolean {
  return ageSeconds >= STALE_AFTER_SECONDS;
}

export function computedStatus(session: Pick<Session, "status" | "item" | "heartbeatAgeSeconds">): ComputedStatus {
  if (session.status === "released") return "released";
  if (isStale(session.heartbeatAgeSeconds)) return "stale";
  return session.item === null ? "idle" : "active";
}

/** Seconds until the session counts as stale; 0 when it does. */
export function secondsUntilStale(ageSeconds: number): number {
  return Math.max(0, STALE_AFTER_SECONDS - ageSeconds);
}

/** An age in words, such as `45s ago`. */
export function ageInWords(ageSeconds: number): string {
  if (ageSeconds < 60) return `${ageSeconds}s ago`;
  if (ageSeconds < 3600) return `${Math.floor(ageSeconds / 60)}m ago`;
  if (ageSeconds < 86_400) return `${Math.floor(ageSeconds / 3600)}h ago`;
  return `${Math.floor(ageSeconds / 86_400)}d ago`;
}

const SHORT_LENGTH = 16;

/** The part of a session's id that other people may see: enough to tell sessions apart, too little to guess the rest. */
export function shortSessionId(id: SessionId): string {
  return id.length > SHORT_LENGTH ? `${id.slice(0, SHORT_LENGTH)}…` : id;
}
