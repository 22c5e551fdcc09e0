import { BulkheadError } from "../domain/error.ts";
import { type ProcessProbe, takeOwnerLock } from "../files/owner-lock.ts";

export {
  drawTicket,
  findLockOwner,
  type LockOwner,
  type ProcessProbe,
  waitingTickets,
} from "../files/owner-lock.ts";

/**
 * Takes the lock of a base's directory: one ship per base at a time in a clone.
 * @returns gives the lock back
 * @throws BulkheadError `SHIP_IN_PROGRESS` naming the owner; `FILE_FAILED`
 */
export function takeLock(directory: string, what: string, probe: ProcessProbe, at: Date): () => void {
  return takeOwnerLock(directory, what, probe, at, (data) => new BulkheadError("SHIP_IN_PROGRESS", data));
}
