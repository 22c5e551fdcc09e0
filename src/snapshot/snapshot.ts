/** What a snapshot is, and how its ledger writes it down. */
import { createHash } from "node:crypto";
import type { SessionId } from "../domain/names.ts";
import { OWN_REFS } from "../domain/ref-names.ts";

/** Where every ledger of snapshots stands. They are trees, not commits: no `git log --all` shows them, and `git gc` keeps them. */
export const SNAPSHOTS = `${OWN_REFS}snapshots/`;

/** Why the keeper takes one: because it is time. All others are taken on purpose. */
export const BY_KEEPER = "by the keeper";

/** Something that was seen and is not in the snapshot. */
export interface LeftOut {
  /** From the worktree's top. */
  readonly path: string;
  readonly because: "too large" | "a repository of its own" | "unreadable";
  /** 0 where it is not known. */
  readonly bytes: number;
}

/** The uncommitted work of one worktree at one moment. Object names are those of trees. */
export interface Snapshot {
  /** `<date>-<time>-<four hexadecimal digits>`, UTC. */
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  /** Top directory of the worktree. */
  readonly worktree: string;
  readonly session: SessionId | null;
  /** The commit that `HEAD` named; null before the first. */
  readonly head: string | null;
  /** Null when detached. */
  readonly branch: string | null;
  /** Why it was taken, in words. */
  readonly cause: string;
  /** How many files differ from `HEAD`, and their size in bytes. */
  readonly files: number;
  readonly bytes: number;
  /** All tracked and untracked files as they were; what git ignores is not in it. */
  readonly tree: string;
  /** What was staged, where that differs from `HEAD`. */
  readonly index: string | null;
  /** Ignored files that `.worktreeinclude` names. */
  readonly included: string | null;
  /** Files whose bytes git's filters (line endings, LFS) would not give back, byte for byte. */
  readonly raw: string | null;
  /** Paths of unfinished conflicts. */
  readonly conflicts: readonly string[];
  /** Submodules, of which only the commit is noted. */
  readonly submodules: readonly string[];
  readonly leftOut: readonly LeftOut[];
  /** The one before it in the same ledger. */
  readonly previous: string | null;
}

/** A time in words that order as it does, and some digits of what was found, for two in one second. */
export function snapshotId(at: Date, ...content: readonly (string | null)[]): string {
  const digits = at.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const hash = createHash("sha256").update(content.join(" "));
  return `${digits}-${hash.digest("hex").slice(0, 4)}`;
}

/** The trees that a ledger has to hold for a snapshot, by the name of their entry. */
export function treesOf({ id, tree, index, included, raw }: Snapshot): readonly (readonly [string, string])[] {
  const named = { tree, index, included, raw };
  return Object.entries(named).flatMap(([name, sha]) => (sha === null ? [] : [[`${id}.${name}`, sha] as const]));
}

/** Reads a ledger's list, the newest first. @returns null where it is none of ours */
export function parseSnapshots(text: string): Snapshot[] | null {
  try {
    const list = JSON.parse(text) as { version?: unknown; snapshots?: unknown };
    return list.version === 1 && Array.isArray(list.snapshots) ? (list.snapshots as Snapshot[]) : null;
  } catch {
    return null;
  }
}

export function formatSnapshots(snapshots: readonly Snapshot[]): string {
  return `${JSON.stringify({ version: 1, snapshots })}\n`;
}
