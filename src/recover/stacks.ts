import type { Commit } from "../domain/history.ts";

/** Commits that come back together: whoever recovers the tip has them all. */
export interface Stack {
  readonly tip: string;
  /** Tip first. */
  readonly commits: readonly string[];
}

/**
 * Groups commits into stacks by their tips: those that no other of them stands on. Where two stacks share
 * commits, both name them. Pure.
 * @param commits all unreachable commits, children before parents
 * @param chosen the commits to group
 */
export function buildStacks(commits: readonly Commit[], chosen: ReadonlySet<string>): Stack[] {
  const bySha = new Map(commits.map((commit) => [commit.sha, commit]));
  const under = new Set<string>();
  const tips: string[] = [];
  // Children stand before their parents: what is below a chosen commit is marked before it is met.
  for (const { sha, parents } of commits) {
    if (chosen.has(sha) && !under.has(sha)) tips.push(sha);
    if (chosen.has(sha) || under.has(sha)) for (const parent of parents) under.add(parent);
  }
  const position = new Map(commits.map(({ sha }, i) => [sha, i]));
  return tips.map((tip) => {
    const members = [...reachable(tip, bySha)].filter((sha) => chosen.has(sha));
    return { tip, commits: members.sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0)) };
  });
}

/** A commit and all known ones that it stands on. */
export function reachable(tip: string, bySha: ReadonlyMap<string, Commit>): Set<string> {
  const found = new Set([tip]);
  const open = [tip];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const parent of bySha.get(next)?.parents ?? []) {
      if (found.has(parent) || !bySha.has(parent)) continue;
      found.add(parent);
      open.push(parent);
    }
  }
  return found;
}
