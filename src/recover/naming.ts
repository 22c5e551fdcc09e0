import type { Commit, ReflogEntry } from "../domain/history.ts";
import { HEADS } from "../domain/ref-names.ts";

/** What the reflogs say about one commit. */
export interface Naming {
  /** When a log first and last named it, in seconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** The entry in which it first appeared as the new value; null when it never did. */
  readonly birth: ReflogEntry | null;
  /** Grows from birth to birth in the order in which they were logged. */
  readonly order: number;
  /** The last entry in which a ref moved away from it; null when none did. */
  readonly left: ReflogEntry | null;
  /** Whether a branch or some worktree's `HEAD` ever named it: somebody worked on it here. */
  readonly onBranch: boolean;
}

/** A naming that is still being collected. */
type Open = { -readonly [K in keyof Naming]: Naming[K] };

/** Collects, for each commit that some reflog names, what the logs say about it. Pure. */
export function collectNamings(entries: readonly ReflogEntry[]): Map<string, Naming> {
  const namings = new Map<string, Open>();
  // The sort is stable: lines of one log that share a second keep their order.
  const inTime = [...entries].sort((a, b) => a.at - b.at);
  for (const [order, entry] of inTime.entries()) {
    // What an entry left was there before what it came to.
    if (entry.after !== null) add(namings, entry.after, entry, 2 * order + 1, "after");
    if (entry.before !== null && entry.before !== entry.after) add(namings, entry.before, entry, 2 * order, "before");
  }
  return namings;
}

function add(
  namings: Map<string, Open>,
  sha: string,
  entry: ReflogEntry,
  order: number,
  side: "before" | "after",
): void {
  const { at, ref } = entry;
  let naming = namings.get(sha);
  if (naming === undefined) {
    naming = { first: at, last: at, birth: null, order, left: null, onBranch: false };
    namings.set(sha, naming);
  }
  naming.last = at;
  naming.onBranch ||= ref === "HEAD" || ref.startsWith(HEADS);
  if (side === "before" && tellsMore(entry, naming.left)) naming.left = entry;
  if (side === "before" || naming.birth !== null) return;
  naming.birth = entry;
  naming.order = order;
}

/** The later entry; of two that tell of the same act, the worktree's: a branch's log does not say where it happened. */
function tellsMore(entry: ReflogEntry, known: ReflogEntry | null): boolean {
  return known === null || entry.at > known.at || entry.ref === "HEAD" || known.ref !== "HEAD";
}

/**
 * When each unreachable commit was last in use, in seconds: when a log last named it, else when its object was
 * written, else as its children. Commits without any of these are missing. Pure.
 * @param commits children before parents
 */
export function lastSeen(
  commits: readonly Commit[],
  namings: ReadonlyMap<string, Naming>,
  objectTimes: ReadonlyMap<string, number>,
): Map<string, number> {
  const seen = new Map<string, number>();
  const inherited = new Map<string, number>();
  for (const { sha, parents } of commits) {
    const named = namings.get(sha)?.last;
    const time = named ?? latest(objectTimes.get(sha), inherited.get(sha));
    if (time === undefined) continue;
    seen.set(sha, time);
    for (const parent of parents) inherited.set(parent, Math.max(time, inherited.get(parent) ?? 0));
  }
  return seen;
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}

const SLACK_SECONDS = 86_400;

/**
 * No commit that replaced one of these can be older than this, in seconds since 1970, by any honest clock: they
 * were made when a log first named them (or fetched then, and made up to a month before). Pure.
 */
export function replacementsSince(
  commits: readonly Commit[],
  namings: ReadonlyMap<string, Naming>,
  objectTimes: ReadonlyMap<string, number>,
): number {
  const made = commits.map(({ sha, commitTime }) => {
    const known = namings.get(sha)?.first ?? objectTimes.get(sha);
    return known === undefined ? commitTime : Math.min(known, Math.max(commitTime, known - 30 * SLACK_SECONDS));
  });
  return Math.max(0, Math.min(...made) - SLACK_SECONDS);
}
