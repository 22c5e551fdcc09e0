import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { readTreeChanges } from "../git/changes.ts";
import type { Git } from "../git/git.ts";
import { baseTree } from "./difference.ts";
import { listTree, readBlobs, type SnapshotFile } from "./ledger.ts";
import { withPrivateIndex } from "./private-index.ts";
import type { Snapshot } from "./snapshot.ts";
import { type FileState, fullPath, pathText, statFile } from "./worktree-changes.ts";

/** Where a snapshot's files go. */
export interface RestorePlace {
  /** git that finds the clone from where it runs. */
  readonly git: Git;
  /** A git directory for the private index. */
  readonly gitDir: string;
  /** The directory that the files go below. */
  readonly into: string;
  readonly isAlive: (pid: number) => boolean;
}

/** Files of a snapshot, by where their bytes come from. Paths are byte for byte. */
export interface RestorePlan {
  /** As they were in the commit: written by git, through its filters. */
  readonly filtered: readonly SnapshotFile[];
  /** What was uncommitted: written as it is stored. Filters may not give back what came in. */
  readonly exact: readonly SnapshotFile[];
}

/**
 * Which files of a snapshot are written.
 * @param paths limits, from the worktree's top; none means all
 * @param present the tree of what is there now, where it is to be written over: what is the same is left alone
 * @throws BulkheadError `SNAPSHOT_HAS_NOT` for a path that the snapshot does not hold
 */
export async function planRestore(
  git: Git,
  snapshot: Snapshot,
  { paths, present }: { paths: readonly string[]; present: string | null },
): Promise<RestorePlan> {
  const [files, raw, included] = await Promise.all(
    [snapshot.tree, snapshot.raw, snapshot.included].map((tree) => (tree === null ? [] : listTree(git, tree, paths))),
  );
  const own = [...(raw ?? []), ...(included ?? [])];
  const isOwn = new Set(own.map(({ path }) => path));
  const all = [...(files ?? []).filter(({ path, mode }) => mode !== "160000" && !isOwn.has(path))];
  for (const path of paths) {
    const named = Buffer.from(path.replace(/\/+$/, "")).toString("latin1");
    const isThere = [...all, ...own].some((file) => file.path === named || file.path.startsWith(`${named}/`));
    if (!isThere) throw new BulkheadError("SNAPSHOT_HAS_NOT", { snapshot: snapshot.id, path });
  }
  const uncommitted = new Set((await readTreeChanges(git, await baseTree(git, snapshot), snapshot.tree)).map(pathOf));
  const changes = present === null ? null : await readTreeChanges(git, present, snapshot.tree);
  const differs = changes === null ? null : new Set(changes.map(pathOf));
  const wanted = all.filter((file) => differs === null || differs.has(file.path));
  return {
    filtered: wanted.filter(({ path }) => !uncommitted.has(path)),
    exact: [...wanted.filter(({ path }) => uncommitted.has(path)), ...own],
  };
}

function pathOf({ path }: { readonly path: string }): string {
  return path;
}

/**
 * Refuses where something would be written over that is nowhere else: a directory, or a file that is not saved.
 * @param isSaved whether what stands at a path is in a commit or in the snapshot that was taken first
 * @throws BulkheadError `SNAPSHOT_IN_THE_WAY`
 */
export function refuseLosses(into: string, { filtered, exact }: RestorePlan, isSaved: (path: string) => boolean): void {
  for (const { path } of [...filtered, ...exact]) {
    const there = standingAt(into, path);
    if (there !== null && (there.kind === "other" || !isSaved(there.path))) {
      throw new BulkheadError("SNAPSHOT_IN_THE_WAY", { path: pathText(there.path) });
    }
  }
}

/** What has to go when a file is written: the file itself, or one that stands where a directory above it has to be. */
function standingAt(into: string, path: string): FileState | null {
  const parts = path.split("/");
  for (let i = 1; i < parts.length; i++) {
    const above = statFile(into, parts.slice(0, i).join("/"));
    if (above.kind === "missing") return null;
    if (above.kind !== "other") return above;
  }
  const there = statFile(into, path);
  return there.kind === "missing" ? null : there;
}

/** How many files are held in memory. */
const AT_ONCE = 50;

/** Writes a snapshot's files below a directory. Nothing there is deleted. */
export async function writeFiles(place: RestorePlace, snapshot: Snapshot, plan: RestorePlan): Promise<void> {
  await writeFiltered(place, snapshot, plan.filtered);
  for (let at = 0; at < plan.exact.length; at += AT_ONCE) {
    const files = plan.exact.slice(at, at + AT_ONCE);
    const names = files.map(({ sha }) => sha);
    const contents = await readBlobs(place.git, names);
    for (const [i, file] of files.entries()) writeExact(place.into, file, contents[i]);
  }
}

async function writeFiltered(
  { git, gitDir, into, isAlive }: RestorePlace,
  { tree }: Snapshot,
  files: readonly SnapshotFile[],
): Promise<void> {
  if (files.length === 0) return;
  await withPrivateIndex(
    { gitDir },
    isAlive,
    async (index) => {
      const env = { ...index, GIT_DIR: gitDir, GIT_WORK_TREE: into };
      const write = { mode: "write" as const, env };
      await git.run(["read-tree", tree], write);
      const input = Buffer.from(files.map(({ path }) => `${path}\0`).join(""), "latin1");
      await git.in(into).run(["checkout-index", "-f", "-z", "--stdin"], { ...write, input });
    },
    "empty",
  );
}

function writeExact(into: string, { path, mode }: SnapshotFile, content: Buffer | null | undefined): void {
  if (content === null || content === undefined) {
    throw new BulkheadError("GIT_FAILED", {
      command: "cat-file",
      reason: `the content of '${pathText(path)}' is missing`,
    });
  }
  makeParents(into, path);
  const target = fullPath(into, path);
  rmSync(target, { force: true });
  if (mode === "120000") symlinkSync(content, target);
  else writeFileSync(target, content, { mode: mode === "100755" ? 0o755 : 0o644, flag: "wx" });
}

/** Makes the directories above a file. What stands in their place is saved by now; a link is no directory of this worktree. */
function makeParents(into: string, path: string): void {
  const parts = path.split("/").slice(0, -1);
  for (let i = 1; i <= parts.length; i++) {
    const directory = parts.slice(0, i).join("/");
    const { kind } = statFile(into, directory);
    if (kind === "missing") mkdirSync(fullPath(into, directory));
    else if (kind !== "other") {
      rmSync(fullPath(into, directory));
      mkdirSync(fullPath(into, directory));
    }
  }
}

/**
 * The directory that a snapshot is brought back into: new, beside the worktree unless it is named.
 * @param from what a relative name starts from
 * @throws BulkheadError `DIRECTORY_TAKEN`
 */
export function newDirectory(snapshot: Snapshot, wished: string | null, from: string): string {
  const full = resolve(from, wished ?? `${snapshot.worktree}-${snapshot.id}`);
  if (statSync(full, { throwIfNoEntry: false }) !== undefined)
    throw new BulkheadError("DIRECTORY_TAKEN", { path: full });
  mkdirSync(dirname(full), { recursive: true });
  mkdirSync(full);
  return full;
}
