import { takeEvents } from "../layout/event-spool.ts";
import type { SessionStore } from "../store/session-store.ts";

/**
 * Puts the events that hooks noted into the store's log.
 * @returns how many lines of the spool held no event and are lost
 * @throws BulkheadError `FILE_FAILED`, `STORE_FAILED`; the events then stay for the next time
 */
export async function ingestSpool(commonDir: string, store: SessionStore): Promise<number> {
  const taken = takeEvents(commonDir);
  if (taken.events.length > 0)
    await store.recordEvents(taken.events.map(({ session, ...event }) => ({ ...event, sessionId: session })));
  taken.finish();
  return taken.unreadable;
}
