import { deservesBeat, lastSignAge } from "../domain/liveness.ts";
import type { SessionId } from "../domain/names.ts";
import type { Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { HEARTBEAT_INTERVAL_SECONDS, WARN_AFTER_SECONDS } from "../domain/timing.ts";
import type { SessionStore } from "../store/session-store.ts";
import { lookAround, type Sight } from "./look.ts";
import type { Observer } from "./observe-life.ts";

/** What one round of the keeper did. */
export interface KeepReport {
  /** How many sessions got a heartbeat. */
  readonly beaten: number;
  /** Sessions that ended: their process is gone, or nothing was heard of them for too long. */
  readonly ended: readonly Session[];
  /** Sessions that nothing was heard of long enough to warn their owner, in this round for the first time. */
  readonly silent: readonly Session[];
  /** Sessions of this machine that are left. */
  readonly left: readonly Session[];
  /** Every session that has not ended, of other machines too. */
  readonly all: readonly Session[];
}

/**
 * One round of the keeper: beats for all sessions of this machine that are alive, in one statement, and ends those whose
 * process is gone or that are stale without any sign of life. Sessions of other machines are theirs to keep.
 */
export async function keepSessions(store: SessionStore, observer: Observer): Promise<KeepReport> {
  const { sessions, lives, gone } = await lookAround(store, observer);
  const local = sessions.filter(({ id }) => lives.get(id)?.signs.local === true);
  const deserving = local.filter(({ id }) => {
    const view = lives.get(id);
    return view !== undefined && deservesBeat(view.signs);
  });
  if (deserving.length > 0) {
    await store.updateHeartbeats(deserving.map(({ id, branch }) => ({ sessionId: id, branch })));
  }
  const ended = await endDead(store, local, { lives, gone });
  const left = local.filter((session) => !ended.includes(session));
  const silent = left.filter((session) => !deserving.includes(session) && isNewlySilent(lives, session.id));
  const all = sessions.filter((session) => !ended.includes(session));
  return { beaten: deserving.length, ended, silent, left, all };
}

/** Each is looked at once more: it may have moved to another process, or have been heard of, meanwhile. */
async function endDead(
  store: SessionStore,
  local: readonly Session[],
  { lives, gone }: Pick<Sight, "lives" | "gone">,
): Promise<Session[]> {
  const ended: Session[] = [];
  for (const session of local) {
    const state = lives.get(session.id)?.life.state;
    if (state !== "gone" && state !== "silent") continue;
    const now = await store.findSession(session.id);
    if (now === null || now.heartbeatAt !== session.heartbeatAt) continue;
    const seen = gone.find(({ sessionId }) => sessionId === session.id)?.process;
    if (state === "gone" && now.owner.process?.startedAt !== seen?.startedAt) continue;
    await store.endSession(session.id, state === "gone" ? "process_exit" : "stale_cleanup");
    ended.push(session);
  }
  return ended;
}

function isNewlySilent(lives: Sight["lives"], id: SessionId): boolean {
  const view = lives.get(id);
  if (view === undefined) return false;
  const age = lastSignAge(view.signs);
  return age >= WARN_AFTER_SECONDS && age < WARN_AFTER_SECONDS + HEARTBEAT_INTERVAL_SECONDS;
}

/** What a round did in words, for the keeper's log; empty for a round like any other. */
export function describeRound({ ended, silent }: KeepReport): string[] {
  return [
    ...ended.map(({ id, item }) => `ended session ${shortSessionId(id)}${item === null ? "" : `, which held ${item}`}`),
    ...silent.map(({ id }) => `nothing heard of session ${shortSessionId(id)} for ${WARN_AFTER_SECONDS} s`),
  ];
}
