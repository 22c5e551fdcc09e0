import { type CommitSha, isCommitSha } from "../domain/names.ts";
import { isAncestor } from "../git/ancestry.ts";
import type { Git } from "../git/git.ts";
import { readPatches } from "../git/patches.ts";

/** More commits of the base than this are not compared one by one. */
const MAX_COMMITS = 500;

/**
 * Whether the base holds everything of a commit: it is an ancestor; or merging it would change nothing; or one commit of
 * the base has the very patch of all its commits together, as a squash merge makes it, however the base went on. What
 * cannot be proved is no. Changes nothing but for loose objects that `git merge-tree` writes.
 */
export async function isMergedInto(git: Git, commit: CommitSha, base: CommitSha): Promise<boolean> {
  if (await isAncestor(git, commit, base)) return true;
  const fork = (await git.run(["merge-base", base, commit], { allow: [1] })).stdout.trim();
  if (!isCommitSha(fork)) return false;
  return (await addsNothing(git, commit, base)) || (await hasPatch(git, { fork, commit, base }));
}

async function addsNothing(git: Git, commit: CommitSha, base: CommitSha): Promise<boolean> {
  const args = ["merge-tree", "--write-tree", "--no-messages", base, commit];
  const { exitCode, stdout } = await git.run(args, { allow: [1], mode: "write" });
  return exitCode === 0 && stdout.trim() === (await git.text(["rev-parse", `${base}^{tree}`]));
}

async function hasPatch(
  git: Git,
  { fork, commit, base }: { fork: CommitSha; commit: CommitSha; base: CommitSha },
): Promise<boolean> {
  const [wanted] = await readPatches(git, [{ commit, against: [fork] }]);
  if (wanted === undefined || wanted.digest === "") return false;
  const range = ["rev-list", "--no-merges", `--max-count=${MAX_COMMITS}`, `${fork}..${base}`];
  const commits = (await git.text(range)).split("\n").filter(Boolean);
  const patches = await readPatches(
    git,
    commits.map((sha) => ({ commit: sha })),
  );
  return patches.some(({ digest }) => digest === wanted.digest);
}

/** How many commits no remote has and the base does not hold, however it got there. @param base null when nothing tells */
export async function countUnpushed(git: Git, commit: CommitSha, base: CommitSha | null): Promise<number> {
  const held = ["--remotes", ...(base === null ? [] : [base])];
  // One is enough to ask further; mostly there is none.
  const any = await git.text(["rev-list", "--max-count=1", commit, "--not", ...held]);
  if (any === "") return 0;
  const count = Number(await git.text(["rev-list", "--count", commit, "--not", ...held]));
  return count > 0 && base !== null && (await isMergedInto(git, commit, base)) ? 0 : count;
}
