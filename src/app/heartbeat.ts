import { BulkheadError } from "../domain/error.ts";
import type { SessionId } from "../domain/names.ts";
import type { HeartbeatOutcome } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { readKnownBranch } from "../session/observe-worktree.ts";
import { findWorktreeSession, namedSession } from "../session/own-session.ts";
import type { Workplace } from "../session/workplace.ts";
import type { SessionStore } from "../store/session-store.ts";
import type { Clone } from "./clone.ts";
import { findById } from "./events.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";

export interface HeartbeatInput extends OwnerInput {
  /** A session's id, or the start of it; null for this worktree's session. */
  readonly session: string | null;
}

export interface HeartbeatDocument {
  readonly success: true;
  readonly heartbeat_at: string;
  readonly current_branch: string | null;
  readonly sd_id: string | null;
}

/**
 * One heartbeat now, with the branch of the session's own worktree.
 * @throws BulkheadError `NO_SESSION`, `SESSION_NOT_FOUND`, `SESSION_RELEASED`
 */
export async function heartbeat(clone: Clone, input: HeartbeatInput): Promise<HeartbeatDocument> {
  const place = await openWorkplace(clone, input);
  const id = input.session === null ? await worktreeSession(place) : await givenSession(place, input.session);
  const outcome = await beat(place.store, id);
  switch (outcome.kind) {
    case "session_not_found":
      throw new BulkheadError("SESSION_NOT_FOUND", { session: shortSessionId(id) });
    case "session_released": {
      const { releasedReason, releasedAt } = outcome.session;
      const data = { session: shortSessionId(id), released_reason: releasedReason, released_at: releasedAt };
      throw new BulkheadError("SESSION_RELEASED", data);
    }
    default: {
      const { heartbeatAt, branch, item } = outcome.session;
      return { success: true, heartbeat_at: heartbeatAt, current_branch: branch, sd_id: item };
    }
  }
}

/** Beats for a session, with the branch that its own worktree is on, whatever the directory of the caller. */
export async function beat(store: SessionStore, id: SessionId): Promise<HeartbeatOutcome> {
  const session = await store.findSession(id);
  if (session === null) return { kind: "session_not_found" };
  const place = findWorktreePlace(session.worktree);
  return store.updateHeartbeat(id, place === null ? null : await readKnownBranch(place));
}

async function givenSession({ store }: Workplace, text: string): Promise<SessionId> {
  return findById(await store.listSessions({ ended: true }), text);
}

/** The worktree's session, also one that has ended, so that its owner learns of it. */
async function worktreeSession(place: Workplace): Promise<SessionId> {
  const found = findWorktreeSession(place, await place.store.listSessions())?.id ?? namedSession(place);
  if (found === null) throw new BulkheadError("NO_SESSION", { worktree: place.topLevel });
  return found;
}
