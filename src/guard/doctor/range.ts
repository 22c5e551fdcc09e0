import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DOCTOR_EMAIL } from "../../domain/doctor-marker.ts";
import { BulkheadError } from "../../domain/error.ts";
import { parseBranchName } from "../../domain/names.ts";
import { newSessionFile } from "../../domain/new-session-file.ts";
import { HEADS } from "../../domain/ref-names.ts";
import type { Git } from "../../git/git.ts";
import { writeSessionFile } from "../../layout/session-file.ts";
import {
  BRANCH_PREFIX,
  clearTraces,
  DIRECTORY_PREFIX,
  markDirectory,
  WITHOUT_HOOKS,
  worktreeName,
} from "./leftovers.ts";

/** Whether a branch is one of a doctor's own. */
export function isTrialBranch(branch: string | null): boolean {
  return branch?.startsWith(BRANCH_PREFIX) ?? false;
}

/** Commits and author of the trials carry this identity, by which `recover` knows to skip them. */
export const DOCTOR_IDENTITY = {
  GIT_AUTHOR_NAME: "Bulkhead doctor",
  GIT_AUTHOR_EMAIL: DOCTOR_EMAIL,
  GIT_COMMITTER_NAME: "Bulkhead doctor",
  GIT_COMMITTER_EMAIL: DOCTOR_EMAIL,
} as const;

/** Doctor's own remote is a directory, which careful people's git may refuse to push to. */
export const ALLOW_FILE_TRANSPORT = ["-c", "protocol.file.allow=always"] as const;

/** A throwaway worktree of the clone, on the wrong branch for its session, with something to do in it. */
export interface FiringRange {
  /** git in the throwaway worktree. */
  readonly git: Git;
  readonly topLevel: string;
  readonly gitDir: string;
  /** Where the git program itself is. */
  readonly gitProgramDirectory: string;
  /** A bare repository to push to. */
  readonly remote: string;
  /** The branch that the worktree's session expects. */
  readonly expected: string;
  /** The branch that it is on instead. */
  readonly wrong: string;
  /** A branch that has grown apart from `wrong`. */
  readonly side: string;
  /** A branch ahead of `wrong`. */
  readonly ahead: string;
  /** What the branches point to at the start of each trial. */
  readonly start: Readonly<Record<string, string>>;
  /** A file for `git am`, made from `side`. */
  readonly patch: string;
  /** Where refused hooks leave their names. */
  readonly trace: string;
  /** Removes worktree, branches and files. */
  close(): Promise<void>;
}

/**
 * Builds the throwaway worktree.
 * @param caller git, bound to any directory of the clone
 * @param path the PATH that git was found on
 */
export async function openFiringRange(
  caller: Git,
  { commonDir, mainTop }: { readonly commonDir: string; readonly mainTop: string },
  path: string,
): Promise<FiringRange> {
  const git = caller.undisturbed();
  const directory = realpathSync(mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`)));
  const prefix = `${BRANCH_PREFIX}${process.pid}-${randomBytes(4).toString("hex")}`;
  const topLevel = join(directory, worktreeName(prefix));
  const branch = (name: string) => `${prefix}/${name}`;
  const traces = { commonDir, directory, prefix };
  const close = () => clearTraces(git, traces);
  try {
    markDirectory(traces);
    const first = await commitTree(git, "one\n", []);
    const second = await commitTree(git, "two\n", [first]);
    stopIfCalledOff(caller);
    const refs = {
      [branch("expected")]: first,
      [branch("wrong")]: second,
      [branch("side")]: await commitTree(git, "one\n", [first], { "side.txt": "side\n" }),
      [branch("ahead")]: await commitTree(git, "three\n", [second]),
    };
    await updateBranches(git, refs);
    stopIfCalledOff(caller);
    await git.run([...WITHOUT_HOOKS, "worktree", "add", "-q", topLevel, branch("wrong")], { mode: "write" });
    stopIfCalledOff(caller);
    const inside = git.in(topLevel);
    const gitDir = await inside.text(["rev-parse", "--path-format=absolute", "--git-dir"]);
    const expectedBranch = parseBranchName(branch("expected"));
    const now = new Date().toISOString();
    writeSessionFile(
      { topLevel, gitDir },
      newSessionFile({ topLevel, mainTop, expectedBranch, now, hostname: hostname() }),
    );
    const remote = join(directory, "remote.git");
    await git.run(["init", "-q", "--bare", remote], { mode: "write" });
    await inside.run([
      ...WITHOUT_HOOKS,
      ...ALLOW_FILE_TRANSPORT,
      "push",
      "-q",
      remote,
      `${HEADS}${branch("ahead")}:${HEADS}${branch("expected")}`,
    ]);
    const patches = join(directory, "patches");
    mkdirSync(patches);
    const patch = await inside.text(["format-patch", "-1", "-o", patches, branch("side")]);
    return {
      git: inside,
      topLevel,
      gitDir,
      gitProgramDirectory: findProgram("git", path),
      remote,
      expected: branch("expected"),
      wrong: branch("wrong"),
      side: branch("side"),
      ahead: branch("ahead"),
      start: refs,
      patch,
      trace: join(directory, "trace"),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/**
 * Doctor stops between two steps, not within one: what git has started goes on when git alone is ended, and would write
 * where everything has just been taken out.
 * @throws BulkheadError `INTERRUPTED`
 */
export function stopIfCalledOff({ signal }: Git): void {
  if (signal?.aborted) throw new BulkheadError("INTERRUPTED");
}

/** The first directory on the PATH that holds the program; the first of all where none does. */
function findProgram(name: string, path: string): string {
  const directories = path.split(delimiter);
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name];
  return (
    directories.find((directory) => names.some((file) => existsSync(join(directory, file)))) ?? directories[0] ?? ""
  );
}

/** A commit with a tree of its own: none of the repository's files, whatever its size. */
async function commitTree(
  git: Git,
  content: string,
  parents: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const entries: string[] = [];
  for (const [name, text] of Object.entries({ "trial.txt": content, ...more }).sort()) {
    const blob = await git.text(["hash-object", "-w", "--stdin"], { input: text, mode: "write" });
    entries.push(`100644 blob ${blob}\t${name}\0`);
  }
  const tree = await git.text(["mktree", "-z"], { input: entries.join(""), mode: "write" });
  const args = ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-m", "Bulkhead doctor: trial"];
  return git.text(args, { env: DOCTOR_IDENTITY, mode: "write" });
}

/** Sets branches of doctor's own to what they are to be, in one transaction. */
export async function updateBranches(git: Git, branches: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(branches).map(([name, sha]) => `update ${HEADS}${name}\0${sha}\0\0`);
  await git.run([...WITHOUT_HOOKS, "update-ref", "--stdin", "-z"], { mode: "write", input: lines.join("") });
}
