import type { Commit, FileChange } from "../domain/history.ts";
import { type Facts, pathKey } from "./facts.ts";
import { absorberCandidates, absorbs, authorKey, type Lookup, pick } from "./lookup.ts";

/** Several commits, one on top of the other, taken as one: what squashing makes of them. */
export interface Range {
  readonly tip: Commit;
  /** Bottom first. */
  readonly members: readonly Commit[];
  /** What all of them together changed. */
  readonly net: readonly FileChange[];
}

/** Longer runs, and ones that touch more paths, are left to be lost: they cost more than they tell. */
const MAX_MEMBERS = 200;
const MAX_PATHS = 2000;
/** Of the commits with the same paths as a range, so many are compared. */
const MAX_CANDIDATES = 48;

/**
 * The runs of at least two commits that a squash may have made one of: from the bottom of their stack, or from
 * the last commit whose author and date another commit has (squashing keeps those of the first). Pure.
 */
export function listRanges(facts: Facts, lookup: Lookup): Range[] {
  const fromBottom = new Map<string, Range>();
  const fromRewritten = new Map<string, Range>();
  const ranges: Range[] = [];
  for (const commit of [...facts.commits].reverse()) {
    if (commit.parents.length > 1) continue;
    const [parent = ""] = commit.parents;
    const changes = lookup.changesOf(commit.sha);
    const rewritten = pick(commit, lookup.byAuthor.get(authorKey(commit)), lookup) !== null;
    const start: Range = { tip: commit, members: [commit], net: changes };
    const below = fromBottom.get(parent);
    const bottom = below === undefined ? start : extend(below, commit, changes);
    const belowRewritten = fromRewritten.get(parent);
    const middle = rewritten ? start : belowRewritten && extend(belowRewritten, commit, changes);
    if (bottom) fromBottom.set(commit.sha, bottom);
    if (middle) fromRewritten.set(commit.sha, middle);
    for (const range of new Set([bottom, middle])) if (range && range.members.length > 1) ranges.push(range);
  }
  return ranges;
}

function extend(range: Range, tip: Commit, changes: readonly FileChange[]): Range | null {
  if (range.members.length >= MAX_MEMBERS || range.net.length > MAX_PATHS) return null;
  const net = new Map(range.net.map((change) => [change.path, change]));
  for (const { path, before, after } of changes) {
    const first = net.has(path) ? (net.get(path)?.before ?? null) : before;
    if (first === after) net.delete(path);
    else net.set(path, { path, before: first, after });
  }
  return { tip, members: [...range.members, tip], net: [...net.values()] };
}

/** Names the patch of a range among the facts; null where there is none: it starts with a root commit. */
export function rangeKey({ members, tip }: Range): string | null {
  const base = members[0]?.parents[0];
  return base === undefined ? null : `${base}..${tip.sha}`;
}

/** Commits whose patch may be that of the whole range: they changed the same paths. */
export function squashCandidates(range: Range, lookup: Lookup): readonly Commit[] {
  if (range.net.length === 0) return [];
  return (lookup.byPaths.get(pathKey(range.net)) ?? []).slice(0, MAX_CANDIDATES);
}

/** The commit that a range was squashed into, if any: one with the same content, or with the same patch. Pure. */
export function findSquash(range: Range, facts: Facts, lookup: Lookup): Commit | null {
  const members = new Set(range.members.map(({ sha }) => sha));
  const isOutside = ({ sha }: Commit) => !members.has(sha);
  const candidates = absorberCandidates(range.net, lookup);
  const holder = pick(range.tip, candidates, lookup, (o) => isOutside(o) && absorbs(o, range.net, lookup));
  if (holder !== null) return holder;
  const patch = facts.patches.get(rangeKey(range) ?? "")?.digest ?? "";
  if (patch === "") return null;
  const samePatch = (other: Commit) => isOutside(other) && facts.patches.get(other.sha)?.digest === patch;
  return pick(range.tip, squashCandidates(range, lookup), lookup, samePatch);
}
