/**
 * Heartbeats from within a program: `bulkhead/heartbeat`. One session for each process; the timer never keeps the
 * process alive.
 */
import { parseSessionId, type SessionId } from "../domain/names.ts";
import type { HeartbeatOutcome } from "../domain/session.ts";
import { HEARTBEAT_INTERVAL_SECONDS, MAX_HEARTBEAT_FAILURES } from "../domain/timing.ts";
import { sendHeartbeat } from "./send-heartbeat.ts";

export type HeartbeatResult =
  | { readonly success: true; readonly sessionId: string }
  | { readonly success: false; readonly error: string };

export type ForcedHeartbeatResult =
  | {
      readonly success: true;
      readonly sessionId: string;
      readonly heartbeat_at: string;
      readonly current_branch: string | null;
    }
  | { readonly success: false; readonly error: string };

export interface HeartbeatStats {
  readonly isActive: boolean;
  readonly sessionId: string | null;
  /** Milliseconds between two heartbeats. */
  readonly interval: number;
  readonly consecutiveFailures: number;
  readonly totalHeartbeats: number;
  /** ISO 8601; null before the first. */
  readonly lastHeartbeat: string | null;
  readonly lastError: string | null;
  /** Why the heartbeat stopped itself; null while it runs or when it was told to stop. */
  readonly stoppedBecause: string | null;
  readonly healthy: boolean;
}

export interface HeartbeatOptions {
  /** Milliseconds between two heartbeats; 30,000 unless told. */
  readonly interval?: number;
  /** A directory in the session's clone; the current one unless told. */
  readonly directory?: string;
}

interface State {
  readonly sessionId: SessionId;
  readonly interval: number;
  readonly directory: string;
  timer: NodeJS.Timeout | null;
  failures: number;
  beats: number;
  lastHeartbeat: string | null;
  lastError: string | null;
  stoppedBecause: string | null;
}

let state: State | null = null;

/**
 * Starts heartbeats for a session: one now, then one each interval.
 * @returns `{success: false, error: "already running"}` when one runs in this process
 */
export function startHeartbeat(sessionId: string, options: HeartbeatOptions = {}): HeartbeatResult {
  if (isHeartbeatActive()) return { success: false, error: "already running" };
  let id: SessionId;
  try {
    id = parseSessionId(sessionId);
  } catch (cause) {
    return { success: false, error: messageOf(cause) };
  }
  const started: State = {
    sessionId: id,
    interval: options.interval ?? HEARTBEAT_INTERVAL_SECONDS * 1000,
    directory: options.directory ?? process.cwd(),
    timer: null,
    failures: 0,
    beats: 0,
    lastHeartbeat: null,
    lastError: null,
    stoppedBecause: null,
  };
  started.timer = setInterval(() => void beat(started), started.interval);
  started.timer.unref();
  state = started;
  void beat(started);
  return { success: true, sessionId: id };
}

/** Stops heartbeats; without any it says so. */
export function stopHeartbeat(): HeartbeatResult {
  if (state?.timer == null) return { success: false, error: "not running" };
  clearInterval(state.timer);
  state.timer = null;
  return { success: true, sessionId: state.sessionId };
}

export function isHeartbeatActive(): boolean {
  return state?.timer != null;
}

export function getHeartbeatStats(): HeartbeatStats {
  const isActive = isHeartbeatActive();
  const failures = state?.failures ?? 0;
  return {
    isActive,
    sessionId: state?.sessionId ?? null,
    interval: state?.interval ?? HEARTBEAT_INTERVAL_SECONDS * 1000,
    consecutiveFailures: failures,
    totalHeartbeats: state?.beats ?? 0,
    lastHeartbeat: state?.lastHeartbeat ?? null,
    lastError: state?.lastError ?? null,
    stoppedBecause: state?.stoppedBecause ?? null,
    healthy: isActive && failures === 0,
  };
}

/**
 * One heartbeat now.
 * @param sessionId the session that heartbeats run for, unless told
 */
export async function forceHeartbeat(
  sessionId?: string,
  options: HeartbeatOptions = {},
): Promise<ForcedHeartbeatResult> {
  const id = sessionId ?? state?.sessionId;
  if (id === undefined) return { success: false, error: "no session" };
  const running = state !== null && state.sessionId === id ? state : null;
  try {
    const directory = options.directory ?? running?.directory ?? process.cwd();
    const outcome = await sendHeartbeat(parseSessionId(id), directory);
    if (running !== null) note(running, outcome);
    if (outcome.kind !== "beaten") return { success: false, error: outcome.kind };
    const { heartbeatAt, branch } = outcome.session;
    return { success: true, sessionId: id, heartbeat_at: heartbeatAt, current_branch: branch };
  } catch (cause) {
    if (running !== null) fail(running, messageOf(cause));
    return { success: false, error: messageOf(cause) };
  }
}

async function beat(current: State): Promise<void> {
  try {
    note(current, await sendHeartbeat(current.sessionId, current.directory));
  } catch (cause) {
    fail(current, messageOf(cause));
  }
}

function note(current: State, outcome: HeartbeatOutcome): void {
  if (outcome.kind === "beaten") {
    current.failures = 0;
    current.beats += 1;
    current.lastHeartbeat = outcome.session.heartbeatAt;
    current.lastError = null;
    return;
  }
  fail(current, outcome.kind);
  // An ended session is never revived: to go on would only be noise.
  if (outcome.kind === "session_released")
    stopItself(current, `the session has ended (${outcome.session.releasedReason})`);
}

function fail(current: State, error: string): void {
  current.failures += 1;
  current.lastError = error;
  if (current.failures >= MAX_HEARTBEAT_FAILURES) {
    stopItself(current, `${MAX_HEARTBEAT_FAILURES} heartbeats in a row failed: ${error}`);
  }
}

function stopItself(current: State, reason: string): void {
  if (current.timer === null) return;
  clearInterval(current.timer);
  current.timer = null;
  current.stoppedBecause = reason;
  process.stderr.write(`bulkhead: the heartbeat stopped: ${reason}\n`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
