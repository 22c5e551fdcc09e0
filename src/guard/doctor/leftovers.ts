/**
 * What a doctor puts into a clone and takes out again. A doctor that was killed could not: the next one does, and only with
 * what carries a doctor's marks, of this clone, of this user, of a process that is gone.
 */
import { existsSync, lstatSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { DOCTOR_EMAIL } from "../../domain/doctor-marker.ts";
import { branchOfRef, HEADS } from "../../domain/ref-names.ts";
import { writeFileAtomically } from "../../files/atomic-write.ts";
import { listNames, readLine, readText } from "../../files/read-file.ts";
import { isSamePath } from "../../files/same-path.ts";
import type { Git } from "../../git/git.ts";

/** All of doctor's branches stand below this; it alone uses it. */
export const BRANCH_PREFIX = "bulkhead-doctor/";
/** Its directories in the temporary directory are called so, with its process id behind. */
export const DIRECTORY_PREFIX = "bulkhead-doctor-";
/** For steps of doctor itself, which are not trials: git runs no hook. */
export const WITHOUT_HOOKS = ["-c", "core.hooksPath=/dev/null"] as const;

/** What one doctor has made, as the mark in its directory says. */
export interface DoctorTraces {
  readonly commonDir: string;
  readonly directory: string;
  /** Its branches stand below this. */
  readonly prefix: string;
}

const MARK = "doctor.json";

/** Leaves the mark by which a later doctor knows whose a directory is. */
export function markDirectory({ commonDir, directory, prefix }: DoctorTraces): void {
  writeFileAtomically(join(directory, MARK), `${JSON.stringify({ commonDir, prefix, pid: process.pid })}\n`);
}

/** The throwaway worktree's name, by which git knows it: no other has it. */
export function worktreeName(prefix: string): string {
  return prefix.replace("/", "-");
}

/** Takes out what a doctor has made: directory, worktree, branches. Also when it is called off. */
export async function clearTraces(git: Git, { commonDir, directory, prefix }: DoctorTraces): Promise<void> {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  for (const gitDir of worktreeEntries(commonDir)) {
    if (isSamePath(dirname(dirname(worktreeFile(gitDir))), directory)) removeEntry(gitDir);
  }
  // A `worktree add` that is ended may leave a part of it without a word of where the worktree was.
  rmSync(join(commonDir, "worktrees", worktreeName(prefix)), { recursive: true, force: true, maxRetries: 5 });
  removeEmpty(join(commonDir, "worktrees"));
  // A transaction that was ended may leave its locks and directories; the room is this doctor's alone.
  for (const room of ["refs/heads", "logs/refs/heads"]) {
    rmSync(join(commonDir, room, prefix), { recursive: true, force: true, maxRetries: 5 });
    removeEmpty(join(commonDir, room, dirname(prefix)));
  }
  await deleteBranches(git.undisturbed(), `${prefix}/`, () => true);
}

/** Clears what doctors that were killed have left. @param isAlive whether a process still runs */
export async function clearAbandoned(git: Git, commonDir: string, isAlive: (pid: number) => boolean): Promise<void> {
  // In a container every doctor may have the same number; this one has made nothing yet.
  const isGone = (pid: number) => Number.isInteger(pid) && (pid === process.pid || !isAlive(pid));
  for (const directory of candidates(commonDir)) {
    const mark = readMark(directory);
    if (mark !== null && isSamePath(mark.commonDir, commonDir) && isGone(mark.pid)) {
      await clearTraces(git, { commonDir, directory, prefix: mark.prefix });
    } else if (mark === null && isGone(pidOf(basename(directory)))) removeUnmarked(directory);
  }
  for (const gitDir of worktreeEntries(commonDir)) {
    const directory = dirname(dirname(worktreeFile(gitDir)));
    // The system has swept its temporary directory.
    const swept = !existsSync(directory) && readLine(join(gitDir, "HEAD"))?.startsWith(`ref: ${HEADS}${BRANCH_PREFIX}`);
    if (swept && isGone(pidOf(basename(directory)))) removeEntry(gitDir);
  }
  await deleteBranches(git, BRANCH_PREFIX, (branch) => {
    const pid = /^(\d+)-[0-9a-f]{8}\//.exec(branch.slice(BRANCH_PREFIX.length))?.[1];
    return pid !== undefined && isGone(Number(pid));
  });
}

/** Directories that may be a doctor's: of this user, no links, and named so. */
function candidates(commonDir: string): string[] {
  const places = worktreeEntries(commonDir).map((gitDir) => dirname(dirname(worktreeFile(gitDir))));
  const listed = orNone(() => listNames(tmpdir())).map((name) => join(tmpdir(), name));
  return [...new Set([...places, ...listed])].filter((path) => {
    if (!basename(path).startsWith(DIRECTORY_PREFIX)) return false;
    const [found] = orNone(() => [lstatSync(path)]);
    return found?.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
  });
}

function readMark(directory: string): (DoctorTraces & { readonly pid: number }) | null {
  const [text = null] = orNone(() => [readText(join(directory, MARK))]);
  try {
    const { commonDir, prefix, pid } = JSON.parse(text ?? "") as Record<string, unknown>;
    const right = typeof commonDir === "string" && typeof prefix === "string" && Number.isSafeInteger(pid);
    if (!right || !/^bulkhead-doctor\/\d+-[0-9a-f]{8}$/.test(prefix)) return null;
    return { commonDir, directory, prefix, pid: pid as number };
  } catch {
    return null;
  }
}

/** The process id in a directory's name; that of nobody where there is none. */
function pidOf(name: string): number {
  return Number(/^bulkhead-doctor-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
}

/** One that was killed before it left its whole mark has nothing else in it; any other content is not ours to judge. */
function removeUnmarked(directory: string): void {
  const names = orNone(() => listNames(directory));
  const unfinished = /^doctor\.json\.\d+\.[0-9a-f]{8}\.tmp$/;
  if (!names.every((name) => unfinished.test(name))) return;
  for (const name of names) rmSync(join(directory, name), { force: true });
  removeEmpty(directory);
}

function removeEmpty(directory: string): void {
  orNone(() => {
    rmdirSync(directory);
    return [];
  });
}

/** What git keeps of each linked worktree. */
function worktreeEntries(commonDir: string): string[] {
  const root = join(commonDir, "worktrees");
  return orNone(() => listNames(root)).map((name) => join(root, name));
}

/** Path of a worktree's `.git` file, as git notes it. */
function worktreeFile(gitDir: string): string {
  const [note = null] = orNone(() => [readLine(join(gitDir, "gitdir"))]);
  return note === null ? gitDir : resolve(gitDir, note);
}

function removeEntry(gitDir: string): void {
  rmSync(gitDir, { recursive: true, force: true, maxRetries: 5 });
  removeEmpty(dirname(gitDir));
}

/** What this user may not look at is not this user's doctor's. */
function orNone<T>(look: () => readonly T[]): readonly T[] {
  try {
    return look();
  } catch {
    return [];
  }
}

/** Deletes branches below a prefix, if a doctor has made what they hold. */
async function deleteBranches(git: Git, prefix: string, belongs: (branch: string) => boolean): Promise<void> {
  const format = "--format=%(authoremail) %(refname)";
  const listed = await git.text(["for-each-ref", format, `${HEADS}${prefix}`]);
  const lines = listed.split("\n").flatMap((line) => {
    const [email, ref = ""] = line.split(" ");
    return email === `<${DOCTOR_EMAIL}>` && belongs(branchOfRef(ref) ?? "") ? [`delete ${ref}\0\0`] : [];
  });
  if (lines.length === 0) return;
  const args = [...WITHOUT_HOOKS, "update-ref", "--stdin", "-z"];
  await git.run(args, { mode: "write", input: lines.join(""), retryLocked: true });
}
