import { isLive } from "../domain/claim-rules.ts";
import { nearestWord } from "../domain/did-you-mean.ts";
import { BulkheadError } from "../domain/error.ts";
import type { WorkItemKey } from "../domain/names.ts";
import type { ReleaseOutcome, Session } from "../domain/session.ts";
import { writeWorkers } from "../layout/worker-file.ts";
import type { Sight } from "./look.ts";
import { findWorktreeSession, namedSession } from "./own-session.ts";
import { holderData } from "./session-row.ts";
import { workersHere } from "./settle-files.ts";
import { findOwnSession } from "./start-policy.ts";
import type { Workplace } from "./workplace.ts";
import { endClaimInFile } from "./worktree-expectation.ts";

export interface ReleaseReport {
  /** The item that is free now; null when nothing was claimed. */
  readonly item: WorkItemKey | null;
  readonly session: Session | null;
  /** Whether the session itself has ended. */
  readonly ended: boolean;
  readonly file: "kept" | "removed" | "untouched";
}

export interface ReleaseRequest {
  /** The item to free; null for whatever this worktree's session holds. */
  readonly item: WorkItemKey | null;
  /** `--end`: the session ends too. */
  readonly end: boolean;
  /** `--force`: an operator frees another live session's item. */
  readonly force: boolean;
}

/**
 * Ends this worktree's claim, or as an operator that of whoever holds an item. Releasing what is not held is no error.
 * @throws BulkheadError `CLAIM_HELD_BY_OTHER` when another live session holds the item and it is not forced,
 * `ITEM_NOT_CLAIMED` for one that nobody has ever claimed
 */
export async function releaseSession(place: Workplace, request: ReleaseRequest): Promise<ReleaseReport> {
  const sight = await place.look({ vouch: true });
  const { sessions } = sight;
  const own = findWorktreeSession(place, sessions);
  if (request.item !== null && own?.item !== request.item) {
    const holder = sessions.find((session) => session.item === request.item);
    // With --end the session here is meant, whatever it held; otherwise the item is.
    if (holder !== undefined) return releaseOther(place, request.item, holder, sight, request.force);
    await requireKnown(place, request.item, sessions);
    if (!request.end) return { item: null, session: own, ended: false, file: "untouched" };
  }
  if (own === null) return tidyAfterEnded(place, sight, request.end);
  if (!request.force) requireOwn(place, own, sight);
  return releaseOwn(place, own, sight, request.end);
}

/** A name that nobody has ever claimed is a slip of the fingers: the item that was meant is still claimed. */
export async function requireKnown(place: Workplace, item: WorkItemKey, sessions: readonly Session[]): Promise<void> {
  if (await place.store.knowsItem(item)) return;
  const held = sessions.flatMap((session) => session.item ?? []);
  throw new BulkheadError("ITEM_NOT_CLAIMED", { sd_id: item, known: false, nearest: nearestWord(item, held) });
}

/**
 * The session that the file names may be another's, alive at this moment: its end is not ours to decide. A person at
 * an agent's worktree speaks for the agent, which has no terminal to say it at.
 */
function requireOwn(place: Workplace, session: Session, { sessions, gone, lives }: Sight): void {
  if (findOwnSession(sessions, place.owner, place.topLevel)?.id === session.id) return;
  if (session.owner.agentSession !== null && place.owner.agentSession === null) return;
  if (!isLive(session, gone)) return;
  throw new BulkheadError("CLAIM_HELD_BY_OTHER", {
    sd_id: session.item,
    ...holderData(session, lives.get(session.id)),
  });
}

async function releaseOwn(place: Workplace, own: Session, sight: Sight, end: boolean): Promise<ReleaseReport> {
  const outcome = end
    ? await place.store.endSession(own.id, "graceful_exit")
    : await place.store.releaseClaim(own.id, "graceful_exit");
  const file = endClaimInFile(place, own, { session: end, othersHere: hasOthers(place, sight, own) });
  if (end) writeWorkers(place.gitDir, workersHere(place, sight.sessions, own));
  return { item: freedItem(outcome), session: outcome.session, ended: end, file };
}

/** The session that the file names has ended already, taken over perhaps: only the file is left to put right. */
async function tidyAfterEnded(place: Workplace, sight: Sight, end: boolean): Promise<ReleaseReport> {
  const id = namedSession(place);
  const session = id === null ? null : await place.store.findSession(id);
  if (session?.status !== "released") return { item: null, session: null, ended: false, file: "untouched" };
  const file = endClaimInFile(place, session, { session: end, othersHere: hasOthers(place, sight, session) });
  return { item: null, session, ended: true, file };
}

/** Whether another live session works in this worktree. */
function hasOthers(place: Workplace, { sessions, gone }: Sight, but: Session): boolean {
  return sessions.some(
    (session) =>
      session.id !== but.id &&
      session.worktree === place.topLevel &&
      session.owner.machineId === place.owner.machineId &&
      isLive(session, gone),
  );
}

async function releaseOther(
  place: Workplace,
  item: WorkItemKey,
  holder: Session,
  { gone, lives }: Sight,
  force: boolean,
): Promise<ReleaseReport> {
  if (!force && isLive(holder, gone)) {
    throw new BulkheadError("CLAIM_HELD_BY_OTHER", { sd_id: item, ...holderData(holder, lives.get(holder.id)) });
  }
  const outcome = await place.store.releaseItem(item);
  return { item: freedItem(outcome), session: outcome.session, ended: false, file: "untouched" };
}

function freedItem(outcome: ReleaseOutcome): WorkItemKey | null {
  return outcome.kind === "released" ? outcome.item : null;
}
