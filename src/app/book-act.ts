import { asBulkheadError } from "../domain/error.ts";
import type { EventData, LifecycleEventType } from "../domain/lifecycle-event.ts";
import type { SessionId } from "../domain/names.ts";
import { isSameOwner } from "../domain/owner.ts";
import { readWorkers } from "../layout/worker-file.ts";
import { observeOwner } from "../machine/observe-owner.ts";
import { namedSession } from "../session/own-session.ts";
import type { SessionStore } from "../store/session-store.ts";
import type { Clone } from "./clone.ts";

/** Something that a command has done. */
export interface Act {
  readonly type: LifecycleEventType;
  readonly data: EventData;
  /** Top of the worktree that it was done to. */
  readonly worktree?: string;
}

/**
 * Puts acts into the sessions' log, booked to the session whose command did them, not to the one that they happened to. They
 * have happened: a fault here is noted and stops nothing. Makes no store.
 * @param what has been done, for the note
 */
export async function bookActs(clone: Clone, what: string, acts: readonly Act[]): Promise<void> {
  if (acts.length === 0) return;
  try {
    const store = await clone.storeIfMade();
    if (store === null) return;
    const sessionId = await findDoer(clone, store);
    await store.recordEvents(acts.map((act) => ({ ...act, sessionId })));
  } catch (thrown) {
    clone.note(`${what} is not in the sessions' log: ${asBulkheadError(thrown).message}`);
  }
}

/**
 * The owner's session in this worktree, else one of its others; a person without one speaks for the session that this
 * worktree's file names. Null when nobody is known.
 */
async function findDoer(clone: Clone, store: SessionStore): Promise<SessionId | null> {
  const { gitDir, topLevel } = clone.repository;
  const owner = observeOwner({ env: clone.env, hostname: clone.hostname }, clone.processes());
  const sessions = (await store.listSessions()).filter((session) => isSameOwner(session.owner, owner));
  const own = sessions.find(({ worktree }) => worktree === topLevel) ?? sessions[0];
  if (own !== undefined) return own.id;
  if (topLevel === null || readWorkers(gitDir).length === 0) return null;
  return namedSession({ topLevel, gitDir });
}
