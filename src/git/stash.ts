import { BulkheadError } from "../domain/error.ts";
import type { Git } from "./git.ts";

/** One entry of the stash that all worktrees of a clone share. Its hash names it; its number would change. */
export interface StashEntry {
  readonly sha: string;
  readonly message: string;
}

/** The stash, the newest entry first. */
export async function listStashes(git: Git): Promise<StashEntry[]> {
  // Not `git stash list`, which refuses in a bare repository.
  const listed = await git.run(["log", "-g", "-z", "--format=%H %gs", "refs/stash", "--"], { allow: [128] });
  if (listed.exitCode !== 0) {
    const exists = await git.run(["show-ref", "--verify", "-q", "refs/stash"], { allow: [1] });
    if (exists.exitCode === 1) return [];
    throw new BulkheadError("GIT_FAILED", { command: "log -g refs/stash", reason: listed.stderr.trim() });
  }
  return listed.stdout
    .split("\0")
    .filter(Boolean)
    .map((record) => {
      const space = record.indexOf(" ");
      return { sha: record.slice(0, space), message: record.slice(space + 1) };
    });
}

/** Entries that were made on a branch, as git's own messages tell. */
export function stashesOf(stashes: readonly StashEntry[], branch: string): StashEntry[] {
  return stashes.filter(
    ({ message }) => message.startsWith(`WIP on ${branch}: `) || message.startsWith(`On ${branch}: `),
  );
}

/** Puts an entry that has been dropped back on top of the stash. */
export async function storeStash(git: Git, { sha, message }: StashEntry): Promise<void> {
  await git.run(["stash", "store", "-m", message, sha], { mode: "write", retryLocked: true });
}
