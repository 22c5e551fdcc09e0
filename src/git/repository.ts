import { statSync } from "node:fs";
import { resolve } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { type BranchName, type CommitSha, isBranchName, isCommitSha } from "../domain/names.ts";
import { createGit, type Git } from "./git.ts";

/** Where a directory stands: its worktree and the clone that the worktree belongs to. */
export interface Repository {
  /** git, bound to the worktree's top (to the git directory where there is no worktree). */
  readonly git: Git;
  /** The worktree's top directory; null inside a bare repository. */
  readonly topLevel: string | null;
  /** This worktree's own git directory: `.git`, or `.git/worktrees/<id>`. */
  readonly gitDir: string;
  /** The git directory that all worktrees of the clone share. */
  readonly commonDir: string;
  /** Whether this is a linked worktree. */
  readonly linked: boolean;
}

/** What `HEAD` says. */
export type Head =
  | { readonly kind: "branch"; readonly branch: BranchName; readonly sha: CommitSha }
  | { readonly kind: "unborn"; readonly branch: BranchName }
  | { readonly kind: "detached"; readonly sha: CommitSha };

/**
 * Finds the repository of a directory.
 * @throws BulkheadError `NO_SUCH_DIRECTORY`, `NOT_A_REPOSITORY`, `GIT_MISSING`, `GIT_FAILED`
 */
export async function openRepository(directory: string, env: NodeJS.ProcessEnv = process.env): Promise<Repository> {
  const here = resolve(directory);
  if (!statSync(here, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BulkheadError("NO_SUCH_DIRECTORY", { directory: here });
  }
  const git = createGit(here, env);
  const query = ["rev-parse", "--path-format=absolute", "--is-inside-work-tree", "--git-dir", "--git-common-dir"];
  const found = await git.run(query, { allow: [128] });
  if (found.exitCode !== 0) throw notOpened(here, found.stderr);
  const [inside, ...paths] = found.stdout.replace(/\r?\n$/, "").split(/\r?\n/);
  const ask = (name: string) => git.text(["rev-parse", "--path-format=absolute", name]);
  // rev-parse separates paths by newlines: a path with a newline in it has to be asked for alone.
  const [gitDir = "", commonDir = ""] =
    paths.length === 2 ? paths : [await ask("--git-dir"), await ask("--git-common-dir")];
  const topLevel = inside === "true" ? await ask("--show-toplevel") : null;
  return {
    git: git.in(topLevel ?? gitDir),
    topLevel,
    gitDir: resolve(gitDir),
    commonDir: resolve(commonDir),
    linked: resolve(gitDir) !== resolve(commonDir),
  };
}

/** 128 stands for "no repository here" and for real faults (ownership, corruption): only git's words tell them apart. */
function notOpened(directory: string, stderr: string): BulkheadError {
  if (/not a git repository/.test(stderr)) return new BulkheadError("NOT_A_REPOSITORY", { directory });
  const reason = stderr.trim().split(/\r?\n/)[0] ?? "";
  return new BulkheadError("GIT_FAILED", { command: "rev-parse", reason, directory });
}

/**
 * The repository with a worktree around it.
 * @throws BulkheadError `BARE_REPOSITORY` where there is none
 */
export async function openWorktree(
  directory: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Repository & { readonly topLevel: string }> {
  const repository = await openRepository(directory, env);
  const { topLevel } = repository;
  if (topLevel === null) throw new BulkheadError("BARE_REPOSITORY", { directory: resolve(directory) });
  return { ...repository, topLevel };
}

/** Reads `HEAD` of the worktree that git is bound to. */
export async function readHead(git: Git): Promise<Head> {
  const ref = await git.run(["symbolic-ref", "-q", "HEAD"], { allow: [1] });
  const commit = await git.run(["rev-parse", "-q", "--verify", "HEAD^{commit}"], { allow: [1, 128] });
  const sha = commit.stdout.trim();
  if (ref.exitCode !== 0) {
    if (isCommitSha(sha)) return { kind: "detached", sha };
    throw new BulkheadError("GIT_FAILED", { command: "rev-parse HEAD", reason: "HEAD names no branch and no commit" });
  }
  const branch = ref.stdout.trim().replace(/^refs\/heads\//, "");
  if (!isBranchName(branch)) throw new BulkheadError("INVALID_BRANCH_NAME", { name: branch });
  return isCommitSha(sha) ? { kind: "branch", branch, sha } : { kind: "unborn", branch };
}
