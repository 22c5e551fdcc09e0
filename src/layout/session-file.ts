import { lstatSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ClaimLost, Expectation, SessionFile } from "../domain/expectation.ts";
import { isBranchName } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { fileFailed } from "../files/file-failed.ts";
import { isInIndex } from "../files/git-index.ts";
import { readLine } from "../files/read-file.ts";
import { decodeText, settleText } from "../files/text-encoding.ts";
import { EXPECTATION_FILES, SESSION_FILE, worktreeLayout } from "./paths.ts";
import { commonDirectoryOf, writeSharedFile } from "./sharing.ts";

/** A larger file than this is no expectation; reading it would hold up every commit. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads the expectation of a worktree. Never throws: an unusable file is an answer. A file that git tracks is content of a
 * branch, which decides nothing: it is passed over.
 * @param gitDir the worktree's git directory, where a copy stands that `git clean -fdx` and `stash -a` do not take: it counts
 * while the file is missing
 */
export function readExpectation(topLevel: string, gitDir?: string): Expectation {
  const copy = gitDir === undefined ? null : readSessionCopy(gitDir);
  for (const name of EXPECTATION_FILES) {
    const found = readExpectationFile(join(topLevel, name), name);
    // What Bulkhead wrote itself need not be looked up.
    if (found.kind !== "missing" && (isSame(found, copy) || !isTracked(topLevel, name, gitDir))) return found;
  }
  // A copy that cannot be used is as good as none.
  return copy?.kind === "present" ? copy : { kind: "missing" };
}

function isSame(found: Expectation, copy: Expectation | null): boolean {
  return JSON.stringify(found) === JSON.stringify(copy);
}

function isTracked(topLevel: string, name: string, gitDir = gitDirOf(topLevel)): boolean {
  try {
    return gitDir !== null && isInIndex(gitDir, commonDirectoryOf(gitDir), name);
  } catch {
    // Where the index cannot be read, git works no more than we do.
    return false;
  }
}

/** `.git` is a directory, or in a linked worktree a file that names one. */
function gitDirOf(topLevel: string): string | null {
  const path = join(topLevel, ".git");
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const line = readLine(path);
  return line?.startsWith("gitdir: ") ? resolve(topLevel, line.slice("gitdir: ".length)) : null;
}

/** @param name the file's name as it is shown to people */
export function readExpectationFile(path: string, name: string): Expectation {
  let bytes: Buffer;
  try {
    // A link that leads nowhere is a broken file, not a missing one; so is one that leads to itself.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { kind: "missing" };
    const status = statSync(path);
    // Reading a pipe would wait forever, and a large file would hold every commit up.
    if (!status.isFile())
      return { kind: "invalid", file: name, fault: status.isDirectory() ? "is a directory" : "is no file" };
    if (status.size > MAX_BYTES) return tooLong(name, status.size);
    bytes = readFileSync(path);
  } catch (cause) {
    return { kind: "invalid", file: name, fault: readFault(cause) };
  }
  return parseExpectation(bytes, name);
}

function tooLong(file: string, bytes: number): Expectation {
  return { kind: "invalid", file, fault: `is ${bytes} bytes long, more than any session file` };
}

function readFault(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  if (code === "ELOOP") return "is a link that leads to itself";
  if (code === "ENOENT") return "is a link to a file that does not exist";
  if (code === "EACCES" || code === "EPERM") return "cannot be read by this user";
  return `cannot be read (${code || String(cause)})`;
}

/** Parses a session file's bytes. Pure. */
export function parseExpectation(bytes: Buffer, file: string): Expectation {
  const invalid = (fault: string): Expectation => ({ kind: "invalid", file, fault });
  let document: unknown;
  try {
    document = JSON.parse(decodeText(bytes));
  } catch {
    return invalid(bytes.length === 0 ? "is empty" : "is not valid JSON");
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return invalid("does not hold a JSON object");
  }
  return readFields(document as Record<string, unknown>, file);
}

const OPTIONAL_TEXT = ["session", "createdAt", "hostname", "repoRoot", "sdKey", "sessionId"] as const;
const KNOWN = new Set<string>([...OPTIONAL_TEXT, "expectedBranch", "claimEpoch", "claimLost"]);

function readFields(fields: Record<string, unknown>, file: string): Expectation {
  const invalid = (fault: string): Expectation => ({ kind: "invalid", file, fault });
  // The runbook's older `.worktree.json` calls it `branch`.
  const branch = fields.expectedBranch ?? (file === SESSION_FILE ? undefined : fields.branch);
  if (branch === undefined) return invalid("names no expectedBranch");
  if (typeof branch !== "string") return invalid("has an expectedBranch that is not a text");
  const expectedBranch = settleText(branch);
  if (!isBranchName(expectedBranch)) return invalid(`names '${branch}', which is not a valid branch name`);
  const texts: Record<string, string> = {};
  for (const key of OPTIONAL_TEXT) {
    const value = fields[key];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") return invalid(`has a ${key} that is not a text`);
    texts[key] = value;
  }
  const epoch = fields.claimEpoch;
  if (epoch !== undefined && !Number.isSafeInteger(epoch)) return invalid("has a claimEpoch that is not a number");
  const lost = readClaimLost(fields.claimLost);
  if (lost === "invalid") return invalid("has a claimLost that is not {by, at}");
  const other = Object.fromEntries(Object.entries(fields).filter(([key]) => !KNOWN.has(key)));
  const content: SessionFile = {
    session: "",
    createdAt: "",
    hostname: "",
    repoRoot: "",
    ...texts,
    expectedBranch,
    ...(epoch === undefined ? {} : { claimEpoch: epoch as number }),
    ...(lost === undefined ? {} : { claimLost: lost }),
    ...(Object.keys(other).length === 0 ? {} : { other }),
  };
  return { kind: "present", file, content };
}

