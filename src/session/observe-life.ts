/** Looks for the signs of life that sessions leave on this machine. Starts no process. */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { LifeSigns } from "../domain/liveness.ts";
import type { Session } from "../domain/session.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { worktreeLayout } from "../layout/paths.ts";
import { isWithinSight, processLiveness } from "../machine/owner-process.ts";
import type { ProcessTable } from "../machine/process-table.ts";

export interface Observer {
  readonly machineId: string;
  readonly table: ProcessTable;
  /** Milliseconds since 1970, by this machine's clock, which files' times are in. */
  readonly now: number;
  readonly keeper: boolean;
}

/**
 * What git writes into a worktree's own git directory when something that the guard let pass moves its `HEAD`: the log of
 * `HEAD` (in a reftable its list of tables), and the message of a commit. So a pass leaves its time without a word of ours.
 */
const GUARD_TRACES = ["logs/HEAD", "reftable/tables.list", "COMMIT_EDITMSG"];

/** Every sign of life of a session that has not ended. Signs from before it began are another's. */
export function observeLife(session: Session, { machineId, table, now, keeper }: Observer): LifeSigns {
  const { owner, heartbeatAgeSeconds: heartbeatAge } = session;
  const local = owner.machineId === machineId;
  const elsewhere = { heartbeatAge, local, process: "none", keeper: false, guardAge: null, activityAge: null } as const;
  if (!local) return elsewhere;
  const process = observeProcess(session, table);
  const place = findWorktreePlace(session.worktree);
  if (place?.topLevel !== session.worktree) return { ...elsewhere, process, keeper };
  const ownAge = sessionAge(session, now);
  const ageOf = (...files: readonly string[]) => youngest(files, now, ownAge);
  return {
    heartbeatAge,
    local,
    process,
    keeper,
    guardAge: ageOf(...GUARD_TRACES.map((file) => join(place.gitDir, file))),
    activityAge: ageOf(worktreeLayout(place.gitDir).activity),
  };
}

/** A process of another container cannot be seen from here: its session lives by its other signs. */
function observeProcess({ owner }: Session, table: ProcessTable): LifeSigns["process"] {
  if (owner.process === null) return "none";
  const liveness = processLiveness(table, owner.process);
  return liveness === "unknown" && !isWithinSight(table, owner.process) ? "none" : liveness;
}

/** Clocks that differ by less than this, in milliseconds, are taken for one: ages come in whole seconds. */
const SAME_CLOCK_MS = 1_500;

/** Milliseconds since the session began. The store's clock need not be this machine's. */
function sessionAge({ heartbeatAt, heartbeatAgeSeconds, createdAt }: Session, now: number): number {
  const storeNow = Date.parse(heartbeatAt) + heartbeatAgeSeconds * 1000;
  return (Math.abs(now - storeNow) < SAME_CLOCK_MS ? now : storeNow) - Date.parse(createdAt);
}

/** Whole seconds since the youngest of the files was written, where that is not longer ago than `most` milliseconds. */
function youngest(files: readonly string[], now: number, most: number): number | null {
  const ages = files.flatMap((file) => {
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    return written === undefined || now - written > most ? [] : [Math.max(0, Math.floor((now - written) / 1000))];
  });
  return ages.length === 0 ? null : Math.min(...ages);
}
