import { BulkheadError } from "../domain/error.ts";
import type { SessionId } from "../domain/names.ts";
import type { HeartbeatOutcome } from "../domain/session.ts";
import { findWorktreePlace, readCurrentBranch, type WorktreePlace } from "../git/head-file.ts";
import { commonLayout } from "../layout/paths.ts";
import { openSessionStore } from "../store/open-store.ts";
import type { SessionStore } from "../store/session-store.ts";
import { ingestSpool } from "./event-ingest.ts";

/**
 * One heartbeat for a session, with the branch of the session's own worktree, whatever the directory of the caller.
 * @param directory anywhere in the clone
 * @throws BulkheadError `NOT_A_REPOSITORY`, `STORE_FAILED`
 */
export async function sendHeartbeat(sessionId: SessionId, directory: string): Promise<HeartbeatOutcome> {
  const place = findWorktreePlace(directory);
  if (place === null) throw new BulkheadError("NOT_A_REPOSITORY", { directory });
  const store = await openSessionStore({ database: commonLayout(place.commonDir).database, repository: "" });
  try {
    await ingestSpool(place.commonDir, store);
    return await beatOnce(store, sessionId, place);
  } finally {
    await store.close();
  }
}

async function beatOnce(store: SessionStore, sessionId: SessionId, place: WorktreePlace): Promise<HeartbeatOutcome> {
  const session = await store.findSession(sessionId);
  if (session === null) return { kind: "session_not_found" };
  const worktree = session.worktree === place.topLevel ? place : findWorktreePlace(session.worktree);
  return store.updateHeartbeat(sessionId, worktree === null ? null : await readCurrentBranch(worktree));
}
