import { type BranchName, isBranchName } from "../domain/names.ts";
import type { Git } from "./git.ts";

/** The branch that work merges into, and the ref that new work starts from. */
export interface BaseBranch {
  readonly branch: BranchName;
  /** Full ref: the remote's where there is one, else the local branch. */
  readonly ref: string;
}

/** Asked in this order where neither a setting nor the remote names the base. */
const CUSTOMARY = ["main", "master"];

/**
 * Finds the base: the setting, else the remote's default branch as the clone recorded it, else a branch with a
 * customary name. No network.
 * @param configured the `base` setting; empty for none
 * @returns null when nothing tells
 */
export async function findBaseBranch(git: Git, remote: string, configured: string): Promise<BaseBranch | null> {
  const remotePrefix = `refs/remotes/${remote}/`;
  const refs = new Set(
    (await git.text(["for-each-ref", "--format=%(refname)", "refs/heads/", remotePrefix])).split("\n"),
  );
  const { stdout } = await git.run(["symbolic-ref", "-q", `${remotePrefix}HEAD`], { allow: [1, 128] });
  const recorded = stdout.trim().startsWith(remotePrefix) ? stdout.trim().slice(remotePrefix.length) : "";
  const known = (name: string) => refs.has(`${remotePrefix}${name}`) || refs.has(`refs/heads/${name}`);
  const name = configured || recorded || CUSTOMARY.find(known) || "";
  if (!isBranchName(name)) return null;
  return { branch: name, ref: refs.has(`${remotePrefix}${name}`) ? `${remotePrefix}${name}` : `refs/heads/${name}` };
}
