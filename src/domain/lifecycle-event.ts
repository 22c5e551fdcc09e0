import type { SessionId } from "./names.ts";

/**
 * What can happen to a session, as the lifecycle log names it. A type that is not listed, noted by a newer
 * program, is kept and shown as it is.
 */
export const LIFECYCLE_EVENT_TYPES = [
  "created",
  "claimed",
  "released",
  "heartbeat",
  "stale_detected",
  "stale_cleanup",
  "terminal_replaced",
  "branch_changed",
  "guard_bypassed",
  "guard_disarmed",
  "shipped",
  "commit_lost",
  "commit_recovered",
] as const;

export type LifecycleEventType = (typeof LIFECYCLE_EVENT_TYPES)[number];

/** Plain data that an event carries. Never a secret, and never another session's full id. */
export type EventData = Readonly<Record<string, unknown>>;

/** Something that a hook saw and noted without opening the store. */
export interface SpooledEvent {
  readonly type: LifecycleEventType;
  /** ISO 8601 time at which it happened. */
  readonly at: string;
  /** Top directory of the worktree in which it happened. */
  readonly worktree: string;
  /** The session that did it; null where that is not known. */
  readonly session?: SessionId | null;
  /** `branch_changed` carries `{from, to}`: short branch names, null where `HEAD` is detached. */
  readonly data: EventData;
}
