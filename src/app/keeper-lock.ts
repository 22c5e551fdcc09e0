/** Who the clone's keeper is: one process, whose identity its lock tells. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { attemptOwnerLock, findLockOwner, type LockAttempt } from "../files/owner-lock.ts";
import { makeDirectory } from "../files/shared-directory.ts";
import { commonLayout } from "../layout/paths.ts";
import { identify, processLiveness } from "../machine/owner-process.ts";
import type { ProcessTable } from "../machine/process-table.ts";
import type { Clone } from "./clone.ts";

type KeptClone = Pick<Clone, "hostname"> & { readonly repository: Pick<Clone["repository"], "commonDir"> };

/**
 * Takes the place of the keeper. A second never gets it while the first may be alive.
 * @returns null where the keeper's directory is missing: with it the clone has gone, and must not be made anew
 * @throws BulkheadError `FILE_FAILED`
 */
export function takeKeeperLock(clone: KeptClone, table: ProcessTable, at: Date): LockAttempt | null {
  if (!existsSync(directoryOf(clone))) return null;
  const self = identify(table, process.pid) ?? { pid: process.pid, startedAt: null };
  return attemptOwnerLock(directoryOf(clone), "keeper", { ...probe(clone, table), self }, at);
}

/** Makes the place where keepers meet. */
export function makeKeeperPlace(clone: KeptClone): void {
  makeDirectory(directoryOf(clone), 0o700);
}

/** The keeper that runs; null for none. */
export function findKeeper(clone: KeptClone, table: ProcessTable): Extract<LockAttempt, { kind: "held" }> | null {
  return findLockOwner(directoryOf(clone), probe(clone, table));
}

export function isKeeperAlive(clone: KeptClone, table: ProcessTable): boolean {
  return findKeeper(clone, table) !== null;
}

/** Where the keeper notes what it does. */
export function keeperFiles(clone: KeptClone): { readonly state: string; readonly log: string } {
  const directory = directoryOf(clone);
  return { state: join(directory, "state.json"), log: join(directory, "keeper.log") };
}

function directoryOf({ repository }: KeptClone): string {
  return commonLayout(repository.commonDir).keeper;
}

function probe({ hostname }: KeptClone, table: ProcessTable) {
  return {
    host: hostname,
    liveness: (named: Parameters<typeof processLiveness>[1]) => processLiveness(table, named),
  };
}
