import { readHeadLog } from "../git/head-log.ts";

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
  return movements.findLast((movement) => movement.from === from && movement.to !== from) ?? null;
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
