import { BulkheadError } from "../domain/error.ts";
import { type CommitSha, isCommitSha } from "../domain/names.ts";
import type { Git } from "./git.ts";

/** The commit that a full ref name holds; null when there is no such ref. */
export async function readRef(git: Git, ref: string): Promise<CommitSha | null> {
  const { exitCode, stdout } = await git.run(["rev-parse", "-q", "--verify", `${ref}^{commit}`], { allow: [1, 128] });
  const sha = stdout.trim();
  if (exitCode === 0 && isCommitSha(sha)) return sha;
  // Only a ref that is not there is "none"; one that cannot be read is a fault.
  const exists = await git.run(["show-ref", "--verify", "-q", ref], { allow: [1, 128] });
  if (exists.exitCode === 0)
    throw new BulkheadError("GIT_FAILED", { command: "rev-parse", reason: `${ref} names no commit` });
  return null;
}

/** Whether the commit's object is in this clone. */
export async function hasCommit(git: Git, sha: CommitSha): Promise<boolean> {
  return (await git.run(["cat-file", "-e", `${sha}^{commit}`], { allow: [1, 128] })).exitCode === 0;
}

/** Whether the first commit is the second or one of its ancestors. Both must be in this clone. */
export async function isAncestor(git: Git, ancestor: CommitSha, descendant: CommitSha): Promise<boolean> {
  if (ancestor === descendant) return true;
  return (await git.run(["merge-base", "--is-ancestor", ancestor, descendant], { allow: [1] })).exitCode === 0;
}

/** How one commit stands to another: it holds more, less, or both hold what the other lacks. */
export type Relation = "equal" | "ahead" | "behind" | "diverged";

/** How the first commit stands to the second. Both must be in this clone. */
export async function relate(git: Git, commit: CommitSha, other: CommitSha): Promise<Relation> {
  if (commit === other) return "equal";
  const counts = await git.text(["rev-list", "--left-right", "--count", `${commit}...${other}`]);
  const [ahead = 0, behind = 0] = counts.split("\t").map(Number);
  if (ahead > 0) return behind > 0 ? "diverged" : "ahead";
  return "behind";
}

/** Number of commits that the first holds and the second does not. */
export async function countBeyond(git: Git, commit: CommitSha, other: CommitSha): Promise<number> {
  return Number(await git.text(["rev-list", "--count", `${other}..${commit}`]));
}
