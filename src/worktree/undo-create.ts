/** Takes back a worktree that could not be made. */
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { isBranchName } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { readText } from "../files/read-file.ts";
import { removeTree } from "../files/remove-tree.ts";
import { isSamePath } from "../files/same-path.ts";
import { readRef } from "../git/ancestry.ts";
import type { Git } from "../git/git.ts";
import { clearStaleRefLock } from "../git/ref-lock.ts";
import { listWorktreeIds } from "../git/reflogs.ts";
import { readStatus } from "../git/status.ts";
import { lockReason } from "../git/worktree-lock.ts";
import { linkedTop, listBranchHolders } from "../git/worktree-state.ts";
import { isSessionDraft } from "../layout/paths.ts";
import { discard } from "./discard.ts";
import type { Begun, Held } from "./exclusive.ts";
import { gitDirAt } from "./find-worktree.ts";
import { findUniqueIgnored } from "./ignored-unique.ts";
import { BEING_MADE } from "./make.ts";
import { waitForGit } from "./occupants.ts";
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
  await waitForGit(path);
  const kept = existsSync(path) ? await clearPlace(tools, held, target, begun) : null;
  for (const gitDir of await halfMadeGitDirs(tools.commonDir, begun)) removeTree(gitDir);
  if (newBranch !== null && isBranchName(newBranch.name)) {
    const holders = await listBranchHolders(tools.steadyGit, newBranch.name);
    if (holders.length === 0) await dropBranch(tools, branchRef(newBranch.name), newBranch.sha);
  }
  held.finish();
  return kept;
}

/** With the old value: a branch that has moved is somebody's by now, and stays. */
async function dropBranch({ steadyGit, commonDir, clock }: WorktreeTools, ref: string, sha: string): Promise<void> {
  const write = { mode: "write", retryLocked: true } as const;
  if ((await readRef(steadyGit, ref)) !== sha) return;
  clearStaleRefLock(commonDir, ref, clock());
  const { exitCode } = await steadyGit.run(["update-ref", "-d", ref, sha], { ...write, allow: [1, 128] });
  // Nobody asked for it: the next command tries again.
  if (exitCode !== 0 && (await readRef(steadyGit, ref)) === sha)
    throw new BulkheadError("GIT_FAILED", { command: "update-ref -d", reason: `${ref} is locked` });
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
    stashes: [],
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
    const { changed, missing, untracked: found, ignored } = await readStatus(git);
    const untracked = found.filter((name) => !isSessionDraft(name));
    const unique = findUniqueIgnored(path, tools.mainTop, ignored, tools.isDisposable);
    const written = changed.filter((name) => !missing.includes(name));
    return untracked.length + unique.length === 0 && (await areBegun(git, path, written));
  } catch (thrown) {
    // What cannot be looked at is not nothing.
    if (thrown instanceof BulkheadError) return false;
    throw thrown;
  }
}

/** So many files can git be at writing at the same time. */
const MAX_BEGUN = 64;

/** Whether each of these files is the beginning of what git was about to write there, and nothing else. */
async function areBegun(git: Git, top: string, names: readonly string[]): Promise<boolean> {
  if (names.length > MAX_BEGUN) return false;
  for (const name of names) {
    const path = join(top, name);
    if (!lstatSync(path).isFile()) return false;
    const whole = await git.run(["cat-file", "--filters", `HEAD:${name}`], { encoding: "latin1", allow: [128] });
    if (whole.exitCode !== 0 || !whole.stdout.startsWith(readFileSync(path, "latin1"))) return false;
  }
  return true;
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
      // git writes the lock first of all; on a full disk it is empty.
      const lock = readText(join(gitDir, "locked"))?.trim() ?? "";
      return ["", lockReason(BEING_MADE)].includes(lock) && basename(gitDir).startsWith(basename(path));
    });
}
