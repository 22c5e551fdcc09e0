import type { Commit } from "../domain/history.ts";

/** Whether the commit is one that `git stash` makes: a merge of `HEAD` and an index commit, named after a branch. */
export function isStash(commit: Commit, bySha: ReadonlyMap<string, Commit>): boolean {
  if (commit.parents.length < 2 || commit.parents.length > 3) return false;
  const index = bySha.get(commit.parents[1] ?? "");
  // The index commit goes when the stash goes: it is among the same commits, or cannot be looked at.
  return index !== undefined ? isStashPart(index) : /^(?:WIP on|On) .+: /.test(commit.subject);
}

/** Whether the commit holds the index or the untracked files of a stash, and is nothing by itself. */
export function isStashPart({ parents, subject }: Commit): boolean {
  if (/^index on .+: [0-9a-f]{4,64} /.test(`${subject} `)) return parents.length === 1;
  return parents.length === 0 && /^untracked files on .+: [0-9a-f]{4,64} /.test(`${subject} `);
}
