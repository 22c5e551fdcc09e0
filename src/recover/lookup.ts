import type { Commit, FileChange } from "../domain/history.ts";
import { type Facts, pathKey } from "./facts.ts";
import { isStash, isStashPart } from "./stash-shape.ts";

/** The facts, arranged for finding the commit that replaced another. */
export interface Lookup {
  readonly bySha: ReadonlyMap<string, Commit>;
  /** Replacement candidates by what they have in common with a commit. */
  readonly byAuthor: ReadonlyMap<string, readonly Commit[]>;
  readonly byTree: ReadonlyMap<string, readonly Commit[]>;
  readonly byPatch: ReadonlyMap<string, readonly Commit[]>;
  readonly byPaths: ReadonlyMap<string, readonly Commit[]>;
  readonly byChange: ReadonlyMap<string, readonly Commit[]>;
  /** Commits that the reflogs call an amended form of the one given. */
  readonly amendsOf: (sha: string) => readonly Commit[];
  readonly changesOf: (sha: string) => readonly FileChange[];
  /** Whether `replacement` can hold what `commit` held: it is made later and neither stands on the other. */
  readonly mayReplace: (replacement: Commit, commit: Commit) => boolean;
}

/** Author and author date, which amend, rebase and cherry-pick keep. */
export function authorKey({ authorEmail, authorName, authorTime }: Commit): string {
  return [authorEmail, authorName, authorTime].join("\0");
}

/** One path with the content that a commit gave it. */
export function changeKey({ path, after }: FileChange): string {
  return `${path}\0${after}`;
}

/** Arranges the facts. Pure. */
export function createLookup(facts: Facts): Lookup {
  const bySha = new Map([...facts.replacements, ...facts.unreachable].map((commit) => [commit.sha, commit]));
  const judged = facts.commits.filter((commit) => !isStash(commit, bySha) && !isStashPart(commit));
  // Reachable ones first: they are the better answer.
  const candidates = [...facts.replacements, ...judged];
  const changesOf = (sha: string) => facts.changes.get(sha) ?? [];
  const amends = groupBy(facts.amends, ([before]) => [before]);
  const amendsOf = (sha: string) => (amends.get(sha) ?? []).flatMap(([, after]) => bySha.get(after) ?? []);
  return {
    bySha,
    byAuthor: groupBy(candidates, (commit) => [authorKey(commit)]),
    byTree: groupBy(candidates, ({ tree }) => [tree]),
    byPatch: groupBy(candidates, ({ sha }) => [facts.patches.get(sha)?.digest ?? ""].filter((digest) => digest !== "")),
    byPaths: groupBy(candidates, ({ sha }) => (changesOf(sha).length === 0 ? [] : [pathKey(changesOf(sha))])),
    byChange: groupBy(candidates, ({ sha }) => changesOf(sha).map(changeKey)),
    amendsOf,
    changesOf,
    mayReplace: createOrder(facts, bySha),
  };
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

function createOrder(facts: Facts, bySha: ReadonlyMap<string, Commit>): Lookup["mayReplace"] {
  const unreachable = new Set(facts.unreachable.map(({ sha }) => sha));
  const ancestors = new Map<string, ReadonlySet<string>>();
  const ancestorsOf = (sha: string): ReadonlySet<string> => {
    const known = ancestors.get(sha) ?? findAncestors(sha, bySha);
    ancestors.set(sha, known);
    return known;
  };
  return (replacement, commit) => {
    if (replacement.sha === commit.sha || ancestorsOf(commit.sha).has(replacement.sha)) return false;
    if (!unreachable.has(replacement.sha)) return true;
    return isLater(replacement, commit, facts) && !ancestorsOf(replacement.sha).has(commit.sha);
  };
}

/** A strict order, so that two commits never replace each other. Logs tell it better than the commits' dates. */
function isLater(a: Commit, b: Commit, { namings }: Facts): boolean {
  const [orderA, orderB] = [namings.get(a.sha)?.order, namings.get(b.sha)?.order];
  if (orderA !== undefined && orderB !== undefined) return orderA > orderB;
  if (a.commitTime !== b.commitTime) return a.commitTime > b.commitTime;
  return a.sha > b.sha;
}

function findAncestors(sha: string, bySha: ReadonlyMap<string, Commit>): Set<string> {
  const found = new Set<string>();
  const open = [sha];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const parent of bySha.get(next)?.parents ?? []) {
      if (found.has(parent)) continue;
      found.add(parent);
      open.push(parent);
    }
  }
  return found;
}
