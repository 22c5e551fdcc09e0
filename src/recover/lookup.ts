import type { Commit, FileChange } from "../domain/history.ts";
import { createAncestry, type IsAncestor } from "./ancestry.ts";
import { type Facts, pathKey } from "./facts.ts";
import { isStash, isStashPart } from "./stash-shape.ts";

/** The facts, arranged for finding the commit that replaced another. */
export interface Lookup {
  readonly bySha: ReadonlyMap<string, Commit>;
  /** Replacement candidates by what they have in common with a commit; those that stand first, then the latest. */
  readonly byAuthor: ReadonlyMap<string, readonly Commit[]>;
  readonly byTree: ReadonlyMap<string, readonly Commit[]>;
  readonly byPatch: ReadonlyMap<string, readonly Commit[]>;
  readonly byPaths: ReadonlyMap<string, readonly Commit[]>;
  readonly byPath: ReadonlyMap<string, readonly Commit[]>;
  readonly byChange: ReadonlyMap<string, readonly Commit[]>;
  readonly byBlob: ReadonlyMap<string, readonly Commit[]>;
  /** Commits that the reflogs call an amended form of the one given. */
  readonly amendsOf: (sha: string) => readonly Commit[];
  readonly changesOf: (sha: string) => readonly FileChange[];
  readonly isAncestor: IsAncestor;
  /** Whether a ref reaches it. */
  readonly stands: (sha: string) => boolean;
  /** Whether `replacement` can hold what `commit` held: it is made later and neither stands on the other. */
  readonly mayReplace: (replacement: Commit, commit: Commit) => boolean;
}

/** Of commits that are alike, so many are tried: where thousands are, the first of them is as good as the last. */
const MOST_TRIES = 48;

/** Author and author date, which amend, rebase and cherry-pick keep. */
export function authorKey({ authorEmail, authorName, authorTime }: Commit): string {
  return [authorEmail, authorName, authorTime].join("\0");
}

/** One path with the content that a commit gave it. */
export function changeKey({ path, after }: FileChange): string {
  return `${path}\0${after}`;
}

/** The first of some candidates that may have replaced the commit, and is otherwise right. */
export function pick(
  commit: Commit,
  candidates: readonly Commit[] | undefined,
  lookup: Lookup,
  isRight: (other: Commit) => boolean = () => true,
): Commit | null {
  let tries = 0;
  for (const other of candidates ?? []) {
    if (other.sha === commit.sha) continue;
    if (tries++ >= MOST_TRIES) return null;
    if (isRight(other) && lookup.mayReplace(other, commit)) return other;
  }
  return null;
}

/** Arranges the facts. Pure. */
export function createLookup(facts: Facts): Lookup {
  const bySha = new Map([...facts.replacements, ...facts.unreachable].map((commit) => [commit.sha, commit]));
  const judged = facts.commits.filter((commit) => !isStash(commit, bySha) && !isStashPart(commit));
  const rank = createRank(facts);
  const isAncestor = createAncestry(bySha);
  const latest = [...judged].sort((a, b) => compare(rank(b), rank(a)));
  const candidates = [...facts.replacements, ...latest];
  const changesOf = (sha: string) => facts.changes.get(sha) ?? [];
  const lost = new Set(facts.unreachable.map(({ sha }) => sha));
  const present = (key: string | undefined) => (key === undefined || key === "" ? [] : [key]);
  return {
    bySha,
    byAuthor: groupBy(candidates, (commit) => [authorKey(commit)]),
    byTree: groupBy(candidates, ({ tree }) => [tree]),
    byPatch: groupBy(candidates, ({ sha }) => present(facts.patches.get(sha)?.digest)),
    byPaths: groupBy(candidates, ({ sha }) => (changesOf(sha).length === 0 ? [] : [pathKey(changesOf(sha))])),
    byPath: groupBy(candidates, ({ sha }) => changesOf(sha).map(({ path }) => path)),
    byChange: groupBy(candidates, ({ sha }) => changesOf(sha).map(changeKey)),
    byBlob: groupBy(candidates, ({ sha }) => changesOf(sha).flatMap(({ after }) => (after === null ? [] : [after]))),
    amendsOf: (sha) => (facts.rewrites.amends.get(sha) ?? []).flatMap((after) => bySha.get(after) ?? []),
    changesOf,
    stands: (sha) => bySha.has(sha) && !lost.has(sha),
    isAncestor,
    mayReplace: createOrder(lost, rank, isAncestor),
  };
}

/** Commits that alone gave every one of the paths the content that these changes gave it. */
export function absorbs(other: Commit, changes: readonly FileChange[], lookup: Lookup): boolean {
  const held = new Set(lookup.changesOf(other.sha).map(changeKey));
  return changes.every((change) => held.has(changeKey(change)));
}

/**
 * Commits that stand and together gave every path the content that these changes gave it; null where there are none. A squash
 * that was given up is held so by what it was made of, a stash by the commits it was taken over in.
 */
export function holdersOfAll(
  commit: Commit,
  changes: readonly FileChange[],
  lookup: Lookup,
  isRight: (other: Commit) => boolean = () => true,
): Commit[] | null {
  const holders = new Set<Commit>();
  const stands = (other: Commit) => lookup.stands(other.sha) && isRight(other);
  for (const change of changes) {
    const holder = pick(commit, lookup.byChange.get(changeKey(change)), lookup, stands);
    if (holder === null) return null;
    holders.add(holder);
  }
  return changes.length === 0 ? null : [...holders];
}

/** Those that gave the rarest of these changes' paths the same content: one of them may have done so for all. */
export function absorberCandidates(changes: readonly FileChange[], lookup: Lookup): readonly Commit[] {
  const lists = changes.map((change) => lookup.byChange.get(changeKey(change)) ?? []);
  return lists.reduce((least, list) => (list.length < least.length ? list : least), lists[0] ?? []);
}

function groupBy<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const key of keysOf(item)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [item]);
      else group.push(item);
    }
  }
  return groups;
}

type Rank = readonly [number, number, string];

/** When a commit was made: logs tell it better than commits' dates. */
function createRank({ namings }: Facts): (commit: Commit) => Rank {
  return ({ sha, commitTime }) => {
    const naming = namings.get(sha);
    return [naming?.birth?.at ?? naming?.first ?? commitTime, naming?.order ?? -1, sha];
  };
}

function compare(a: Rank, b: Rank): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  if (a[1] !== b[1]) return a[1] - b[1];
  return a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0;
}

/** A strict order, so that commits never replace each other in a circle. */
function createOrder(
  lost: ReadonlySet<string>,
  rank: (commit: Commit) => Rank,
  isAncestor: IsAncestor,
): Lookup["mayReplace"] {
  return (replacement, commit) => {
    if (replacement.sha === commit.sha || isAncestor(replacement.sha, commit.sha)) return false;
    if (!lost.has(replacement.sha)) return true;
    return compare(rank(replacement), rank(commit)) > 0 && !isAncestor(commit.sha, replacement.sha);
  };
}
