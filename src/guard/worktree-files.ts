import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isSamePath } from "../files/same-path.ts";
import { readDetachedBy } from "../git/operation.ts";
import { linkedGitDirs, linkedTop, readHeadFile } from "../git/worktree-state.ts";
import { readExpectation } from "../layout/session-file.ts";
import type { GuardHead, OtherSession } from "./facts.ts";

/** Where the hook runs: read from files, because starting git for it would cost as much as the whole hook. */
export interface HookPlace {
  readonly gitDir: string;
  readonly commonDir: string;
  readonly linked: boolean;
  /** Top of the worktree; empty in a bare repository. */
  readonly topLevel: string;
}

/**
 * Finds the worktree that a hook runs for. `GIT_DIR` counts, not the current directory: `git worktree add` runs
 * hooks for the new worktree while it stands in the old one.
 */
export function findHookPlace(commonDir: string, mainTop: string, env: NodeJS.ProcessEnv, cwd: string): HookPlace {
  const gitDir = followGitFile(resolve(cwd, env.GIT_DIR || ".git"));
  const linked = existsSync(join(gitDir, "commondir"));
  // Where git's note of the place is lost, hooks still run at the worktree's top.
  const topLevel = linked ? (linkedTop(gitDir) ?? cwd) : mainTop;
  return { gitDir, commonDir, linked, topLevel };
}

/** In a linked worktree and a submodule `.git` is a file that names the git directory. */
function followGitFile(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  const target = readFileSync(path, "utf8")
    .replace(/^gitdir: /, "")
    .replace(/\r?\n$/, "");
  return resolve(dirname(path), target);
}

/** `HEAD` and the operation that detached it, from files; null where git has to be asked. */
export function readGuardHead(gitDir: string): GuardHead | null {
  const file = readHeadFile(gitDir);
  return file?.kind === "detached" ? detachedHead(gitDir, file.sha) : file;
}

/** A detached HEAD and the operation that detached it. */
export function detachedHead(gitDir: string, sha: string): GuardHead {
  return { kind: "detached", sha, ...readDetachedBy(gitDir) };
}

/** Every worktree of the clone that is there. @param mainTop top of the main checkout; empty in a bare clone */
export function allWorktrees(commonDir: string, mainTop: string): { topLevel: string; gitDir: string }[] {
  const linked = linkedGitDirs(commonDir).flatMap((gitDir) => {
    const topLevel = linkedTop(gitDir);
    return topLevel === null || !existsSync(topLevel) ? [] : [{ topLevel, gitDir }];
  });
  return mainTop === "" ? linked : [{ topLevel: mainTop, gitDir: commonDir }, ...linked];
}

/** The sessions of all other worktrees of the clone that name a branch they expect. */
export function readOtherSessions(place: HookPlace, mainTop: string): OtherSession[] {
  const others = allWorktrees(place.commonDir, mainTop).filter(({ gitDir }) => !isSamePath(gitDir, place.gitDir));
  return others.flatMap(({ topLevel, gitDir }) => {
    const expectation = readExpectation(topLevel, gitDir);
    if (expectation.kind !== "present") return [];
    const { session, expectedBranch } = expectation.content;
    const head = readHeadFile(gitDir);
    const there = head?.kind === "branch" && head.branch === expectedBranch;
    return [{ worktree: topLevel, session, branch: expectedBranch, there }];
  });
}
