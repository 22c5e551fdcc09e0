import { BulkheadError } from "../domain/error.ts";
import type { SessionId } from "../domain/names.ts";
import type { HeartbeatOutcome } from "../domain/session.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { commonLayout } from "../layout/paths.ts";
import { openSessionStore } from "../store/open-store.ts";
import { inClone } from "./clone.ts";
import { beat } from "./heartbeat.ts";

/**
 * One heartbeat for a session, from within a program. Where git cannot be started the heartbeat still succeeds: then what
 * hooks noted stays for a command that can tell which repository it belongs to.
 * @param directory anywhere in the clone
 * @throws BulkheadError `NOT_A_REPOSITORY`, `STORE_FAILED`
 */
export async function sendHeartbeat(sessionId: SessionId, directory: string): Promise<HeartbeatOutcome> {
  try {
    return await inClone({ directory }, async (clone) => beat(await clone.store(), sessionId));
  } catch (cause) {
    if (!(cause instanceof BulkheadError) || (cause.code !== "GIT_MISSING" && cause.code !== "GIT_FAILED")) throw cause;
    return beatWithoutGit(sessionId, directory);
  }
}

async function beatWithoutGit(sessionId: SessionId, directory: string): Promise<HeartbeatOutcome> {
  const place = findWorktreePlace(directory);
  if (place === null) throw new BulkheadError("NOT_A_REPOSITORY", { directory });
  // A session is named by its id alone; which repository it belongs to, its row says.
  const store = await openSessionStore({
    database: commonLayout(place.commonDir).database,
    repository: "",
    teamUrl: process.env.BULKHEAD_DATABASE_URL,
  });
  try {
    return await beat(store, sessionId);
  } finally {
    await store.close();
  }
}
