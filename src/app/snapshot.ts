/** Snapshots of uncommitted work: taking them, and looking at them. */
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { isSessionId, type SessionId } from "../domain/names.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { isSamePath } from "../files/same-path.ts";
import { listIncluded } from "../git/included-files.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { readExpectation } from "../layout/session-file.ts";
import { type ChangedFile, changedFiles, patchText } from "../snapshot/difference.ts";
import { readLedgers } from "../snapshot/ledger.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { type SnapshotOutcome, takeSnapshot } from "../snapshot/take.ts";
import type { Clone } from "./clone.ts";
import { isProcessAlive } from "./process-alive.ts";

/** A worktree that a snapshot can be taken of. */
interface Seen {
  readonly path: string;
  readonly gitDir: string;
}

export interface TakenRow {
  readonly worktree: string;
  readonly outcome: SnapshotOutcome["kind"] | "failed";
  /** The snapshot that tells what is there now; null where nothing is. */
  readonly id: string | null;
  readonly files: number | null;
  readonly bytes: number | null;
  readonly conflicts: readonly string[];
  readonly submodules: readonly string[];
  readonly left_out: Snapshot["leftOut"];
  /** Why it failed. */
  readonly error: string | null;
}

export interface TakenDocument {
  readonly snapshots: readonly TakenRow[];
}

/**
 * Takes a snapshot of this worktree, or of every one of the clone.
 * @param cause why, in words
 * @throws BulkheadError `BARE_REPOSITORY`, `GIT_FAILED` where only one is asked for
 */
export async function takeSnapshots(
  clone: Clone,
  { all, cause }: { readonly all: boolean; readonly cause: string },
): Promise<TakenDocument> {
  if (!all) {
    const { topLevel: path, gitDir } = clone.worktree;
    return { snapshots: [takenRow(path, await snapshotWorktree(clone, { path, gitDir }, cause))] };
  }
  const rows: TakenRow[] = [];
  for (const place of await livingWorktrees(clone)) {
    try {
      rows.push(takenRow(place.path, await snapshotWorktree(clone, place, cause)));
    } catch (thrown) {
      // One that cannot be read must not keep the others from being saved.
      if (!(thrown instanceof BulkheadError) || thrown.code === "INTERRUPTED") throw thrown;
      rows.push({ ...takenRow(place.path, { kind: "clean", head: null }), outcome: "failed", error: thrown.message });
    }
  }
  return { snapshots: rows };
}

/** Worktrees whose directory is there. */
export async function livingWorktrees(clone: Clone): Promise<Seen[]> {
  const all = await clone.worktrees();
  return all.flatMap(({ path, gitDir, prunable, bare }) =>
    bare || prunable !== null || gitDir === null ? [] : [{ path, gitDir }],
  );
}

/** Takes a snapshot of one worktree. @throws BulkheadError `GIT_FAILED` */
export async function snapshotWorktree(clone: Clone, { path, gitDir }: Seen, cause: string): Promise<SnapshotOutcome> {
  const git = clone.repository.git.in(path);
  return takeSnapshot(
    { git, top: path, gitDir, commonDir: clone.repository.commonDir },
    {
      session: sessionIn(path, gitDir),
      cause,
      now: clone.clock(),
      maxBytes: (await clone.settings()).snapshotMaxFile.value,
      included: (ignored) => listIncluded({ git, top: path, gitDir }, ignored, { encoding: "latin1" }),
      isAlive: isProcessAlive,
    },
  );
}

/** The session that a worktree's file names; null for none. */
function sessionIn(path: string, gitDir: string): SessionId | null {
  const expectation = readExpectation(path, gitDir);
  const id = expectation.kind === "present" ? expectation.content.sessionId : undefined;
  return id !== undefined && isSessionId(id) ? id : null;
}

/**
 * Saves what is uncommitted in a worktree before something of ours touches its files. What cannot be saved is said and keeps
 * nothing from being done: each such act has a way of its own to lose nothing.
 */
export async function snapshotBefore(clone: Clone, worktree: string, act: string): Promise<void> {
  const place = findWorktreePlace(worktree);
  if (place === null || !isSamePath(place.topLevel, worktree)) return;
  try {
    await snapshotWorktree(clone, { path: worktree, gitDir: place.gitDir }, `before ${act}`);
  } catch (thrown) {
    if (clone.signal?.aborted) throw thrown;
    clone.note(`No snapshot of ${worktree}: ${asBulkheadError(thrown).message}`);
  }
}

