import { statSync } from "node:fs";
import { resolve } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { discoverRepository } from "./discover.ts";
import type { Git, GitSurroundings } from "./git.ts";
import { createGit } from "./run-git.ts";

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

/**
 * Finds the repository of a directory. One process, where its files leave any doubt.
 * @throws BulkheadError `NO_SUCH_DIRECTORY`, `NOT_A_REPOSITORY`, `GIT_MISSING`, `GIT_FAILED`
 */
export async function openRepository(directory: string, surroundings: GitSurroundings = {}): Promise<Repository> {
  const here = resolve(directory);
  if (!statSync(here, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BulkheadError("NO_SUCH_DIRECTORY", { directory: here });
  }
  const git = createGit(here, surroundings);
  const seen = discoverRepository(here, git.env);
  if (seen !== null) return { git: git.in(seen.topLevel), ...seen, linked: seen.gitDir !== seen.commonDir };
  const ask = ["rev-parse", "--path-format=absolute"];
  // In a bare repository the last question fails, when the others have been answered.
  const query = ["--is-inside-work-tree", "--git-dir", "--git-common-dir", "--show-toplevel"];
  const found = await git.run([...ask, ...query], { allow: [128] });
  const [inside, ...paths] = found.stdout.replace(/\r?\n$/, "").split(/\r?\n/);
  if (found.exitCode !== 0 && inside !== "false") throw notOpened(here, found.stderr);
  const wanted = inside === "true" ? 3 : 2;
  // rev-parse separates paths by newlines: a path with a newline in it has to be asked for alone.
  const answers =
    paths.length === wanted
      ? paths
      : await Promise.all(query.slice(1, wanted + 1).map((question) => git.text([...ask, question])));
  const [gitDir = "", commonDir = "", topLevel = null] = answers;
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
