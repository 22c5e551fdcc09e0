import type { ConfigValue } from "../git/config-values.ts";
import type { ListedRef } from "../git/refs.ts";

/**
 * Where people, git and its servers keep work: whatever a ref of these reaches is not lost. The one list, for the scan and
 * for bringing back. What a remote's `fetch` setting fills counts as well.
 */
const HOLDING = [
  ...["refs/heads", "refs/tags", "refs/remotes", "refs/stash", "refs/notes", "refs/replace"],
  // git's own: what filter-branch replaced, what maintenance fetched ahead, what each worktree has for itself.
  ...["refs/original", "refs/prefetch", "refs/bisect", "refs/worktree", "refs/rewritten"],
  // Reviews, as servers name them.
  ...["refs/pull", "refs/pull-requests", "refs/merge-requests", "refs/changes"],
] as const;

/** Where tools keep whatever they ever saw, so that `git gc` leaves it alone. Nobody works there: they hold nothing. */
const KEEPING = [
  ...["refs/bulkhead", "refs/jj", "refs/branchless", "refs/keep-around", "refs/gitbutler", "refs/entire", "refs/wip"],
  ...["refs/checkpoint", "refs/checkpoints", "refs/snapshot", "refs/snapshots", "refs/backup", "refs/backups"],
  ...["refs/undo", "refs/autosave", "refs/dura", "refs/tmp", "refs/hidden", "refs/keep", "refs/internal"],
] as const;

/** The refs of a clone, by what they mean for what they reach. */
export interface HoldingRefs {
  /** Namespaces (`refs/heads`, …) that are there and hold. */
  readonly namespaces: readonly string[];
  /** Single refs right below `refs/` that hold, by their values. */
  readonly single: readonly string[];
  /** Refs of namespaces that nobody here knows: they hold what they made, not what people committed and lost. */
  readonly unknown: readonly ListedRef[];
}

/** Sorts a clone's refs. Pure. */
export function sortRefs(refs: readonly ListedRef[], config: readonly ConfigValue[]): HoldingRefs {
  const filled = config.flatMap(({ key, value }) => {
    const destination = /^remote\..*\.fetch$/.test(key) ? (value.split(":")[1] ?? "") : "";
    return destination.startsWith("refs/") ? [destination] : [];
  });
  const holds = new Set<string>([...HOLDING, ...filled.map(namespaceOf)]);
  const mirror = filled.includes("refs/*");
  const keeps = new Set<string>(KEEPING);
  const holding = refs.filter(({ ref }) => {
    const namespace = namespaceOf(ref);
    return !keeps.has(namespace) && (mirror || holds.has(namespace));
  });
  return {
    namespaces: [...new Set(holding.flatMap(({ ref }) => (isSingle(ref) ? [] : [namespaceOf(ref)])))],
    single: holding.flatMap(({ ref, sha }) => (isSingle(ref) ? [sha] : [])),
    unknown: refs.filter(({ ref }) => {
      const namespace = namespaceOf(ref);
      return !keeps.has(namespace) && !mirror && !holds.has(namespace);
    }),
  };
}

function namespaceOf(ref: string): string {
  return ref.split("/").slice(0, 2).join("/");
}

function isSingle(ref: string): boolean {
  return ref.split("/").length === 2;
}
