/** Whether a session is alive, weighed from every sign of life that there is. Pure: same signs, same answer. */
import { isStale } from "./session-health.ts";
import { STALE_AFTER_SECONDS } from "./timing.ts";

/** What is known of a session's life. Ages are in seconds; null where there is no such sign. */
export interface LifeSigns {
  readonly heartbeatAge: number;
  /** Whether it is at work on this machine: of one elsewhere only the heartbeat can be told. */
  readonly local: boolean;
  /** Its owner process as this machine sees it; `none`: it names none. */
  readonly process: "alive" | "gone" | "unknown" | "none";
  /** Whether this clone's keeper runs: it beats for every process that it cannot tell to be gone. */
  readonly keeper: boolean;
  /** Since the guard last let something pass in its worktree: a commit, a rebase, a switch. */
  readonly guardAge: number | null;
  /** Since its owner last typed a command, or its agent's hooks last ran. */
  readonly activityAge: number | null;
}

/** The sign that an answer goes by. */
export type LifeSignal = "heartbeat" | "process" | "guard" | "activity" | "keeper";

export type Life =
  | { readonly state: "alive"; readonly signal: LifeSignal; readonly age: number }
  /** Its owner process is proven gone. */
  | { readonly state: "gone" }
  /** Nothing has been heard or seen of it for too long. */
  | { readonly state: "silent"; readonly age: number };

/**
 * Weighs the signs of life of a session that has not ended. A process that is proven gone outweighs every other sign;
 * any sign that is young enough outweighs silence. What cannot be told never counts as gone.
 */
export function weighLife(signs: LifeSigns): Life {
  const { heartbeatAge, local, process } = signs;
  if (local && process === "gone") return { state: "gone" };
  if (!isStale(heartbeatAge)) return { state: "alive", signal: "heartbeat", age: heartbeatAge };
  if (local && process === "alive") return { state: "alive", signal: "process", age: heartbeatAge };
  const seen: [LifeSignal, number | null][] = [
    ["guard", signs.guardAge],
    ["activity", signs.activityAge],
  ];
  for (const [signal, age] of local ? seen : []) {
    if (age !== null && age < STALE_AFTER_SECONDS) return { state: "alive", signal, age };
  }
  if (local && process === "unknown" && signs.keeper) return { state: "alive", signal: "keeper", age: heartbeatAge };
  return { state: "silent", age: heartbeatAge };
}

/**
 * Whether the keeper beats for a session: as long as its process may be there, and once for each later sign of life of one
 * that names no process. So a claim outlives its owner's last act by as much as makes it stale, and no longer.
 */
export function deservesBeat(signs: LifeSigns): boolean {
  if (!signs.local || signs.process === "gone") return false;
  if (signs.process !== "none") return true;
  return lastSignAge(signs) < signs.heartbeatAge;
}

/** Seconds since the youngest sign of life that has a time: what health is told from. */
export function lastSignAge({ heartbeatAge, local, guardAge, activityAge }: LifeSigns): number {
  const ages = local ? [heartbeatAge, guardAge, activityAge] : [heartbeatAge];
  return Math.min(...ages.filter((age) => age !== null));
}
