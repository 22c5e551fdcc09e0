import type { Commit, FileChange, ReflogEntry } from "../../../src/domain/history.ts";
import type { Facts } from "../../../src/recover/facts.ts";
import { collectNamings } from "../../../src/recover/naming.ts";
import { collectRewrites } from "../../../src/recover/rewrites.ts";

/** A commit of its own author date, unless told. */
export function commit(sha: string, parents: readonly string[], more: Partial<Commit> = {}): Commit {
  const time = 1000 + sha.charCodeAt(0);
  return {
    ...{
      sha,
      parents,
      tree: `tree of ${sha}`,
      authorName: "Ada",
      authorEmail: "a@x",
      committerEmail: "a@x",
      subject: `subject of ${sha}`,
    },
    ...{ authorTime: time, commitTime: time },
    ...more,
  };
}

/** One path set to one content. */
export function set(path: string, after: string | null, before: string | null = null): FileChange {
  return { path, before, after };
}

export function logged(before: string | null, after: string | null, at: number, message: string): ReflogEntry {
  return { before, after, at, who: "Ada <a@x>", message, ref: "HEAD", worktree: null };
}

export interface Story {
  /** Children before parents. */
  readonly unreachable: readonly Commit[];
  readonly replacements?: readonly Commit[];
  readonly log?: readonly ReflogEntry[];
  readonly changes?: Readonly<Record<string, readonly FileChange[]>>;
  /** Digest by commit or range. */
  readonly patches?: Readonly<Record<string, string>>;
  readonly heldByHead?: readonly string[];
}

export function factsOf(story: Story): Facts {
  const { unreachable, replacements = [], log = [], changes = {}, patches = {}, heldByHead = [] } = story;
  const patch = (digest: string) => ({ digest, spaceless: "", parts: [], insertions: 0, deletions: 0 });
  const unreachableBySha = new Map(unreachable.map((commit) => [commit.sha, commit]));
  const known = new Map([...unreachable, ...replacements].map((commit) => [commit.sha, commit]));
  return {
    commits: unreachable,
    unreachable,
    replacements,
    namings: collectNamings(log),
    rewrites: collectRewrites(log, unreachableBySha, known),
    untracked: new Map(),
    changes: new Map(Object.entries(changes)),
    patches: new Map(Object.entries(patches).map(([key, digest]) => [key, patch(digest)])),
    heldByHead: new Set(heldByHead),
  };
}
