/** Carries out what `planRecovery` decided. Nothing that exists is moved, overwritten or checked out. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { HEADS } from "../domain/ref-names.ts";
import { fileFailed } from "../files/file-failed.ts";
import { readChanges } from "../git/changes.ts";
import { STORED_OBJECTS } from "../git/commits.ts";
import type { Git } from "../git/git.ts";
import { storeStash } from "../git/stash.ts";
import { shortSha } from "./facts.ts";
import type { RecoveryStep } from "./plan-recovery.ts";

type BringBack = Extract<RecoveryStep, { kind: "bring_back" }>;

/** Branches `recovery/…` that are there. */
export async function listRecoveryBranches(git: Git): Promise<Set<string>> {
  const text = await git.text(["for-each-ref", "--format=%(refname:lstrip=2)", `${HEADS}recovery/`]);
  return new Set(text.split("\n"));
}

/** Makes all branches of the plan in one transaction, or none. @throws BulkheadError `GIT_FAILED` */
export async function createBranches(git: Git, steps: readonly RecoveryStep[]): Promise<void> {
  // `create` fails where the ref exists by now: nothing is ever moved.
  const commands = steps.flatMap((step) =>
    step.kind === "bring_back" && step.branch !== null ? [`create ${HEADS}${step.branch}\0${step.at}\0`] : [],
  );
  if (commands.length === 0) return;
  await git.run(["update-ref", "--create-reflog", "-m", "bulkhead recover", "-z", "--stdin"], {
    input: commands.join(""),
    mode: "write",
    retryLocked: true,
  });
}

/**
 * Puts a commit, with the lost ones below it, on top of the stash: as it is where it is a stash, else as one that makes the
 * same change to what the commits stood on.
 * @returns the entry's hash @throws BulkheadError `NO_BASE_FOR_STASH`, `GIT_FAILED`
 */
export async function restoreAsStash(git: Git, { sha, subject, stash, base }: BringBack): Promise<string> {
  if (stash) {
    await storeStash(git, { sha, message: subject });
    return sha;
  }
  if (base === null) throw new BulkheadError("NO_BASE_FOR_STASH", { short: shortSha(sha) });
  const name = `recovery: ${shortSha(sha)} ${subject}`;
  const write = { mode: "write" as const };
  const index = await git.text(["commit-tree", `${base}^{tree}`, "-p", base, "-m", `index on ${name}`], write);
  const entry = await git.text(["commit-tree", `${sha}^{tree}`, "-p", base, "-p", index, "-m", `On ${name}`], write);
  await storeStash(git, { sha: entry, message: `On ${name}` });
  return entry;
}

/**
 * Writes the files that a commit and the lost ones below it changed, as the commit has them, into a new directory; of a
 * stash, its untracked files too.
 * @param parent where the directory is made @returns its path, and how many files are in it
 * @throws BulkheadError `FILE_FAILED`, `GIT_FAILED`
 */
export async function writeFiles(
  git: Git,
  { sha, stash, base, directory }: BringBack,
  parent: string,
): Promise<{ path: string; files: number }> {
  const path = join(parent, directory ?? shortSha(sha));
  try {
    // Not recursive: what is there already is nobody's to write into.
    mkdirSync(path);
  } catch (cause) {
    throw fileFailed(path, "made", cause);
  }
  const untracked = stash
    ? (await git.run(["rev-parse", "--verify", "--quiet", `${sha}^3`], { allow: [1] })).stdout.trim()
    : "";
  const requests = [{ commit: sha, ...(base === null ? {} : { against: [base] }) }];
  const all = untracked === "" ? requests : [...requests, { commit: untracked }];
  const changes = await readChanges(git, all);
  let files = 0;
  for (const [i, { commit }] of all.entries()) {
    const paths = (changes[i] ?? []).flatMap(({ path: changed, after }) => (after === null ? [] : [changed]));
    files += paths.length;
    await checkOut(git, { commit, paths, directory: path });
  }
  return { path, files };
}

async function checkOut(
  git: Git,
  { commit, paths, directory }: { commit: string; paths: readonly string[]; directory: string },
): Promise<void> {
  // An index of its own: no worktree's is touched.
  const scratch = mkdtempSync(join(tmpdir(), "bulkhead-index-"));
  const env = { ...STORED_OBJECTS, GIT_INDEX_FILE: join(scratch, "index") };
  try {
    await git.run(["read-tree", commit], { mode: "write", env });
    await git.run(["checkout-index", "-z", "--stdin", `--prefix=${directory}/`], {
      mode: "write",
      env,
      input: Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1"),
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
