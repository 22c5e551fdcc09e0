import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readBytes } from "../files/read-file.ts";
import { isSamePath } from "../files/same-path.ts";
import { decodeLines } from "../files/text-encoding.ts";
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

/** The top of a linked worktree, from the `gitdir` file that git keeps in its git directory; null without one. */
function linkedTop(gitDir: string): string | null {
  const note = join(gitDir, "gitdir");
  if (!existsSync(note)) return null;
  return dirname(resolve(gitDir, readFileSync(note, "utf8").replace(/\r?\n$/, "")));
}

/** First line of a file in the git directory; null when the file is not there. */
export function readGitFile(gitDir: string, name: string): string | null {
  const bytes = readBytes(join(gitDir, name));
  return bytes === null ? null : (decodeLines(bytes)[0] ?? "");
}

/** `HEAD` from its file; null where the file does not hold it (reftable, a link as in old git) and git has to be asked. */
export function readHeadFile(gitDir: string): GuardHead | null {
  // git does not mind blanks at the end.
  const line = readGitFile(gitDir, "HEAD")?.replace(/[ \t\r\v\f]+$/, "");
  if (line === undefined || isLink(join(gitDir, "HEAD")) || line === "ref: refs/heads/.invalid") return null;
  if (line.startsWith("ref: refs/heads/")) return { kind: "branch", branch: line.slice("ref: refs/heads/".length) };
  return /^[0-9a-f]{40,64}$/.test(line) ? detachedHead(gitDir, line) : null;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** A detached HEAD and the operation that detached it. */
export function detachedHead(gitDir: string, sha: string): GuardHead {
  const name = readGitFile(gitDir, "rebase-merge/head-name") ?? readGitFile(gitDir, "rebase-apply/head-name");
  const rebasing = name?.startsWith("refs/heads/") ? name.slice("refs/heads/".length) : null;
  const bisectFrom = readGitFile(gitDir, "BISECT_START")?.replace(/^refs\/heads\//, "") ?? null;
  return { kind: "detached", sha, rebasing, bisectFrom };
}

/** Values that an abort of the operation in progress would bring back. */
export function readAbortTargets(gitDir: string): string[] {
  const targets = [
    readGitFile(gitDir, "sequencer/head"),
    readGitFile(gitDir, "rebase-merge/orig-head"),
    readGitFile(gitDir, "rebase-apply/orig-head"),
    existsSync(join(gitDir, "rebase-apply", "applying")) ? readGitFile(gitDir, "ORIG_HEAD") : null,
  ];
  return targets.filter((target) => target !== null && target !== "") as string[];
}

/** The sessions of all other worktrees of the clone that name a branch they expect. */
export function readOtherSessions(place: HookPlace, mainTop: string): OtherSession[] {
  const tops: string[] = place.linked && mainTop !== "" ? [mainTop] : [];
  for (const gitDir of linkedGitDirs(place.commonDir)) {
    const top = isSamePath(gitDir, place.gitDir) ? null : linkedTop(gitDir);
    if (top !== null) tops.push(top);
  }
  return tops.flatMap((topLevel) => {
    const expectation = readExpectation(topLevel);
    if (expectation.kind !== "present") return [];
    const { session, expectedBranch } = expectation.content;
    return [{ worktree: topLevel, session, branch: expectedBranch }];
  });
}

/** Git directories of the linked worktrees that git still knows. */
export function linkedGitDirs(commonDir: string): string[] {
  const root = join(commonDir, "worktrees");
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((gitDir) => existsSync(join(gitDir, "gitdir")));
}
