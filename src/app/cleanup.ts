import { type SessionRow, sessionRow } from "../session/session-row.ts";
import type { Clone } from "./clone.ts";
import { openWorkplace } from "./workplace.ts";
import { settleLocks } from "./worktree-locks.ts";

/** What a clean-up ended: numbers by reason, and the sessions. */
export interface CleanupDocument {
  readonly process_exit: number;
  readonly stale_cleanup: number;
  readonly sessions: readonly SessionRow[];
}

/** Ends sessions that are stale or whose process is gone. */
export async function cleanup(clone: Clone): Promise<CleanupDocument> {
  const place = await openWorkplace(clone, {});
  // Whoever shows a sign of life is heard first: what is still silent then may go.
  const { gone } = await place.look({ vouch: true });
  const { exited, stale } = await place.store.cleanup(gone);
  await settleLocks(clone);
  return {
    process_exit: exited.length,
    stale_cleanup: stale.length,
    sessions: [...exited, ...stale].map((session) => sessionRow(session, place.owner)),
  };
}
