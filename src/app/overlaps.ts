/** Which live sessions are at work on the same files. */
import { BulkheadError } from "../domain/error.ts";
import type { SessionId } from "../domain/names.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readText } from "../files/read-file.ts";
import { isSamePath } from "../files/same-path.ts";
import { readRef } from "../git/ancestry.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { commonLayout } from "../layout/paths.ts";
import { machineIdentity } from "../machine/terminal-identity.ts";
import { findOverlaps, type SessionWork } from "../snapshot/find-overlaps.ts";
import { carrySince, type Overlap, type OverlapReport, overlapsOf } from "../snapshot/overlap.ts";
import type { Clone } from "./clone.ts";
import { snapshotWorktree } from "./snapshot.ts";

export interface OverlapsDocument extends Omit<OverlapReport, "of"> {
  /** How many sessions were compared. */
  readonly sessions: number;
}

/** A live session of this machine and where it works. */
export interface LocalSession {
  readonly id: SessionId;
  readonly item: string | null;
  readonly worktree: string;
}

/** Looks at all live sessions of this machine now, and writes down what it finds. @throws BulkheadError `GIT_FAILED`, `STORE_FAILED` */
export async function overlaps(clone: Clone): Promise<OverlapsDocument> {
  const store = await clone.storeIfMade();
  const machine = machineIdentity(clone.hostname);
  const live = (await store?.listSessions()) ?? [];
  const local = live.filter(({ owner }) => owner.machineId === machine);
  return compareSessions(clone, local, "before looking for overlaps");
}

/** Compares the work of sessions, each after a snapshot of it. @param cause why, for the snapshots */
export async function compareSessions(
  clone: Clone,
  sessions: readonly LocalSession[],
  cause: string,
): Promise<OverlapsDocument> {
  const { git, commonDir } = clone.repository;
  const works: SessionWork[] = [];
  for (const session of sessions) {
    try {
      const work = await workOf(clone, session, cause);
      if (work !== null) works.push(work);
    } catch (thrown) {
      // One worktree that cannot be read must not keep the others from being saved.
      if (!(thrown instanceof BulkheadError) || thrown.code === "INTERRUPTED") throw thrown;
      clone.note(`bulkhead: no snapshot of ${session.worktree}: ${thrown.message}`);
    }
  }
  const base = await clone.base();
  const place = { git, commonDir, base: base === null ? null : await readRef(git, base.ref), now: clone.clock() };
  const before = readOverlaps(commonDir);
  const of = JSON.stringify([place.base, ...works.map((work) => Object.values(work))]);
  const found =
    before?.of === of ? before.overlaps : carrySince(await findOverlaps(place, works), before?.overlaps ?? []);
  const report: OverlapReport = { at: clone.clock().toISOString(), of, overlaps: found };
  writeFileAtomically(commonLayout(commonDir).overlaps, `${JSON.stringify(report)}\n`);
  return { at: report.at, overlaps: found, sessions: works.length };
}

/** Overlaps of this worktree's work as they were last found, without a process. */
export function knownOverlaps(clone: Clone, worktree: string): Overlap[] {
  return overlapsOf(worktree, readOverlaps(clone.repository.commonDir)?.overlaps ?? []);
}

/** Null where the worktree is gone, or has no commit to start from. */
async function workOf(clone: Clone, { id, item, worktree }: LocalSession, cause: string): Promise<SessionWork | null> {
  const place = findWorktreePlace(worktree);
  if (place === null || !isSamePath(place.topLevel, worktree)) return null;
  const outcome = await snapshotWorktree(clone, { path: worktree, gitDir: place.gitDir }, cause);
  const { head } = outcome.kind === "taken" ? outcome.snapshot : outcome;
  if (head === null) return null;
  const tree = outcome.kind === "taken" ? outcome.snapshot.tree : outcome.kind === "clean" ? head : outcome.tree;
  return { session: shortSessionId(id), item, worktree, head, tree };
}

/** What was found the last time; null where nobody has looked. No process. */
export function readOverlaps(commonDir: string): OverlapReport | null {
  try {
    return JSON.parse(readText(commonLayout(commonDir).overlaps) ?? "null") as OverlapReport | null;
  } catch {
    return null;
  }
}
