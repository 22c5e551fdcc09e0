import { isLive } from "../domain/claim-rules.ts";
import { BulkheadError } from "../domain/error.ts";
import { typed } from "../domain/invocation.ts";
import type { SessionId, WorkItemKey } from "../domain/names.ts";
import type { Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { addNotices } from "../layout/notice-file.ts";
import { findWorktreeSession } from "./own-session.ts";
import { holderData } from "./session-row.ts";
import { settleClaimFiles, worktreeFiles } from "./settle-files.ts";
import { findOwnSession } from "./start-policy.ts";
import type { Workplace } from "./workplace.ts";
import { endClaimInFile } from "./worktree-expectation.ts";

export interface HandOverRequest {
  /** The item to give; null for whatever this worktree's session holds. */
  readonly item: WorkItemKey | null;
  readonly to: SessionId;
  /** `--end`: the session that gives ends. */
  readonly end: boolean;
  /** `--force`: an operator gives another session's item. */
  readonly force: boolean;
}

export interface HandOverReport {
  readonly item: WorkItemKey;
  readonly giver: Session;
  /** With its new claim. */
  readonly taker: Session;
  readonly file: "kept" | "removed" | "untouched";
}

/**
 * Gives a claim to another session, in one step of the epoch: at no moment is the item free.
 * @throws BulkheadError `NOTHING_TO_HAND_OVER`, `CLAIM_HELD_BY_OTHER`, `RECEIVER_BUSY`, `RECEIVER_AWAY`: nothing was changed
 */
export async function handOver(place: Workplace, request: HandOverRequest): Promise<HandOverReport> {
  const sight = await place.look({ vouch: true });
  const own = findWorktreeSession(place, sight.sessions);
  const item = request.item ?? own?.item ?? null;
  const giver = item === null ? undefined : sight.sessions.find((session) => session.item === item);
  if (item === null || giver === undefined) throw new BulkheadError("NOTHING_TO_HAND_OVER", { sd_id: item });
  requireRight(place, giver, sight, request.force);
  const taker = sight.sessions.find(({ id }) => id === request.to);
  const receiver = { sd_id: item, receiver: shortSessionId(request.to) };
  if (taker === undefined || !isLive(taker, sight.gone)) throw new BulkheadError("RECEIVER_AWAY", receiver);
  if (taker.id === giver.id) throw new BulkheadError("NOTHING_TO_HAND_OVER", { sd_id: item, held_by_receiver: true });
  if (taker.item !== null) throw new BulkheadError("RECEIVER_BUSY", { ...receiver, receiver_sd_id: taker.item });
  const outcome = await place.store.handOver(giver.id, taker.id, item);
  if (outcome.kind !== "claimed") throw new BulkheadError("HAND_OVER_RACED", receiver);
  if (request.end) await place.store.endSession(giver.id, "graceful_exit");
  const file = endGiversClaim(place, giver, request.end);
  settleClaimFiles(worktreeFiles(place.commonDir, await place.mainTop()), [outcome.session]);
  tellTaker(outcome.session, giver, item);
  return { item, giver, taker: outcome.session, file };
}

/** The giver's own word, a person's for the agent at whose worktree it sits, or an operator's. */
function requireRight(
  place: Workplace,
  giver: Session,
  { sessions, gone, lives }: Awaited<ReturnType<Workplace["look"]>>,
  force: boolean,
): void {
  if (force || !isLive(giver, gone)) return;
  if (findOwnSession(sessions, place.owner, place.topLevel)?.id === giver.id) return;
  const atAgents = giver.owner.agentSession !== null && place.owner.agentSession === null;
  if (atAgents && findWorktreeSession(place, sessions)?.id === giver.id) return;
  throw new BulkheadError("CLAIM_HELD_BY_OTHER", { sd_id: giver.item, ...holderData(giver, lives.get(giver.id)) });
}

function endGiversClaim(place: Workplace, giver: Session, end: boolean): HandOverReport["file"] {
  const there = findWorktreePlace(giver.worktree);
  if (giver.owner.machineId !== place.owner.machineId || there?.topLevel !== giver.worktree) return "untouched";
  const linked = there.gitDir !== there.commonDir;
  return endClaimInFile({ ...there, linked }, giver, { session: end, othersHere: true });
}

/** It hears of it at its next commit or command, where this machine can reach it. */
function tellTaker(taker: Session, giver: Session, item: WorkItemKey): void {
  const there = findWorktreePlace(taker.worktree);
  if (taker.owner.machineId !== giver.owner.machineId || there?.topLevel !== taker.worktree) return;
  const from = shortSessionId(giver.id);
  addNotices(there.gitDir, [
    `bulkhead: session ${from} has handed ${item} over to you. Begin, on the branch that it is for: ${typed(`start ${item}`)}`,
  ]);
}
