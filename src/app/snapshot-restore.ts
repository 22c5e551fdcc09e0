import { realpathSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { type BranchName, parseBranchName } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { isSamePath } from "../files/same-path.ts";
import { splitRecords } from "../git/git.ts";
import { changedFiles } from "../snapshot/difference.ts";
import { listTree } from "../snapshot/ledger.ts";
import { newDirectory, planRestore, refuseLosses, writeFiles } from "../snapshot/restore.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { pathText, statFile } from "../snapshot/worktree-changes.ts";
import type { Clone } from "./clone.ts";
import { isProcessAlive } from "./process-alive.ts";
import { findSnapshot, snapshotWorktree } from "./snapshot.ts";

/** Where a snapshot goes: a new directory (its name null: beside the worktree), a new branch, or this worktree. */
export type RestoreTarget =
  | { readonly kind: "directory"; readonly path: string | null }
  | { readonly kind: "branch"; readonly name: string | null }
  | { readonly kind: "here" };

export interface RestoreInput {
  /** Null for the newest of this worktree. */
  readonly snapshot: string | null;
  readonly target: RestoreTarget;
  /** As typed, from the directory of the command. */
  readonly paths: readonly string[];
}

export interface RestoreDocument {
  readonly snapshot: string;
  readonly into: RestoreTarget["kind"];
  /** The directory, or the branch. */
  readonly name: string;
  readonly files: readonly string[];
  /** What was staged: put back, the same anyway, or not put back because `HEAD` or the index has moved on. */
  readonly index: "restored" | "unchanged" | "left";
  /** The snapshot that was taken first of what is here; null where there was nothing. */
  readonly before: string | null;
  /** Files that had been deleted when the snapshot was taken, and are here: nothing is deleted. */
  readonly left_in_place: readonly string[];
  /** What the snapshot does not hold. */
  readonly left_out: Snapshot["leftOut"];
}

/**
 * Brings a snapshot back. Nothing is deleted, no ref moves, and what is written over is in a snapshot first.
 * @throws BulkheadError `NO_SUCH_SNAPSHOT`, `NO_SNAPSHOT_YET`, `SNAPSHOT_HAS_NOT`, `SNAPSHOT_IN_THE_WAY`,
 * `SNAPSHOT_OF_OTHER_WORKTREE`, `DIRECTORY_TAKEN`, `BRANCH_TAKEN`
 */
export async function restoreSnapshot(clone: Clone, input: RestoreInput): Promise<RestoreDocument> {
  const snapshot = await findSnapshot(clone, input.snapshot);
  const paths = input.paths.map((path) => fromTop(clone, path));
  switch (input.target.kind) {
    case "directory":
      return intoDirectory(clone, snapshot, paths, input.target.path);
    case "branch":
      return intoBranch(clone, snapshot, input.target.name);
    default:
      return here(clone, snapshot, paths);
  }
}

/** @throws BulkheadError `USAGE` for a path outside of the worktree */
function fromTop(clone: Clone, path: string): string {
  const { topLevel, git } = clone.worktree;
  const inside = relative(topLevel, resolve(realpathSync(git.directory), path))
    .split(sep)
    .join("/");
  if (inside.startsWith("../") || inside === "..") {
    throw new BulkheadError("USAGE", { reason: `'${path}' is outside of this worktree.`, command: "snapshot" });
  }
  return inside;
}

async function intoDirectory(
  clone: Clone,
  snapshot: Snapshot,
  paths: readonly string[],
  wished: string | null,
): Promise<RestoreDocument> {
  const { git, commonDir: gitDir } = clone.repository;
  const plan = await planRestore(git, snapshot, { paths, present: null });
  const into = newDirectory(snapshot, wished, git.directory);
  await writeFiles({ git, gitDir, into, isAlive: isProcessAlive }, snapshot, plan);
  return document(snapshot, { into: "directory", name: into, files: [...plan.filtered, ...plan.exact] });
}

/** A commit on top of the one that the snapshot was made on. Ignored files (`.env`) are not in it: a branch may be pushed. */
async function intoBranch(clone: Clone, snapshot: Snapshot, wished: string | null): Promise<RestoreDocument> {
  const { git } = clone.repository;
  const name: BranchName = parseBranchName(wished ?? `snapshot/${snapshot.id}`);
  const taken = await git.run(["show-ref", "--verify", "-q", branchRef(name)], { allow: [1] });
  if (taken.exitCode === 0) throw new BulkheadError("BRANCH_TAKEN", { branch: name });
  const parent = snapshot.head === null ? [] : ["-p", snapshot.head];
  const message = `Snapshot ${snapshot.id} of ${snapshot.worktree}`;
  const write = { mode: "write" as const };
  const commit = await git.text(["commit-tree", snapshot.tree, ...parent, "-m", message], write);
  await git.run(
    ["update-ref", "-m", "bulkhead snapshot restore", branchRef(name), commit, "0".repeat(commit.length)],
    write,
  );
  return document(snapshot, { into: "branch", name, files: [] });
}

async function here(clone: Clone, snapshot: Snapshot, paths: readonly string[]): Promise<RestoreDocument> {
  const { git, topLevel, gitDir } = clone.worktree;
  if (paths.length === 0 && !isSamePath(snapshot.worktree, topLevel)) {
    throw new BulkheadError("SNAPSHOT_OF_OTHER_WORKTREE", { snapshot: snapshot.id, worktree: snapshot.worktree });
  }
  const now = await snapshotWorktree(clone, { path: topLevel, gitDir }, `before restoring ${snapshot.id}`);
  const before = now.kind === "clean" ? null : now.kind === "taken" ? now.snapshot : await findSnapshot(clone, now.id);
  const head = (await git.run(["rev-parse", "-q", "--verify", "HEAD^{commit}"], { allow: [1] })).stdout.trim() || null;
  const present = before?.tree ?? head;
  const plan = await planRestore(git, snapshot, { paths, present });
  refuseLosses(topLevel, plan, await savedFiles(git, { before, head }));
  const place = { git: git.in(topLevel), gitDir, into: topLevel, isAlive: isProcessAlive };
  await writeFiles(place, snapshot, plan);
  const index = paths.length > 0 ? "unchanged" : await restoreIndex(place, snapshot, { head, before });
  const files = [...plan.filtered, ...plan.exact];
  const left_in_place = paths.length > 0 ? [] : await leftInPlace(git, snapshot, topLevel);
  const shown = document(snapshot, { into: "here", name: topLevel, files });
  return { ...shown, index, before: before?.id ?? null, left_in_place };
}

/** Whether a file of this worktree is in `HEAD` or in the snapshot that was taken first, so that it may be written over. */
async function savedFiles(
  git: Clone["worktree"]["git"],
  { before, head }: { readonly before: Snapshot | null; readonly head: string | null },
): Promise<(path: string) => boolean> {
  const trees = [before?.tree ?? head, before?.included ?? null].filter((tree) => tree !== null);
  const lists = await Promise.all(trees.map((tree) => listTree(git, tree)));
  const saved = new Set(lists.flat().map(({ path }) => path));
  for (const { path } of before?.leftOut ?? []) saved.delete(Buffer.from(path).toString("latin1"));
  for (const path of await hiddenFiles(git)) saved.delete(path);
  return (path) => saved.has(path);
}

/** Files at whose changes git was told not to look (`assume-unchanged`, `skip-worktree`): no status tells of them. */
async function hiddenFiles(git: Clone["worktree"]["git"]): Promise<string[]> {
  const { stdout } = await git.run(["ls-files", "-v", "-z", "--full-name"], { encoding: "latin1" });
  const records = splitRecords(stdout).filter((record) => /^[a-zS] /.test(record));
  return records.map((record) => record.slice(2));
}

/** Files that were gone in a snapshot and are here: to bring that back would be to delete. */
async function leftInPlace(git: Clone["worktree"]["git"], snapshot: Snapshot, top: string): Promise<string[]> {
  const gone = (await changedFiles(git, snapshot)).filter(({ what }) => what === "deleted");
  const isHere = (path: string) => statFile(top, Buffer.from(path).toString("latin1")).kind !== "missing";
  return gone.map(({ path }) => path).filter(isHere);
}

/** Puts back what was staged, where that means the same as then and nothing else has been staged since. */
async function restoreIndex(
  { git }: { readonly git: Clone["worktree"]["git"] },
  snapshot: Snapshot,
  { head, before }: { readonly head: string | null; readonly before: Snapshot | null },
): Promise<RestoreDocument["index"]> {
  if (snapshot.index === (before?.index ?? null)) return "unchanged";
  if (snapshot.index === null || snapshot.head !== head || (before?.index ?? null) !== null) return "left";
  const write = { mode: "write" as const, retryLocked: true };
  await git.run(["read-tree", snapshot.index], write);
  // Only the times in the index: what is not up to date is an answer.
  await git.run(["update-index", "-q", "--refresh"], { ...write, allow: [1] });
  return "restored";
}

function document(
  snapshot: Snapshot,
  { into, name, files }: { into: RestoreTarget["kind"]; name: string; files: readonly { readonly path: string }[] },
): RestoreDocument {
  const paths = files.map(({ path }) => pathText(path));
  return {
    snapshot: snapshot.id,
    into,
    name,
    files: paths,
    index: "unchanged",
    before: null,
    left_in_place: [],
    left_out: snapshot.leftOut,
  };
}
