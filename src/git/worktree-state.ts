/**
 * Where the worktrees of a clone stand: what `HEAD` says, which operation is in progress, which branches each one holds.
 * The one place that finds this out, for guard, ship, sessions and recover alike. What git keeps in files is read from
 * them (https://git-scm.com/docs/gitrepository-layout), since the guard cannot wait for a process.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { type BranchName, type CommitSha, isBranchName, isCommitSha } from "../domain/names.ts";
import { branchOfRef, HEADS } from "../domain/ref-names.ts";
import { isLink } from "../files/links.ts";
import { listNames, readLine } from "../files/read-file.ts";
import { comparablePath } from "../files/same-path.ts";
import type { Git } from "./git.ts";
import { type Operation, readGitFile, readOperation } from "./operation.ts";
import { listWorktrees, type Worktree } from "./worktrees.ts";

/** What `HEAD` says. */
export type Head =
  | { readonly kind: "branch"; readonly branch: BranchName; readonly sha: CommitSha }
  | { readonly kind: "unborn"; readonly branch: BranchName }
  | { readonly kind: "detached"; readonly sha: CommitSha };

/** What the `HEAD` file alone says; names are as they stand there, bytes that are no UTF-8 escaped. */
export type HeadFile =
  | { readonly kind: "branch"; readonly branch: string }
  | { readonly kind: "detached"; readonly sha: string };

/** One worktree with what goes on in it. */
export interface WorktreeState extends Worktree {
  /** Its own git directory; null when git no longer knows it. */
  readonly gitDir: string | null;
  readonly operation: Operation | null;
}

/** What the `HEAD` file of a reftable repository says, whatever the branch. */
const REFTABLE_HEAD = `ref: ${HEADS}.invalid`;

/** `HEAD` from its file; null where the file does not hold it (reftable, a link as in old git) and git has to be asked. */
export function readHeadFile(gitDir: string): HeadFile | null {
  // git does not mind blanks at the end.
  const line = readGitFile(gitDir, "HEAD")?.replace(/[ \t\r\v\f]+$/, "");
  if (line === undefined || isLink(join(gitDir, "HEAD")) || line === REFTABLE_HEAD) return null;
  const branch = line.startsWith("ref: ") ? branchOfRef(line.slice("ref: ".length)) : null;
  if (branch !== null) return { kind: "branch", branch };
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(line) ? { kind: "detached", sha: line } : null;
}

/** Git directories of the linked worktrees that git knows. */
export function linkedGitDirs(commonDir: string): string[] {
  const root = join(commonDir, "worktrees");
  return listNames(root)
    .map((name) => join(root, name))
    .filter((gitDir) => existsSync(join(gitDir, "gitdir")));
}

/** Top of a linked worktree, from the note that git keeps in its git directory; null without one. */
export function linkedTop(gitDir: string): string | null {
  const note = readLine(join(gitDir, "gitdir"));
  return note === null ? null : dirname(resolve(gitDir, note));
}

/** All worktrees of the clone with what goes on in them, the main one first. One process. */
export async function readWorktreeStates(git: Git, commonDir: string): Promise<WorktreeState[]> {
  const listed = await listWorktrees(git);
  const known = new Map<string, string>();
  for (const gitDir of linkedGitDirs(commonDir)) {
    const top = linkedTop(gitDir);
    if (top !== null) known.set(comparablePath(top), gitDir);
  }
  return listed.map((worktree, i) => {
    const gitDir = i === 0 ? commonDir : (known.get(comparablePath(worktree.path)) ?? null);
    return { ...worktree, gitDir, operation: gitDir === null ? null : readOperation(gitDir) };
  });
}

/**
 * The worktrees that hold a branch: they have it checked out, or are in the middle of a rebase or bisect of it (git
 * lists those as detached, and yet refuses to move the branch under them).
 */
export function findHolders(worktrees: readonly WorktreeState[], branch: BranchName): WorktreeState[] {
  return worktrees.filter(({ branch: checkedOut, operation, prunable }) => {
    if (checkedOut === branch) return true;
    // The directory of a worktree that could be pruned is gone: nothing goes on in it.
    if (operation === null || prunable !== null) return false;
    return operation.branch === branch || operation.updates.includes(branch);
  });
}

/**
 * The worktrees that hold a branch now: `findHolders` of what git and its files say at this moment.
 * @param known the common git directory, where it is known: that costs one process less
 */
export async function listBranchHolders(git: Git, branch: BranchName, known?: string): Promise<WorktreeState[]> {
  const commonDir = known ?? (await git.text(["rev-parse", "--path-format=absolute", "--git-common-dir"]));
  return findHolders(await readWorktreeStates(git, commonDir), branch);
}

/**
 * What `HEAD` of a worktree says.
 * @param gitDir where it is known: then the branch costs no process
 * @throws BulkheadError `GIT_FAILED` when it names no branch and no commit
 */
export async function readHead(git: Git, gitDir: string | null = null): Promise<Head> {
  const branch = await readBranch(git, gitDir);
  const commit = await git.run(["rev-parse", "-q", "--verify", "HEAD^{commit}"], { allow: [1, 128] });
  const sha = commit.stdout.trim();
  if (isCommitSha(sha)) return branch === null ? { kind: "detached", sha } : { kind: "branch", branch, sha };
  if (branch !== null) return { kind: "unborn", branch };
  throw new BulkheadError("GIT_FAILED", { command: "rev-parse HEAD", reason: "HEAD names no branch and no commit" });
}

/**
 * The branch that a worktree is on, without a process wherever its `HEAD` file tells it.
 * @param timeout milliseconds that git may take where it has to be asked
 * @returns null when detached
 * @throws BulkheadError `INVALID_BRANCH_NAME`, `GIT_FAILED`
 */
export async function readBranch(git: Git, gitDir: string | null, timeout = 3000): Promise<BranchName | null> {
  const file = gitDir === null ? null : readHeadFile(gitDir);
  if (file?.kind === "detached") return null;
  const name = file?.branch ?? branchOfRef(await askHead(git, timeout));
  if (name === null) return null;
  if (!isBranchName(name)) throw new BulkheadError("INVALID_BRANCH_NAME", { name });
  return name;
}

async function askHead(git: Git, timeout: number): Promise<string> {
  return (await git.run(["symbolic-ref", "-q", "HEAD"], { allow: [1], timeout })).stdout.trim();
}
