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

/** Commits that alone gave every one of the paths the content that these changes gave it. */
export function absorbers(changes: readonly FileChange[], lookup: Lookup): readonly Commit[] {
  const [first, ...rest] = changes;
  if (first === undefined) return [];
  return (lookup.byChange.get(changeKey(first)) ?? []).filter(({ sha }) => {
    const held = new Set(lookup.changesOf(sha).map(changeKey));
    return rest.every((change) => held.has(changeKey(change)));
  });
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
  const isAncestor = createAncestry(facts, bySha);
  return (replacement, commit) => {
    if (replacement.sha === commit.sha || isAncestor(replacement.sha, commit.sha)) return false;
    if (!unreachable.has(replacement.sha)) return true;
    return isLater(replacement, commit, facts) && !isAncestor(commit.sha, replacement.sha);
  };
}

/** A strict order, so that commits never replace each other in a circle. Logs tell it better than commits' dates. */
function isLater(a: Commit, b: Commit, { namings }: Facts): boolean {
  const rank = ({ sha, commitTime }: Commit) => {
    const naming = namings.get(sha);
    return [naming?.birth?.at ?? naming?.first ?? commitTime, naming?.order ?? -1] as const;
  };
  const [timeA, orderA] = rank(a);
  const [timeB, orderB] = rank(b);
  if (timeA !== timeB) return timeA > timeB;
  return orderA !== orderB ? orderA > orderB : a.sha > b.sha;
}

/** Ancestry among the known commits. What stands before them in the order of the lists cannot be below them. */
function createAncestry(facts: Facts, bySha: ReadonlyMap<string, Commit>): (above: string, below: string) => boolean {
  const ordered = [...facts.unreachable, ...facts.replacements.slice(0, facts.replacementsInOrder)];
  const position = new Map(ordered.map(({ sha }, i) => [sha, i]));
  return (ancestor, descendant) => {
    const limit = position.get(ancestor) ?? Number.POSITIVE_INFINITY;
    const seen = new Set<string>();
    const open = [descendant];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const parent of bySha.get(next)?.parents ?? []) {
        if (parent === ancestor) return true;
        if (seen.has(parent) || (position.get(parent) ?? 0) > limit) continue;
        seen.add(parent);
        open.push(parent);
      }
    }
    return false;
  };
}
