import type { BranchName, CommitSha } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { hasCommit } from "../git/ancestry.ts";
import type { Git } from "../git/git.ts";
import { conflictingFiles } from "../git/merge-tree.ts";
import { fetchObjects, readRemoteBranch } from "../git/remotes.ts";
import type { PullDetails } from "../github/lookup.ts";
import type { BasePlace } from "./base-place.ts";

/**
 * The files in which a head conflicts with its base, found here: GitHub only says that there are some, and may take its
 * time. Moves no ref. Empty: there are none; null: this clone cannot say.
 */
export async function findConflicts(
  git: Git,
  base: BasePlace,
  details: PullDetails | null,
  local: CommitSha | null,
  into: BranchName,
): Promise<readonly string[] | null> {
  // What GitHub calls mergeable needs no second opinion, unless there is more here than it has seen.
  const head = local ?? details?.pull.head.sha ?? null;
  if (head === null || (details?.pull.mergeable === true && head === details.pull.head.sha)) return null;
  try {
    if (!(await hasCommit(git, head))) return null;
    // Without a pull request only the remote itself tells where the base stands.
    const tip = details === null ? await readRemoteBranch(git, base.remote, into) : details.pull.base.tip;
    if (tip === null) return null;
    if (!(await hasCommit(git, tip))) await fetchObjects(git, base.remote, branchRef(into));
    return await conflictingFiles(git, tip, head);
  } catch {
    // It only explains: GitHub's own answer decides.
    return null;
  }
}
