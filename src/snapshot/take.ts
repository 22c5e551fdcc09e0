import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { BulkheadError } from "../domain/error.ts";
import type { SessionId } from "../domain/names.ts";
import { isMissingFile } from "../files/read-file.ts";
import { readTreeChanges } from "../git/changes.ts";
import type { Git } from "../git/git.ts";
import { readRefFiles } from "../git/ref-files.ts";
import { EXPECTATION_FILES } from "../layout/paths.ts";
import { addSnapshot, type Ledger, ledgerRef, listTree, readLedger } from "./ledger.ts";
import { readMemo, writeMemo } from "./memo.ts";
import { updateIndex, withPrivateIndex, writeRawTree } from "./private-index.ts";
import { type LeftOut, type Snapshot, snapshotId } from "./snapshot.ts";
import {
  type FileState,
  fullPath,
  pathText,
  readWorktreeChanges,
  sortBySize,
  statFile,
  type WorktreeChanges,
} from "./worktree-changes.ts";

/** The worktree that a snapshot is taken of. */
export interface SnapshotPlace {
  /** git, bound to the worktree's top. */
  readonly git: Git;
  readonly top: string;
  readonly gitDir: string;
  readonly commonDir: string;
}

export interface SnapshotWish {
  /** The session at work there; null for none. */
  readonly session: SessionId | null;
  /** Why it is taken, in words. */
  readonly cause: string;
  readonly now: Date;
  /** Larger files are named, not stored. */
  readonly maxBytes: number;
  /** Which ignored files are part of it. @param ignored as git lists them @returns paths, byte for byte */
  readonly included: (ignored: readonly string[]) => Promise<readonly string[]>;
  /** Whether a process runs: what killed ones left is cleared. */
  readonly isAlive: (pid: number) => boolean;
}

/** `clean`: nothing is there that `HEAD` does not hold. `unchanged`: the last one still tells everything. */
export type SnapshotOutcome =
  | { readonly kind: "taken"; readonly snapshot: Snapshot }
  | { readonly kind: "unchanged"; readonly id: string; readonly head: string | null; readonly tree: string }
  | { readonly kind: "clean"; readonly head: string | null };

/** What was seen of a worktree, before anything is read or written. */
interface Sight {
  readonly changes: WorktreeChanges;
  readonly files: readonly FileState[];
  readonly included: readonly FileState[];
  readonly leftOut: readonly LeftOut[];
  /** The same as long as nothing has changed. */
  readonly fingerprint: string;
}

/** How often a ledger is read again that others write at the same moment. */
const ATTEMPTS = 8;

/**
 * Takes a snapshot of everything uncommitted in a worktree, through an index of its own: the worktree's index, its lock and the
 * files' times stay as they are. Where nothing has changed it is one `git status`.
 * @throws BulkheadError `GIT_FAILED`
 */
export async function takeSnapshot(place: SnapshotPlace, wish: SnapshotWish): Promise<SnapshotOutcome> {
  const ref = ledgerRef(place.commonDir, place.gitDir, wish.session);
  const sight = await look(place, wish);
  const { head } = sight.changes;
  if (sight.files.length + sight.included.length + sight.leftOut.length === 0) return { kind: "clean", head };
  const memo = readMemo(place.gitDir);
  const isKnown = memo?.fingerprint === sight.fingerprint;
  if (isKnown && memo.ledger === readRefFiles(place.commonDir, ref)) {
    return { kind: "unchanged", id: memo.id, head, tree: memo.tree };
  }
  const ledger = await readLedger(place.git, place.commonDir, ref);
  const known = ledger.snapshots[0];
  const remember = ({ id, tree }: Snapshot, now: string | null) =>
    writeMemo(place.gitDir, { fingerprint: sight.fingerprint, id, tree, ledger: now });
  const unchanged = (snapshot: Snapshot): SnapshotOutcome => {
    remember(snapshot, ledger.tree);
    return { kind: "unchanged", id: snapshot.id, head, tree: snapshot.tree };
  };
  if (known !== undefined && isKnown && memo.id === known.id) return unchanged(known);
  const trees = await writeTrees(place, sight, wish);
  if (trees === null) return { kind: "clean", head };
  if (known !== undefined && isSame(known, trees, sight)) return unchanged(known);
  const { snapshot, tree } = await add(place, ledger, { sight, trees, wish });
  remember(snapshot, tree);
  return { kind: "taken", snapshot };
}

async function look({ git, top }: SnapshotPlace, wish: SnapshotWish): Promise<Sight> {
  const changes = await readWorktreeChanges(git);
  const paths = await wish.included(changes.ignored);
  const files = sortBySize(
    // Who works here is no work of theirs: to bring an old session file back would be to undo a claim.
    changes.paths.filter((path) => !isSessionFile(path)).map((path) => statFile(top, path)),
    wish.maxBytes,
  );
  const included = sortBySize(
    paths.map((path) => statFile(top, path)),
    wish.maxBytes,
  );
  const nested = changes.nested.map((path) => ({
    path: pathText(path),
    because: "a repository of its own" as const,
    bytes: 0,
  }));
  const stamps = [...files.stored, ...included.stored].map(({ path, stamp }) => `${path}\0${stamp}`);
  const { ignored: _, ...seen } = changes;
  const hash = createHash("sha256").update(JSON.stringify([seen, stamps, wish.session]));
  const leftOut = [...files.leftOut, ...included.leftOut, ...nested];
  return {
    changes,
    files: files.stored,
    included: included.stored.filter(({ kind }) => kind === "file" || kind === "link"),
    leftOut,
    fingerprint: hash.digest("hex"),
  };
}

