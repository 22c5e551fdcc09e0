import type { Commit, ReflogEntry } from "../domain/history.ts";

/** Rewritings that the reflogs tell of: they say which commits were made out of which. */
export interface Rewrites {
  /** By the commit that was amended: what it became. */
  readonly amends: ReadonlyMap<string, readonly string[]>;
  /** By each commit that a rebase made: the runs that made it. */
  readonly madeBy: ReadonlyMap<string, readonly number[]>;
  /** By each commit that a rebase was to copy: those runs. */
  readonly copiedBy: ReadonlyMap<string, readonly number[]>;
}

/** One `git rebase`, or `git pull --rebase`. */
interface Run {
  readonly oldTip: string;
  readonly made: string[];
}

const START = /^(?:rebase|pull .*)(?: -i)? \(start\)/;
const MADE = /^(?:rebase|pull [^:]*) ?(?:-i )?\((?:pick|reword|edit|fixup|squash|continue|merge)\)/;
const MADE_BY_HAND = /^commit(?: \((?:amend|merge|cherry-pick)\))?:/;
const END = /^(?:rebase|pull [^:]*) ?(?:-i )?\((?:finish|abort)\)/;
const AMEND = /^commit \(amend\)/;
/** What a branch's own log says when the rebase moved it: from its old tip to its new one. */
const MOVED = /^(?:rebase|pull [^:]*) ?(?:-i )?\(finish\): \S+ onto ([0-9a-f]{40,64})/;

/** Steps that all rebases together are followed: a bound for histories that were rebased thousands of times. */
const MOST_STEPS = 400_000;

/**
 * Reads the rewritings out of the logs. Pure.
 * @param unreachable all unreachable commits @param known those and the reachable ones that are at hand
 */
export function collectRewrites(
  entries: readonly ReflogEntry[],
  unreachable: ReadonlyMap<string, Commit>,
  known: ReadonlyMap<string, Commit>,
): Rewrites {
  const amends = new Map<string, string[]>();
  for (const { before, after, message } of entries) {
    if (before === null || after === null || before === after) continue;
    // A squash or a fixup takes the place of what stood there, as an amend does.
    const inPlace = MADE.test(message) && isSibling(known.get(before), known.get(after));
    if (!AMEND.test(message) && !inPlace) continue;
    const made = amends.get(before);
    if (made === undefined) amends.set(before, [after]);
    else if (!made.includes(after)) made.push(after);
  }
  const runs = [...runsOfHeads(entries), ...runsOfBranches(entries, known)];
  const madeBy = new Map<string, number[]>();
  const copiedBy = new Map<string, number[]>();
  let steps = 0;
  for (const [i, run] of runs.entries()) {
    const made = new Set(run.made);
    for (const sha of made) push(madeBy, sha, i);
    const open = [run.oldTip];
    const seen = new Set(open);
    for (let sha = open.pop(); sha !== undefined && steps < MOST_STEPS; sha = open.pop()) {
      const commit = unreachable.get(sha);
      if (commit === undefined || made.has(sha)) continue;
      steps++;
      push(copiedBy, sha, i);
      const fresh = commit.parents.filter((parent) => !seen.has(parent));
      for (const parent of fresh) seen.add(parent);
      open.push(...fresh);
    }
  }
  return { amends, madeBy, copiedBy };
}

function isSibling(a: Commit | undefined, b: Commit | undefined): boolean {
  return a !== undefined && b !== undefined && a.parents.join() === b.parents.join();
}

/** The log of a worktree's `HEAD` tells a rebase step by step. */
function runsOfHeads(entries: readonly ReflogEntry[]): Run[] {
  const open = new Map<string, Run>();
  const runs: Run[] = [];
  for (const { ref, worktree, before, after, message } of entries) {
    if (ref !== "HEAD") continue;
    const place = worktree ?? "";
    if (START.test(message) && before !== null) {
      const run = { oldTip: before, made: [] };
      open.set(place, run);
      runs.push(run);
    } else if (END.test(message)) open.delete(place);
    else if (after !== null && (MADE.test(message) || MADE_BY_HAND.test(message))) open.get(place)?.made.push(after);
  }
  return runs;
}

/** A branch's log tells only its two tips, and what the new commits stand on. */
function runsOfBranches(entries: readonly ReflogEntry[], known: ReadonlyMap<string, Commit>): Run[] {
  return entries.flatMap(({ ref, before, after, message }) => {
    const onto = ref === "HEAD" ? undefined : MOVED.exec(message)?.[1];
    if (onto === undefined || before === null || after === null) return [];
    const made: string[] = [];
    for (let sha = after; sha !== onto && made.length < 1000; ) {
      const commit = known.get(sha);
      if (commit === undefined) return made.length === 0 ? [] : [{ oldTip: before, made }];
      made.push(sha);
      sha = commit.parents[0] ?? onto;
    }
    return [{ oldTip: before, made }];
  });
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (list.at(-1) !== value) list.push(value);
}

/** Whether a log says that the one was made out of the other, which then may be changed in it. Pure. */
export function isLogged(made: string, from: string, rewrites: Rewrites): boolean {
  if (rewrites.amends.get(from)?.includes(made)) return true;
  const runs = rewrites.madeBy.get(made);
  if (runs === undefined) return false;
  const copied = new Set(rewrites.copiedBy.get(from));
  return runs.some((run) => copied.has(run));
}
