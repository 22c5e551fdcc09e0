import { type Life, type LifeSigns, weighLife } from "../domain/liveness.ts";
import type { SessionId } from "../domain/names.ts";
import type { GoneOwner, Session } from "../domain/session.ts";
import { isStale } from "../domain/session-health.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import type { SessionStore } from "../store/session-store.ts";
import { type Observer, observeLife } from "./observe-life.ts";
import { readKnownBranch } from "./observe-worktree.ts";

export interface LookOptions {
  /** Also sessions that have ended in the last 24 hours. */
  readonly ended?: boolean;
  /** Whether to beat for those whose heartbeat is stale although they are alive, so that the store sees them so too. */
  readonly vouch?: boolean;
}

export interface LifeView {
  readonly signs: LifeSigns;
  readonly life: Life;
}

/** The sessions of a repository at one moment. */
export interface Sight {
  /** With the branch that each worktree of this machine is on now, whatever the last heartbeat said. */
  readonly sessions: readonly Session[];
  /** Of those that have not ended: their signs of life, from before anybody beat for them. */
  readonly lives: ReadonlyMap<SessionId, LifeView>;
  /** Those whose owner process is proven gone. */
  readonly gone: readonly GoneOwner[];
}

/** Lists the sessions with everything that this machine sees of them. */
export async function lookAround(
  store: SessionStore,
  observer: Observer,
  { ended = false, vouch = false }: LookOptions = {},
): Promise<Sight> {
  const listed = await store.listSessions({ ended });
  const lives = new Map<SessionId, LifeView>();
  for (const session of listed) {
    if (session.status === "released") continue;
    const signs = observeLife(session, observer);
    lives.set(session.id, { signs, life: weighLife(signs) });
  }
  const gone = listed.flatMap(({ id, owner }) =>
    owner.process !== null && lives.get(id)?.life.state === "gone" ? [{ sessionId: id, process: owner.process }] : [],
  );
  const seen = await Promise.all(listed.map((session) => withBranch(session, observer)));
  if (!vouch) return { sessions: seen, lives, gone };
  const vouched = seen.filter(
    ({ id, heartbeatAgeSeconds }) => isStale(heartbeatAgeSeconds) && lives.get(id)?.life.state === "alive",
  );
  if (vouched.length === 0) return { sessions: seen, lives, gone };
  const outcomes = await store.updateHeartbeats(vouched.map(({ id, branch }) => ({ sessionId: id, branch })));
  const beaten = new Set(outcomes.filter(({ kind }) => kind === "beaten").map(({ sessionId }) => sessionId));
  const sessions = seen.map((session) => (beaten.has(session.id) ? { ...session, heartbeatAgeSeconds: 0 } : session));
  return { sessions, lives, gone };
}

async function withBranch(session: Session, { machineId }: Observer): Promise<Session> {
  if (session.status === "released" || session.owner.machineId !== machineId) return session;
  const place = findWorktreePlace(session.worktree);
  if (place?.topLevel !== session.worktree) return session;
  return { ...session, branch: await readKnownBranch(place) };
}
