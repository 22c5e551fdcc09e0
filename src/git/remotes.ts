import { type BranchName, type CommitSha, isCommitSha } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import type { Git } from "./git.ts";
import { type ProgressLine, runPorcelain } from "./porcelain.ts";

/** Where a remote's own branch stands now; null when there is none. Changes nothing here. */
export async function readRemoteBranch(git: Git, remote: string, branch: BranchName): Promise<CommitSha | null> {
  const ref = branchRef(branch);
  // A pattern also matches the end of longer names: only the exact one counts.
  for (const line of (await git.text(["ls-remote", "--refs", remote, ref])).split("\n")) {
    const [sha = "", name] = line.split("\t");
    if (name === ref && isCommitSha(sha)) return sha;
  }
  return null;
}

/**
 * Fetches one branch of a remote into a ref of ours, whatever the remote's configured refspecs are. Moves no local
 * branch, leaves FETCH_HEAD as it is.
 * @param remote a remote's name, or a URL
 */
export async function fetchInto(
  git: Git,
  remote: string,
  branch: BranchName,
  ref: string,
  progress?: ProgressLine,
): Promise<void> {
  await runPorcelain(git, ["fetch", ...QUIET_FETCH, remote, `+${branchRef(branch)}:${ref}`], { progress });
}

/** Fetches a commit's objects and moves no ref at all. */
export async function fetchObjects(git: Git, remote: string, ref: string): Promise<void> {
  await runPorcelain(git, ["fetch", "--refmap=", ...QUIET_FETCH, remote, ref]);
}

/** Keeps a fetch to the refs that it names. */
export const QUIET_FETCH = [
  "--no-tags",
  "--no-prune",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
] as const;