function isSessionFile(path: string): boolean {
  return EXPECTATION_FILES.some((name) => name === path);
}

interface Trees extends Pick<Snapshot, "tree" | "index" | "included" | "raw" | "files"> {
  readonly leftOut: readonly LeftOut[];
}

/** @returns null where the content is `HEAD`'s after all, and only a file's time was touched */
async function writeTrees(place: SnapshotPlace, sight: Sight, wish: SnapshotWish): Promise<Trees | null> {
  const { git } = place;
  const { head, staged, conflicts, submodules } = sight.changes;
  const { files, unreadable } = openable(place.top, sight.files);
  const { tree, index } = await withPrivateIndex(place, wish.isAlive, async (env) => {
    const write = { mode: "write" as const, env };
    // An index with conflicts cannot be written as a tree; what is staged beside them is in the files.
    const index = staged && conflicts.length === 0 ? await git.text(["write-tree"], write) : null;
    await updateIndex(git, env, { files, submodules });
    return { index, tree: await git.text(["write-tree"], write) };
  });
  const changed = await changedEntries(git, head, tree);
  const included = openable(place.top, sight.included);
  const notExact = files.filter(({ path, kind }) => kind === "file" && !isExact(place.top, path, changed.get(path)));
  const leftOut = [...unreadable, ...included.unreadable];
  if (changed.size + included.files.length + leftOut.length === 0 && index === null) return null;
  return {
    tree,
    index,
    included: await writeRawTree(place, wish.isAlive, included.files),
    raw: await writeRawTree(place, wish.isAlive, notExact),
    files: changed.size + included.files.length,
    leftOut,
  };
}

/** Files that this user may read. git would give up at the first other one. */
function openable(top: string, files: readonly FileState[]): { files: FileState[]; unreadable: LeftOut[] } {
  const [found, unreadable]: [FileState[], LeftOut[]] = [[], []];
  for (const file of files) {
    if (file.kind !== "file" || isReadable(fullPath(top, file.path))) found.push(file);
    else unreadable.push({ path: pathText(file.path), because: "unreadable", bytes: file.bytes });
  }
  return { files: found, unreadable };
}

function isReadable(path: Buffer): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Mode and object of each path in which a tree differs from a commit. */
async function changedEntries(git: Git, head: string | null, tree: string): Promise<Map<string, string | null>> {
  if (head === null) return new Map((await listTree(git, tree)).map(({ path, mode, sha }) => [path, `${mode}:${sha}`]));
  const changes = await readTreeChanges(git, head, tree);
  return new Map(changes.map(({ path, after }) => [path, after]));
}

/** Whether the stored object is the file byte for byte: filters (line endings, LFS, ident) may have changed it. */
function isExact(top: string, path: string, stored: string | null | undefined): boolean {
  const sha = stored?.split(":")[1];
  // Not changed, as far as git can tell: its object is in `HEAD`.
  if (sha === undefined) return true;
  const bytes = readIfThere(fullPath(top, path));
  if (bytes === null) return true;
  const hash = createHash(sha.length === 64 ? "sha256" : "sha1").update(`blob ${bytes.length}\0`);
  return hash.update(bytes).digest("hex") === sha;
}

/** It may have gone since it was listed. */
function readIfThere(path: Buffer): Buffer | null {
  try {
    return readFileSync(path);
  } catch (cause) {
    if (isMissingFile(cause)) return null;
    throw cause;
  }
}

function isSame(known: Snapshot, trees: Trees, { changes }: Sight): boolean {
  return (
    known.head === changes.head &&
    (["tree", "index", "included", "raw"] as const).every((name) => known[name] === trees[name])
  );
}

async function add(
  { git, top, commonDir }: SnapshotPlace,
  first: Ledger,
  { sight, trees, wish }: { sight: Sight; trees: Trees; wish: SnapshotWish },
): Promise<{ readonly snapshot: Snapshot; readonly tree: string | null }> {
  const { changes } = sight;
  const bytes = [...sight.files, ...sight.included].reduce((sum, file) => sum + file.bytes, 0);
  const { leftOut, ...content } = trees;
  for (let ledger: Ledger = first, attempt = 1; ; attempt++) {
    const snapshot: Snapshot = {
      id: snapshotId(wish.now, trees.tree, trees.index, trees.included, changes.head, top),
      at: wish.now.toISOString(),
      worktree: top,
      session: wish.session,
      head: changes.head,
      branch: changes.branch === null ? null : pathText(changes.branch),
      cause: wish.cause,
      bytes,
      ...content,
      conflicts: changes.conflicts.map(pathText),
      submodules: changes.submodules.map(pathText),
      leftOut: [...sight.leftOut, ...leftOut],
      previous: ledger.snapshots[0]?.id ?? null,
    };
    const written = await addSnapshot(git, ledger, snapshot, wish.now);
    if (written !== null) return { snapshot, tree: written.tree };
    if (attempt === ATTEMPTS)
      throw new BulkheadError("GIT_FAILED", { command: "update-ref", reason: "the ref keeps moving" });
    ledger = await readLedger(git, commonDir, ledger.ref);
  }
}
