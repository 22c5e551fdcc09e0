import { rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Milliseconds after which nobody is at work any more who has locked a ref: git holds such locks for moments. */
const STALE_MS = 10_000;

/**
 * Takes away the lock on a ref that a git has left which was killed together with the command that had started it. Only
 * for refs that the command alone had to do with.
 * @returns whether there was one that is old enough
 */
export function clearStaleRefLock(commonDir: string, ref: string, now: Date): boolean {
  const path = join(commonDir, `${ref}.lock`);
  const lock = statSync(path, { throwIfNoEntry: false });
  if (lock === undefined || now.getTime() - lock.mtimeMs < STALE_MS) return false;
  rmSync(path, { force: true });
  return true;
}
