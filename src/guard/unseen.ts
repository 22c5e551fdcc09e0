import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runGitSync } from "../git/git-sync.ts";
import { readSeen } from "../layout/seen-log.ts";

/** A move of a branch that its reflog tells of and the guard never saw. */
export interface UnseenMove {
  readonly sha: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly what: string;
}

/** Where to look; the hooks' full guard and `doctor` both know this much. */
export interface UnseenSearch {
  readonly place: { readonly commonDir: string };
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds moves of a branch that were made while hooks were off (`-c core.hooksPath=/dev/null`, a program that runs
 * none): the reflog has them, the guard's own log has not. Only moves since the guard was armed count.
 * Empty where it cannot be known: no log of the guard yet, or no reflog.
 */
export function findUnseen(ref: string, search: UnseenSearch): UnseenMove[] {
  const seen = readSeen(search.place.commonDir);
  const armedAt = readArmedAt(search.place.commonDir);
  if (seen === null || armedAt === null) return [];
  const format = "--format=%H%x09%gd%x09%gs";
  const log = runGitSync(["log", "-g", "--date=unix", format, ref, "--"], { cwd: search.cwd, env: search.env });
  if (!log.ran || log.exitCode !== 0) return [];
  return selectUnseen(parseReflog(log.stdout), seen, armedAt);
}

/** Parses `git log -g --date=unix --format=%H<tab>%gd<tab>%gs`, newest first. */
export function parseReflog(output: string): UnseenMove[] {
  return output
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [sha = "", selector = "", ...what] = line.split("\t");
      return { sha, at: Number(/@\{(\d+)\}$/.exec(selector)?.[1] ?? 0), what: what.join("\t") };
    });
}

/**
 * Moves after arming that nobody saw. The oldest entry created the branch, and one that keeps the value renamed it:
 * neither needs permission, so they do not count.
 */
export function selectUnseen(moves: readonly UnseenMove[], seen: ReadonlySet<string>, armedAt: number): UnseenMove[] {
  return moves.filter(
    (move, index) =>
      move.at > armedAt && !seen.has(move.sha) && index + 1 < moves.length && move.sha !== moves[index + 1]?.sha,
  );
}

/** Seconds since 1970 at which `init` first armed the guard in this clone. */
function readArmedAt(commonDir: string): number | null {
  try {
    const record = JSON.parse(readFileSync(join(commonDir, "bulkhead", "install.json"), "utf8")) as {
      armedAt?: string;
    };
    const at = Date.parse(record.armedAt ?? "");
    return Number.isNaN(at) ? null : Math.floor(at / 1000);
  } catch {
    return null;
  }
}

/** The warning for a branch with unseen moves; null when there are none. */
export function describeUnseen(ref: string, moves: readonly UnseenMove[]): string | null {
  if (moves.length === 0) return null;
  const shown = moves.slice(0, 5).map(({ sha, what }) => `  ${sha.slice(0, 12)} ${what}`);
  const more = moves.length > 5 ? [`  and ${moves.length - 5} more`] : [];
  const branch = ref.replace(/^refs\/heads\//, "");
  return [`bulkhead: '${branch}' was moved while hooks were off; the guard never saw:`, ...shown, ...more].join("\n");
}
