/** Takes back a worktree that could not be made. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { isBranchName } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { readText } from "../files/read-file.ts";
import { removeTree } from "../files/remove-tree.ts";
import { isSamePath } from "../files/same-path.ts";
import { listWorktreeIds } from "../git/reflogs.ts";
import { readStatus } from "../git/status.ts";
import { linkedTop, listBranchHolders } from "../git/worktree-state.ts";
import { discard } from "./discard.ts";
import type { Begun, Held } from "./exclusive.ts";
import { gitDirAt } from "./find-worktree.ts";
import { findUniqueIgnored } from "./ignored-unique.ts";
import type { WorktreeTools } from "./surroundings.ts";
import type { Target } from "./target.ts";

type BegunCreation = Extract<Begun, { act: "create" }>;

/**
 * Takes back what was begun: the directory, if nothing in it is anybody's; git's own directory for it; the branch, if it
 * did not exist and nobody has moved it.
 * @returns the entry of the trash that holds the directory, where somebody had put something into it; null otherwise
 */
export async function undoCreation(
  tools: WorktreeTools,
  held: Held,
  target: Target,
  begun: BegunCreation,
): Promise<string | null> {
  const { path, newBranch } = begun;
  const kept = existsSync(path) ? await clearPlace(tools, held, target, begun) : null;
  for (const gitDir of await halfMadeGitDirs(tools.commonDir, begun)) removeTree(gitDir);
  if (newBranch !== null && isBranchName(newBranch.name)) {
    const holders = await listBranchHolders(tools.steadyGit, newBranch.name);
    const ref = branchRef(newBranch.name);
    // With the old value: a branch that has moved is somebody's by now, and stays.
    if (holders.length === 0) {
      await tools.steadyGit.run(["update-ref", "-d", ref, newBranch.sha], {
        mode: "write",
        retryLocked: true,
        allow: [1, 128],
      });
    }
  }
  held.finish();
  return kept;
}

async function clearPlace(
  tools: WorktreeTools,
  held: Held,
  target: Target,
  { path, newBranch, known }: BegunCreation,
): Promise<string | null> {
  const gitDir = gitDirAt(path, tools.commonDir);
  if (gitDir !== null && known.includes(basename(gitDir))) return null;
  if (await holdsNothing(tools, path, gitDir)) {
    removeTree(path);
    return null;
  }
  // Files without any sign of git are somebody else's.
  if (gitDir === null) return null;
  const what = {
    target,
    path,
    gitDir,
    branch: newBranch?.name ?? null,
    head: newBranch?.sha ?? null,
    item: null,
    staged: [],
  };
  const onlyCopy = ["what was put into it while it was being made"];
  const entry = await discard({ ...tools, git: tools.steadyGit }, held, { ...what, onlyCopy }, async () => true);
  return entry?.id ?? null;
}

/** Whether there is nothing in a half made worktree but what git has put there. */
async function holdsNothing(tools: WorktreeTools, path: string, gitDir: string | null): Promise<boolean> {
  if (gitDir === null) return readdirSync(path).length === 0;
  const git = tools.steadyGit.in(path);
  try {
    const lock = join(gitDir, "index.lock");
    // Left by a git that was killed; no other knows of this worktree.
    if (existsSync(lock)) removeTree(lock);
    if (!existsSync(join(gitDir, "index"))) await git.run(["read-tree", "HEAD"], { mode: "write" });
    const { changed, missing, untracked, ignored } = await readStatus(git);
    const unique = findUniqueIgnored(path, tools.mainTop, ignored, tools.isDisposable);
    return changed.length === missing.length && untracked.length + unique.length === 0;
  } catch (thrown) {
    // What cannot be looked at is not nothing.
    if (thrown instanceof BulkheadError) return false;
    throw thrown;
  }
}

/** git's directories that were made for this worktree, also one that git was killed in the middle of making. */
async function halfMadeGitDirs(commonDir: string, { path, known }: BegunCreation): Promise<string[]> {
  const root = join(commonDir, "worktrees");
  return (await listWorktreeIds(commonDir))
    .filter((name) => !known.includes(name))
    .map((name) => join(root, name))
    .filter((gitDir) => {
      const top = linkedTop(gitDir);
      if (top !== null) return isSamePath(top, path) && !existsSync(join(path, ".git"));
      const started = readText(join(gitDir, "locked"))?.trim() === "initializing";
      return started && basename(gitDir).startsWith(basename(path));
    });
}
