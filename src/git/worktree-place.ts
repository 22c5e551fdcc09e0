/** Finds a worktree's git directory without starting git, which a heartbeat cannot afford to wait for. */
import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readLine } from "../files/read-file.ts";

/** The directories of a worktree, as its files name them. */
export interface WorktreePlace {
  readonly topLevel: string;
  readonly gitDir: string;
  readonly commonDir: string;
}

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
