import type { Commit } from "../domain/history.ts";

/** Whether the first commit stands below the second. */
export type IsAncestor = (ancestor: string, descendant: string) => boolean;

/**
 * Ancestry among known commits. Each has a height: one more than the highest of its known parents. What is not lower
 * cannot be an ancestor, so that hardly any question needs a walk. Pure.
 */
export function createAncestry(commits: ReadonlyMap<string, Commit>): IsAncestor {
  const heights = measureHeights(commits);
  return (ancestor, descendant) => {
    const limit = heights.get(ancestor);
    if (limit === undefined || ancestor === descendant) return false;
    const seen = new Set<string>();
    const open = [descendant];
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      for (const parent of commits.get(sha)?.parents ?? []) {
        if (parent === ancestor) return true;
        if (seen.has(parent) || (heights.get(parent) ?? 0) <= limit) continue;
        seen.add(parent);
        open.push(parent);
      }
    }
    return false;
  };
}

function measureHeights(commits: ReadonlyMap<string, Commit>): Map<string, number> {
  const heights = new Map<string, number>();
  for (const { sha } of commits.values()) {
    const open = [sha];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const parents = (commits.get(top)?.parents ?? []).filter((parent) => commits.has(parent));
      const missing = heights.has(top) ? [] : parents.filter((parent) => !heights.has(parent));
      if (missing.length > 0) {
        open.push(...missing);
        continue;
      }
      heights.set(top, 1 + Math.max(0, ...parents.map((parent) => heights.get(parent) ?? 0)));
      open.pop();
    }
  }
  return heights;
}

/** The same commits, children before their parents; commits of one height in the order given. Pure. */
export function childrenFirst(commits: readonly Commit[]): Commit[] {
  const heights = measureHeights(new Map(commits.map((commit) => [commit.sha, commit])));
  return [...commits].sort((a, b) => (heights.get(b.sha) ?? 0) - (heights.get(a.sha) ?? 0));
}
