import { readFileSync } from "node:fs";
import { join } from "node:path";
import { branchName } from "../domain/ref-names.ts";
import { decodeLines, encodeText } from "../files/text-encoding.ts";
import { runGitSync } from "../git/git-sync.ts";
import { readSeen } from "../layout/seen-log.ts";

/** A move of a branch that its reflog tells of and the guard never saw. */
export interface UnseenMove {
  /** The branch, as a full ref name. */
  readonly ref: string;
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
 * Finds moves of branches that were made while hooks were off (`-c core.hooksPath=/dev/null`, a program that runs
 * none): the reflog has them, the guard's own log has not. Only moves since the guard was armed count.
 * Empty where it cannot be known: no log of the guard yet, or no reflog.
 * @param refs full names; they are asked for at once, whatever their number
 */
export function findUnseen(refs: readonly string[], search: UnseenSearch): UnseenMove[] {
  if (refs.length === 0) return [];
  const seen = readSeen(search.place.commonDir);
  const armedAt = readArmedAt(search.place.commonDir);
  if (seen === null || armedAt === null) return [];
  const args = ["log", "-g", "--date=unix", "--ignore-missing", "--format=%H%x09%gD%x09%gs", "--stdin"];
  const input = encodeText(`${refs.join("\n")}\n`);
  const log = runGitSync(args, { cwd: search.cwd, env: search.env, input });
  if (!log.ran || log.exitCode !== 0) return [];
  const moves = parseReflog(log.bytes);
  return refs.flatMap((ref) =>
    selectUnseen(
      moves.filter((move) => move.ref === ref),
      seen,
      armedAt,
    ),
  );
}

/** Parses `git log -g --date=unix --format=%H<tab>%gD<tab>%gs`, newest first. */
export function parseReflog(output: Uint8Array): UnseenMove[] {
  return decodeLines(output)
    .filter(Boolean)
    .map((line) => {
      const [sha = "", selector = "", ...what] = line.split("\t");
      const [, ref = "", at = 0] = /^(.*)@\{(\d+)\}$/.exec(selector) ?? [];
      return { ref, sha, at: Number(at), what: what.join("\t") };
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

/** The warnings for branches with unseen moves. */
export function describeUnseen(moves: readonly UnseenMove[]): string[] {
  return [...new Set(moves.map(({ ref }) => ref))].map((ref) => {
    const own = moves.filter((move) => move.ref === ref);
    const shown = own.slice(0, 5).map(({ sha, what }) => `  ${sha.slice(0, 12)} ${what}`);
    const more = own.length > 5 ? [`  and ${own.length - 5} more`] : [];
    const branch = branchName(ref);
    return [`bulkhead: '${branch}' was moved while hooks were off; the guard never saw:`, ...shown, ...more].join("\n");
  });
}
