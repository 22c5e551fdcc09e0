import { writeFileAtomically } from "../files/atomic-write.ts";
import { readText } from "../files/read-file.ts";
import { readHeadLog } from "../git/head-log.ts";
import { worktreeLayout } from "../layout/paths.ts";

/** A switch of HEAD as the worktree's reflog tells it. */
export interface HeadMovement {
  readonly who: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

/** The last switch of HEAD away from a branch; null when the log does not tell (or there is none). */
export function findHeadMovement(gitDir: string, from: string): HeadMovement | null {
  const movements = parseHeadMovements(readHeadLog(gitDir));
  const found = movements.findLast((movement) => movement.from === from && movement.to !== from);
  if (found === undefined) return null;
  const mover = readMover(gitDir);
  // The log has git's identity, which all agents of a machine share; the hook of that very switch knew the session.
  return mover !== null && isOf(mover, found) ? { ...found, who: mover.by } : found;
}

/** Who switched a worktree away, as its post-checkout hook saw it. */
export interface Mover {
  /** ISO 8601 */
  readonly at: string;
  readonly from: string;
  /** Null when detached. */
  readonly to: string | null;
  /** The session in words. */
  readonly by: string;
}

/** Seconds between git's log of a switch and its hook, at most. */
const SAME_SWITCH_SECONDS = 10;

function isOf({ at, from, to }: Mover, movement: HeadMovement): boolean {
  const sameEnd = to === null || to === movement.to;
  return from === movement.from && sameEnd && Math.abs(Date.parse(at) / 1000 - movement.at) <= SAME_SWITCH_SECONDS;
}

/** Notes who has just switched a worktree away. It only informs. */
export function noteMover(gitDir: string, mover: Mover): void {
  try {
    writeFileAtomically(worktreeLayout(gitDir).moved, `${JSON.stringify(mover)}\n`);
  } catch {
    return;
  }
}

function readMover(gitDir: string): Mover | null {
  try {
    const { at, from, to, by } = JSON.parse(readText(worktreeLayout(gitDir).moved) ?? "{}") as Partial<Mover>;
    if (typeof at !== "string" || typeof from !== "string" || typeof by !== "string") return null;
    return { at, from, to: typeof to === "string" ? to : null, by };
  } catch {
    return null;
  }
}

/** Parses `checkout: moving from <a> to <b>` entries, which git itself relies on for `git switch -`. Pure. */
export function parseHeadMovements(log: string): HeadMovement[] {
  return log.split("\n").flatMap((line) => {
    const match = /^[0-9a-f]+ [0-9a-f]+ (.*) <[^>]*> (\d+) [+-]\d+\tcheckout: moving from (\S+) to (\S+)$/.exec(line);
    if (match === null) return [];
    const [, who = "", at = "0", from = "", to = ""] = match;
    return [{ who, at: Number(at), from, to }];
  });
}

/** The movement in words: who, when, from where. @param now seconds since 1970 */
export function describeHeadMovement({ who, at, from, to }: HeadMovement, now: number): string {
  return `${who} moved HEAD from '${from}' to '${to}' ${describeAge(now - at)} (${new Date(at * 1000).toISOString()}).`;
}

function describeAge(seconds: number): string {
  if (seconds < 90) return `${plural(Math.max(0, Math.round(seconds)), "second")} ago`;
  if (seconds < 5400) return `${plural(Math.round(seconds / 60), "minute")} ago`;
  if (seconds < 172_800) return `${plural(Math.round(seconds / 3600), "hour")} ago`;
  return `${plural(Math.round(seconds / 86_400), "day")} ago`;
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
