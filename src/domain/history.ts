/** Facts about commits, as git's plumbing tells them: plain data for the pure parts to decide on. */

export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly authorName: string;
  readonly authorEmail: string;
  /** Seconds since 1970. */
  readonly authorTime: number;
  readonly committerEmail: string;
  /** Seconds since 1970. */
  readonly commitTime: number;
  readonly subject: string;
}

/** One line of a reflog. */
export interface ReflogEntry {
  /** What the ref held before; null for nothing. */
  readonly before: string | null;
  /** What it held from then on; null for nothing. */
  readonly after: string | null;
  /** Seconds since 1970, by the clock of the machine that wrote it. */
  readonly at: number;
  /** `Name <email>` of the committer who moved the ref. */
  readonly who: string;
  /** What moved it: `commit: subject`, `reset: moving to HEAD~1`, … */
  readonly message: string;
  /** `HEAD` or a full ref name. */
  readonly ref: string;
  /** Id of the linked worktree whose log this is; null for the main worktree and for shared refs. */
  readonly worktree: string | null;
}

/** What a commit did to one path. */
export interface FileChange {
  /** Byte for byte: one character for each byte, since git's paths need not be UTF-8. `pathText` is for people. */
  readonly path: string;
  /** `<mode>:<object name>`; null when the path is new. */
  readonly before: string | null;
  /** `<mode>:<object name>`; null when the path is deleted. */
  readonly after: string | null;
}

/** A path's bytes as the text that people know. */
export function pathText(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

/** Lines that stand together in a diff: removed ones, and those that took their place. */
export interface LineRun {
  /** Where it starts in the new file, from 1. */
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** The unchanged lines before and behind it; empty at the file's edges. */
  readonly above: string;
  readonly below: string;
}

/** The part of a diff that speaks of one path. */
export interface PatchPart {
  /** Byte for byte, as in `FileChange`. */
  readonly path: string;
  /** The same for the same change wherever its lines stand. */
  readonly digest: string;
  /** The same for changes that differ in white space only; empty when nothing else changed, or lines are not shown. */
  readonly spaceless: string;
  /** None where lines are not shown: binary files, mode changes. */
  readonly runs: readonly LineRun[];
}

/** A diff, reduced to what tells patches apart. */
export interface Patch {
  /** Of the whole diff. Empty for an empty diff. */
  readonly digest: string;
  /** Of the whole diff, white space aside; empty where some part has none. */
  readonly spaceless: string;
  /** In the order of the diff. */
  readonly parts: readonly PatchPart[];
  readonly insertions: number;
  readonly deletions: number;
}

/** A diff to be made: of a commit against its parents, or against other commits in their place. */
export interface DiffRequest {
  readonly commit: string;
  /** Instead of the commit's own parents. Several give a combined diff: what a merge added of its own. */
  readonly against?: readonly string[];
}
