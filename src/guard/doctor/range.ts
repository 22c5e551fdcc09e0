import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { DOCTOR_EMAIL } from "../../domain/doctor-marker.ts";
import { parseBranchName } from "../../domain/names.ts";
import { newSessionFile } from "../../domain/new-session-file.ts";
import type { Git } from "../../git/git.ts";
import { listWorktrees } from "../../git/worktrees.ts";
import { writeSessionFile } from "../../layout/session-file.ts";

/** All of doctor's branches stand below this; it alone uses it. */
const BRANCH_PREFIX = "bulkhead-doctor/";
const DIRECTORY_PREFIX = "bulkhead-doctor-";

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

/** For steps of doctor itself, which are not trials: git runs no hook. */
export const WITHOUT_HOOKS = ["-c", "core.hooksPath=/dev/null"] as const;

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
 * @param git bound to any directory of the clone
 * @param path the PATH that git was found on
 */
export async function openFiringRange(git: Git, mainTop: string, path: string): Promise<FiringRange> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`)));
  const prefix = `${BRANCH_PREFIX}${process.pid}-${randomBytes(4).toString("hex")}`;
  const topLevel = join(directory, "worktree");
  const branch = (name: string) => `${prefix}/${name}`;
  const close = () => clear(git, prefix, topLevel, directory);
  try {
    const first = await commitTree(git, "one\n", []);
    const second = await commitTree(git, "two\n", [first]);
    const refs = {
      [branch("expected")]: first,
      [branch("wrong")]: second,
      [branch("side")]: await commitTree(git, "one\n", [first], { "side.txt": "side\n" }),
      [branch("ahead")]: await commitTree(git, "three\n", [second]),
    };
    await updateBranches(git, refs);
    await git.run([...WITHOUT_HOOKS, "worktree", "add", "-q", topLevel, branch("wrong")], { mode: "write" });
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
      `refs/heads/${branch("ahead")}:refs/heads/${branch("expected")}`,
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
  const lines = Object.entries(branches).map(([name, sha]) => `update refs/heads/${name}\0${sha}\0\0`);
  await git.run([...WITHOUT_HOOKS, "update-ref", "--stdin", "-z"], { mode: "write", input: lines.join("") });
}

async function clear(git: Git, prefix: string, topLevel: string, directory: string): Promise<void> {
  const listed = (await listWorktrees(git)).some(({ path }) => path === topLevel);
  if (listed) {
    await git.run([...WITHOUT_HOOKS, "worktree", "remove", "--force", "--force", topLevel], { mode: "write" });
  }
  // Only ever a directory that doctor made: its name says so.
  if (basename(directory).startsWith(DIRECTORY_PREFIX)) rmSync(directory, { recursive: true, force: true });
  await deleteBranches(git, prefix);
}

async function deleteBranches(git: Git, prefix: string): Promise<void> {
  const refs = await git.text(["for-each-ref", "--format=%(refname)", `refs/heads/${prefix}/`]);
  const lines = refs.split("\n").filter(Boolean);
  const input = lines.map((ref) => `delete ${ref}\0\0`).join("");
  if (input !== "") await git.run([...WITHOUT_HOOKS, "update-ref", "--stdin", "-z"], { mode: "write", input });
}

/** Clears what a doctor that was killed has left: its branches and its directory carry its process id. */
export async function clearAbandoned(git: Git, isAlive: (pid: number) => boolean): Promise<void> {
  const refs = await git.text(["for-each-ref", "--format=%(refname:lstrip=2)", `refs/heads/${BRANCH_PREFIX}`]);
  const prefixes = new Set(
    refs
      .split("\n")
      .filter(Boolean)
      .map((name) => name.split("/").slice(0, 2).join("/")),
  );
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(DIRECTORY_PREFIX))) {
    const directory = join(tmpdir(), name);
    const unused = !existsSync(join(directory, "worktree")) && !isAlive(Number(name.split("-")[2]));
    if (unused) rmSync(directory, { recursive: true, force: true });
  }
  for (const prefix of prefixes) {
    const pid = Number(prefix.slice(BRANCH_PREFIX.length).split("-")[0]);
    if (isAlive(pid)) continue;
    const worktree = (await listWorktrees(git)).find(({ branch }) => branch?.startsWith(`${prefix}/`));
    if (worktree === undefined) await deleteBranches(git, prefix);
    else await clear(git, prefix, worktree.path, dirname(worktree.path));
  }
}