function readClaimLost(value: unknown): ClaimLost | undefined | "invalid" {
  if (value === undefined || value === null || value === false) return undefined;
  // Whatever else stands here, somebody meant that the claim is lost: an odd shape must not read as "not lost".
  if (value === true) return { by: "another session", at: "" };
  if (typeof value !== "object" || Array.isArray(value)) return "invalid";
  const { by, at, reason } = value as Record<string, unknown>;
  if (typeof by !== "string" || typeof at !== "string") return "invalid";
  return { by, at, ...(typeof reason === "string" ? { reason } : {}) };
}

/** The file's text, in the layout that the sh guard reads: one key a line, the runbook's keys first. */
export function formatSessionFile(content: SessionFile): string {
  const { session, expectedBranch, createdAt, hostname, repoRoot, other, ...optional } = content;
  const ordered = { session, expectedBranch, createdAt, hostname, repoRoot, ...optional, ...other };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

/**
 * Writes a worktree's session file and its traces in the worktree's git directory, mode 0600 unless the clone is shared: a copy,
 * and
 * the expected ref alone on a line, which the sh guard of the main checkout can read cheaply for every worktree.
 * The copy goes first: with it alone, `worktree --adopt` can restore the file. The ref goes last, and gets the file's
 * time: the sh guard takes it for what the file says as long as both have the same.
 * @throws BulkheadError `FILE_FAILED`
 */
export function writeSessionFile(worktree: { topLevel: string; gitDir: string }, content: SessionFile): void {
  const commonDir = commonDirectoryOf(worktree.gitDir);
  const note = worktreeLayout(worktree.gitDir).expectedRef;
  const vouched = isVouchedFor(content);
  if (!vouched) rmSync(note, { force: true });
  const top = join(worktree.topLevel, SESSION_FILE);
  // A branch's own file of that name stays as it is: the copy counts.
  const tracked = isTracked(worktree.topLevel, SESSION_FILE, worktree.gitDir);
  for (const { path, text } of sessionFileTexts(worktree, content)) {
    if ((vouched || path !== note) && !(tracked && path === top)) writeSharedFile(path, text, commonDir);
  }
  if (!tracked) vouchForSession(worktree, content);
}

/**
 * Keeps, of a session file that somebody else wrote, what `writeSessionFile` leaves behind: from then on the sh guard knows it.
 * The file's own text stays as it is.
 */
export function traceSessionFile(worktree: { topLevel: string; gitDir: string }, content: SessionFile): void {
  const commonDir = commonDirectoryOf(worktree.gitDir);
  const top = join(worktree.topLevel, SESSION_FILE);
  if (!isVouchedFor(content) || !lstatSync(top, { throwIfNoEntry: false })?.isFile()) return;
  for (const { path, text } of sessionFileTexts(worktree, content)) {
    if (path !== top) writeSharedFile(path, text, commonDir);
  }
  vouchForSession(worktree, content);
}

/** The full guard has to judge a lost claim, and a file that is too long for any session. */
function isVouchedFor(content: SessionFile): boolean {
  return content.claimLost === undefined && formatSessionFile(content).length < MAX_BYTES / 4;
}

/**
 * Tells the sh guard whether the note of the expected ref stands for the session file just written: then both get one
 * time, in the past, so that whoever writes the file later leaves another one, also where a shell compares whole
 * seconds. There is no note for a file that the full guard has to judge.
 */
export function vouchForSession(worktree: { topLevel: string; gitDir: string }, content: SessionFile): void {
  const note = worktreeLayout(worktree.gitDir).expectedRef;
  const time = Math.floor(Date.now() / 1000) - 2;
  if (!isVouchedFor(content)) {
    rmSync(note, { force: true });
    return;
  }
  try {
    // The note first: at no moment does it share the file's time while it still says something else.
    utimesSync(note, time, time);
    utimesSync(join(worktree.topLevel, SESSION_FILE), time, time);
  } catch (cause) {
    throw fileFailed(note, "dated", cause);
  }
}

/** The files that make up a worktree's expectation, in the order in which they are written. Pure. */
export function sessionFileTexts(
  worktree: { topLevel: string; gitDir: string },
  content: SessionFile,
): { path: string; text: string }[] {
  const text = formatSessionFile(content);
  const layout = worktreeLayout(worktree.gitDir);
  return [
    { path: layout.sessionCopy, text },
    { path: join(worktree.topLevel, SESSION_FILE), text },
    { path: layout.expectedRef, text: `${branchRef(content.expectedBranch)}\n` },
  ];
}

/** The copy in the worktree's git directory. */
export function readSessionCopy(gitDir: string): Expectation {
  return readExpectationFile(worktreeLayout(gitDir).sessionCopy, SESSION_FILE);
}

/** Drops a worktree's session file and its traces: the worktree expects nothing from then on. */
export function removeSessionFile(worktree: { topLevel: string; gitDir: string }): void {
  const layout = worktreeLayout(worktree.gitDir);
  const top = join(worktree.topLevel, SESSION_FILE);
  const tracked = isTracked(worktree.topLevel, SESSION_FILE, worktree.gitDir);
  for (const path of [...(tracked ? [] : [top]), layout.expectedRef, layout.sessionCopy]) rmSync(path, { force: true });
}
