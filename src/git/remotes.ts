import { BulkheadError } from "../domain/error.ts";
import { type BranchName, type CommitSha, isCommitSha } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import type { Git } from "./git.ts";
import { type ProgressLine, runPorcelain } from "./porcelain.ts";

/**
 * A remote's address, as git itself would use it.
 * @throws BulkheadError `NO_REMOTE`
 */
export async function readRemoteUrl(git: Git, remote: string): Promise<string> {
  // `get-url` would take an unknown name with a dash for an option.
  const found = remote.startsWith("-") ? null : await git.run(["remote", "get-url", remote], { allow: [2, 128] });
  if (found === null || found.exitCode !== 0) throw new BulkheadError("NO_REMOTE", { remote });
  return found.stdout.replace(/\r?\n$/, "");
}

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
