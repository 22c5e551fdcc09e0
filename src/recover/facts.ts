import type { Commit, FileChange, Patch } from "../domain/history.ts";
import type { Naming } from "./naming.ts";

export type VerdictKind = "lost" | "superseded" | "stash" | "trivial" | "at_risk" | "gone";

/** What became of one unreachable commit, and how that is known. */
export interface Verdict {
  readonly sha: string;
  readonly verdict: VerdictKind;
  readonly reason: string;
  /** The commit that holds its work now; null unless superseded. */
  readonly replacedBy: string | null;
  /** Paths whose change is not in that commit, or not as it was. */
  readonly notReturned: readonly string[];
}

/** Everything that a verdict is formed from. */
export interface Facts {
  /** Unreachable commits to judge, children before parents. */
  readonly commits: readonly Commit[];
  /** Every unreachable commit, also those that are not judged, children before parents. */
  readonly unreachable: readonly Commit[];
  /** Reachable commits that may have replaced one. */
  readonly replacements: readonly Commit[];
  /** How many of these, from the first, stand in an order in which children come before their parents. */
  readonly replacementsInOrder: number;
  readonly namings: ReadonlyMap<string, Naming>;
  /** `[before, after]` of each amend that a reflog tells of. */
  readonly amends: readonly (readonly [string, string])[];
  /** By commit, against its first parent. Of replacements, paths that no judged commit changed may be missing. */
  readonly changes: ReadonlyMap<string, readonly FileChange[]>;
  /** By commit, and by `<base>..<tip>` for several commits taken as one. */
  readonly patches: ReadonlyMap<string, Patch>;
  /** What only the `HEAD` of a worktree reaches. */
  readonly heldByHead: ReadonlySet<string>;
}

/** How people name a commit. */
export function shortSha(sha: string): string {
  return sha.slice(0, 7);
}

/** The same for any two commits that changed the same paths. */
export function pathKey(changes: readonly FileChange[]): string {
  return changes
    .map(({ path }) => path)
    .sort()
    .join("\0");
}
