import type { Commit, FileChange, Patch, PatchPart } from "../domain/history.ts";
import type { Naming } from "./naming.ts";
import type { Rewrites } from "./rewrites.ts";

/**
 * `upstream` came by fetch and went by fetch: a remote let go of it. `backup` is a stash that a tool made for its own use and
 * dropped when it was done.
 */
export type VerdictKind = "lost" | "superseded" | "stash" | "trivial" | "at_risk" | "gone" | "upstream" | "backup";

/** Something of a superseded commit that is nowhere to be found. */
export interface Missing {
  /** Byte for byte, as in `FileChange`. */
  readonly path: string;
  /** Null for the whole file; else where its lines stood, and the first of them that says something. */
  readonly hunk: { readonly line: number; readonly lines: number; readonly text: string } | null;
  /** Whether it counts as lost: whoever drops lines in an amend of his own did so by hand, a whole file is worth a look. */
  readonly alarm: boolean;
}

/** What became of one unreachable commit, and how that is known. */
export interface Verdict {
  readonly sha: string;
  readonly verdict: VerdictKind;
  readonly reason: string;
  /** The commit that holds its work now; null unless superseded. */
  readonly replacedBy: string | null;
  /** Paths whose change is not in that commit, or not as it was: an edited amend has some. */
  readonly notReturned: readonly string[];
  /** What never came back at all, in that commit or elsewhere. */
  readonly missing: readonly Missing[];
}

/** Everything that a verdict is formed from. */
export interface Facts {
  /** Unreachable commits to judge, children before parents. */
  readonly commits: readonly Commit[];
  /** Every unreachable commit, also those that are not judged, children before parents. */
  readonly unreachable: readonly Commit[];
  /** Reachable commits that may have replaced one. */
  readonly replacements: readonly Commit[];
  readonly namings: ReadonlyMap<string, Naming>;
  readonly rewrites: Rewrites;
  /** By commit, against its first parent. Of replacements, paths that no judged commit changed may be missing. */
  readonly changes: ReadonlyMap<string, readonly FileChange[]>;
  /** By stash: its untracked files. */
  readonly untracked: ReadonlyMap<string, readonly FileChange[]>;
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

/** The parts of a patch by their paths; a path that changed its kind has two, of which the last counts. */
export function partsByPath(patch: Patch | undefined): Map<string, PatchPart> {
  return new Map((patch?.parts ?? []).map((part) => [part.path, part]));
}