function takenRow(worktree: string, outcome: SnapshotOutcome): TakenRow {
  const snapshot = outcome.kind === "taken" ? outcome.snapshot : null;
  return {
    worktree,
    outcome: outcome.kind,
    id: outcome.kind === "unchanged" ? outcome.id : (snapshot?.id ?? null),
    files: snapshot?.files ?? null,
    bytes: snapshot?.bytes ?? null,
    conflicts: snapshot?.conflicts ?? [],
    submodules: snapshot?.submodules ?? [],
    left_out: snapshot?.leftOut ?? [],
    error: null,
  };
}

/** A snapshot as lists show it. */
export interface SnapshotRow {
  readonly id: string;
  readonly worktree: string;
  /** Shortened: a full id is its owner's to see. */
  readonly session: string | null;
  /** ISO 8601 */
  readonly at: string;
  readonly branch: string | null;
  readonly files: number;
  readonly bytes: number;
  readonly cause: string;
  readonly left_out: Snapshot["leftOut"];
}

export interface SnapshotsDocument {
  /** The newest first. */
  readonly snapshots: readonly SnapshotRow[];
}

/** Lists snapshots. @param input `all`: of every worktree and session of the clone, not only of this worktree */
export async function listSnapshots(clone: Clone, { all }: { readonly all: boolean }): Promise<SnapshotsDocument> {
  const here = all ? null : clone.worktree.topLevel;
  const found = await allSnapshots(clone);
  return { snapshots: found.filter(({ worktree }) => here === null || isSamePath(worktree, here)).map(snapshotRow) };
}

export function snapshotRow({
  id,
  worktree,
  session,
  at,
  branch,
  files,
  bytes,
  cause,
  leftOut,
}: Snapshot): SnapshotRow {
  const who = session === null ? null : shortSessionId(session);
  return { id, worktree, session: who, at, branch, files, bytes, cause, left_out: leftOut };
}

/** Every snapshot of the clone, the newest first. */
export async function allSnapshots(clone: Clone): Promise<Snapshot[]> {
  const ledgers = await readLedgers(clone.repository.git);
  return ledgers.flatMap(({ snapshots }) => snapshots).sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/**
 * The snapshot that is meant.
 * @param name its id, or the start or the end of it; null for the newest of this worktree
 * @throws BulkheadError `NO_SUCH_SNAPSHOT`, `NO_SNAPSHOT_YET`
 */
export async function findSnapshot(clone: Clone, name: string | null): Promise<Snapshot> {
  const all = await allSnapshots(clone);
  if (name === null || name === "latest") {
    const worktree = clone.worktree.topLevel;
    const newest = all.find((snapshot) => isSamePath(snapshot.worktree, worktree));
    if (newest === undefined) throw new BulkheadError("NO_SNAPSHOT_YET", { worktree });
    return newest;
  }
  const matches = all.filter(({ id }) => id.startsWith(name) || id.endsWith(`-${name}`));
  const [only] = matches;
  if (only === undefined || matches.length > 1) {
    throw new BulkheadError("NO_SUCH_SNAPSHOT", { name, matches: matches.slice(0, 5).map(({ id }) => id) });
  }
  return only;
}

export interface SnapshotDocument extends SnapshotRow {
  readonly head: string | null;
  readonly trees: { readonly files: string; readonly index: string | null; readonly included: string | null };
  readonly conflicts: readonly string[];
  readonly submodules: readonly string[];
  readonly changes: readonly ChangedFile[];
}

/** What one snapshot holds. */
export async function showSnapshot(clone: Clone, name: string | null): Promise<SnapshotDocument> {
  const snapshot = await findSnapshot(clone, name);
  return {
    ...snapshotRow(snapshot),
    head: snapshot.head,
    trees: { files: snapshot.tree, index: snapshot.index, included: snapshot.included },
    conflicts: snapshot.conflicts,
    submodules: snapshot.submodules,
    changes: await changedFiles(clone.repository.git, snapshot),
  };
}

export interface SnapshotPatchDocument {
  readonly id: string;
  /** The patch, by lines. */
  readonly patch: readonly string[];
}

/** What a snapshot would bring, as a patch against the commit that it was made on. @param paths limits, from the top */
export async function diffSnapshot(
  clone: Clone,
  name: string | null,
  paths: readonly string[],
): Promise<SnapshotPatchDocument> {
  const snapshot = await findSnapshot(clone, name);
  return { id: snapshot.id, patch: await patchText(clone.repository.git, snapshot, paths) };
}
