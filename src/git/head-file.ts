/** Finds a worktree's git directory and reads its branch without starting git, which a heartbeat cannot afford to wait for. */
import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { type BranchName, isBranchName } from "../domain/names.ts";
import { createGit } from "./git.ts";

/** The directories of a worktree, as its files name them. */
export interface WorktreePlace {
  readonly topLevel: string;
  readonly gitDir: string;
  readonly commonDir: string;
}

/** What the `HEAD` file of a reftable repository says, whatever the branch. */
const REFTABLE_HEAD = "ref: refs/heads/.invalid";
/** Milliseconds that git may take to name the branch. */
const ASK_TIMEOUT = 3000;

/** The worktree around a directory; null outside of any. */
export function findWorktreePlace(directory: string): WorktreePlace | null {
  for (let here = resolve(directory); ; here = dirname(here)) {
    const gitDir = readGitDir(here);
    if (gitDir !== null) {
      const common = readLine(join(gitDir, "commondir"));
      return { topLevel: here, gitDir, commonDir: common === null ? gitDir : resolve(gitDir, common) };
    }
    if (dirname(here) === here) return null;
  }
}

/** `.git` is a directory, or in a linked worktree a file that names one. */
function readGitDir(topLevel: string): string | null {
  const path = join(topLevel, ".git");
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (found.isDirectory()) return path;
  const line = readLine(path);
  return line?.startsWith("gitdir: ") ? resolve(topLevel, line.slice("gitdir: ".length)) : null;
}

/**
 * The branch that a worktree is on, from its `HEAD` file; git is asked only where the file does not tell.
 * @returns null when detached, or when nothing can tell: a heartbeat must not fail for it
 */
export async function readCurrentBranch(place: Pick<WorktreePlace, "topLevel" | "gitDir">): Promise<BranchName | null> {
  const head = readLine(join(place.gitDir, "HEAD"));
  if (head === REFTABLE_HEAD) return askGit(place.topLevel);
  return toBranch(head?.replace(/^ref: */, "") ?? "");
}

async function askGit(topLevel: string): Promise<BranchName | null> {
  try {
    const answer = await createGit(topLevel).run(["symbolic-ref", "-q", "HEAD"], { allow: [1], timeout: ASK_TIMEOUT });
    return toBranch(answer.stdout.trim());
  } catch (cause) {
    // Too slow, or no git at all: the branch is unknown, which null says.
    if (cause instanceof BulkheadError) return null;
    throw cause;
  }
}

function toBranch(ref: string): BranchName | null {
  const name = ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : "";
  return isBranchName(name) ? name : null;
}

/** A file's text without its line end; null when the file cannot be read. */
function readLine(path: string): string | null {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch {
    return null;
  }
}
