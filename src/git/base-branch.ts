import { type BranchName, isBranchName } from "../domain/names.ts";
import { HEADS, REMOTES, type RefName } from "../domain/ref-names.ts";
import type { Git } from "./git.ts";
import { refIsThere, symbolicTarget } from "./ref-files.ts";

/** The branch that work merges into, and the ref that new work starts from. */
export interface BaseBranch {
  readonly branch: BranchName;
  /** Full ref: the remote's where there is one, else the local branch. */
  readonly ref: RefName;
}

/** Asked in this order where neither a setting nor the remote names the base. */
const CUSTOMARY = ["main", "master"];

/**
 * Finds the base: the setting, else the remote's default branch as the clone recorded it, else a branch with a
 * customary name. One process at most, which looks at these refs alone, however many the clone has. No network.
 * @param configured the `base` setting; empty for none
 * @param commonDir where refs may be read without a process
 * @returns null when nothing tells
 */
export async function findBaseBranch(
  git: Git,
  remote: string,
  configured: string,
  commonDir: string,
): Promise<BaseBranch | null> {
  const prefix = `${REMOTES}${remote}/`;
  const seen = configured === "" ? symbolicTarget(commonDir, `${prefix}HEAD`) : null;
  const name = seen?.startsWith(prefix) ? seen.slice(prefix.length) : "";
  if (seen !== null && isBranchName(name) && refIsThere(commonDir, seen)) return { branch: name, ref: seen as RefName };
  return askForBase(git, prefix, configured);
}

async function askForBase(git: Git, prefix: string, configured: string): Promise<BaseBranch | null> {
  const names = isBranchName(configured) ? [configured] : CUSTOMARY;
  const asked = [`${prefix}HEAD`, ...names.flatMap((name) => [`${prefix}${name}`, `${HEADS}${name}`])];
  const lines = (await git.text(["for-each-ref", "--format=%(refname) %(symref)", ...asked])).split("\n");
  // A pattern also matches refs below it: only exact names count.
  const found = new Map(lines.map(pairOf).filter(([ref]) => asked.includes(ref)));
  const recorded = found.get(`${prefix}HEAD`) ?? "";
  if (configured === "" && recorded.startsWith(prefix)) found.set(recorded, "");
  const name =
    configured !== ""
      ? configured
      : recorded.startsWith(prefix)
        ? recorded.slice(prefix.length)
        : CUSTOMARY.find((one) => found.has(`${prefix}${one}`) || found.has(`${HEADS}${one}`));
  if (name === undefined || !isBranchName(name)) return null;
  const ref = found.has(`${prefix}${name}`) ? `${prefix}${name}` : `${HEADS}${name}`;
  return { branch: name, ref: ref as RefName };
}

function pairOf(line: string): [ref: string, target: string] {
  const [ref = "", target = ""] = line.split(" ");
  return [ref, target];
}
