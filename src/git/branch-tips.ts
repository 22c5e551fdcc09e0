import { type BranchName, type CommitSha, isBranchName, isCommitSha } from "../domain/names.ts";
import { branchOfRef, branchRef } from "../domain/ref-names.ts";
import type { Git } from "./git.ts";

/** Where local branches stand, those of the names given: what it costs depends on them, not on how many branches there are. */
export async function listTips(git: Git, names: readonly BranchName[]): Promise<Map<BranchName, CommitSha>> {
  const tips = new Map<BranchName, CommitSha>();
  if (names.length === 0) return tips;
  const patterns = [...new Set(names)].map((name) => branchRef(name));
  const lines = await git.text(["for-each-ref", "--format=%(objectname) %(refname)", ...patterns]);
  const wanted = new Set<string>(names);
  for (const line of lines.split("\n")) {
    const [sha = "", ref = ""] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)];
    const name = branchOfRef(ref) ?? "";
    // A pattern also matches what lies below it.
    if (isCommitSha(sha) && isBranchName(name) && wanted.has(name)) tips.set(name, sha);
  }
  return tips;
}
