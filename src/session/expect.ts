import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import type { Expectation, SessionFile } from "../domain/expectation.ts";
import type { BranchName } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import type { Git } from "../git/git.ts";
import { followRenames, readHeadLog } from "../git/head-log.ts";
import { type Head, readBranch, readHead } from "../git/worktree-state.ts";
import { ensureIgnored } from "../layout/ignore-rules.ts";
import { worktreeLayout } from "../layout/paths.ts";
import { readExpectation, writeSessionFile } from "../layout/session-file.ts";
import type { Workplace } from "./workplace.ts";

export type ExpectPlace = Pick<
  Workplace,
  "git" | "topLevel" | "gitDir" | "commonDir" | "linked" | "mainTop" | "hostname"
>;

/** What a worktree expects, and whether its `HEAD` agrees. */
export interface ExpectationReport {
  readonly expected: BranchName | null;
  /** Null when detached. */
  readonly branch: BranchName | null;
  readonly agrees: boolean;
}

/**
 * Shows what the worktree expects.
 * @throws BulkheadError `EXPECTATION_INVALID`
 */
export async function showExpectation(
  place: Pick<ExpectPlace, "git" | "topLevel" | "gitDir">,
): Promise<ExpectationReport> {
  const found = readExpectation(place.topLevel, place.gitDir);
  if (found.kind === "invalid")
    throw new BulkheadError("EXPECTATION_INVALID", { file: found.file, fault: found.fault });
  const branch = await readBranch(place.git, place.gitDir);
  const expected = found.kind === "present" ? found.content.expectedBranch : null;
  // The guard follows a branch that was renamed at the next commit.
  const differs = expected !== null && branch !== null && branch !== expected;
  const moved = differs && branch === followRenames(readHeadLog(place.gitDir), expected);
  return report(moved && !(await exists(place.git, expected)) ? branch : expected, branch);
}

/**
 * Makes the worktree expect another branch. A file that cannot be used is set aside in the git directory and
 * written anew.
 * @throws BulkheadError `NO_SUCH_BRANCH`, `FILE_FAILED`
 */
export async function changeExpectation(
  place: ExpectPlace,
  branch: BranchName,
  now: string,
): Promise<ExpectationReport> {
  const head = await readHead(place.git, place.gitDir);
  await requireExisting(place, branch, head);
  const found = readExpectation(place.topLevel, place.gitDir);
  if (found.kind === "invalid") setAside(place, found.file);
  ensureIgnored(place.commonDir);
  writeSessionFile(place, await expecting(place, found, branch, now));
  return report(branch, head.kind === "detached" ? null : head.branch);
}

/** A typing error would block every commit: the branch must be there, or be the one that `HEAD` is about to make. */
async function requireExisting(place: ExpectPlace, branch: BranchName, head: Head): Promise<void> {
  if (head.kind !== "detached" && head.branch === branch) return;
  if (!(await exists(place.git, branch))) throw new BulkheadError("NO_SUCH_BRANCH", { branch });
}

async function exists(git: Git, branch: BranchName): Promise<boolean> {
  return (await git.run(["show-ref", "--verify", "--quiet", branchRef(branch)], { allow: [1] })).exitCode === 0;
}

function setAside(place: ExpectPlace, file: string): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(place.topLevel, file));
  } catch {
    // A dangling link, a directory: there is no content to keep, and writing says whether it can be replaced.
    return;
  }
  writeFileAtomically(worktreeLayout(place.gitDir).brokenSession, bytes);
}

async function expecting(
  place: ExpectPlace,
  found: Expectation,
  branch: BranchName,
  now: string,
): Promise<SessionFile> {
  if (found.kind === "present") return { ...found.content, expectedBranch: branch };
  const name = place.topLevel.split(/[\\/]/).at(-1) ?? "";
  const repoRoot = (await place.mainTop()).replaceAll("\\", "/");
  return { session: name, expectedBranch: branch, createdAt: now, hostname: place.hostname, repoRoot };
}

function report(expected: BranchName | null, branch: BranchName | null): ExpectationReport {
  return { expected, branch, agrees: expected === null || expected === branch };
}
