import type { WorkItemKey } from "../domain/names.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { handOver } from "../session/hand-over.ts";
import type { Clone } from "./clone.ts";
import { findById } from "./events.ts";
import { nudgeKeeper } from "./keeper.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";
import { settleLocks } from "./worktree-locks.ts";

export interface HandOverInput extends OwnerInput {
  /** Null for whatever this worktree's session holds. */
  readonly item: WorkItemKey | null;
  /** The receiving session's id, or the start of it. */
  readonly to: string;
  readonly end: boolean;
  readonly force: boolean;
}

/** A claim that another session has now. */
export interface HandOverDocument {
  readonly success: true;
  readonly handed_over: string;
  readonly from: string;
  readonly to: string;
  readonly claim_epoch: number | null;
  readonly ended: boolean;
  readonly session_file: "kept" | "removed" | "untouched";
}

/** Gives a claim to another session. @throws BulkheadError `SESSION_NOT_FOUND`, and as `handOver` */
export async function handOverClaim(clone: Clone, input: HandOverInput): Promise<HandOverDocument> {
  const place = await openWorkplace(clone, input);
  const to = findById(await place.store.listSessions({ ended: true }), input.to);
  const { item, giver, taker, file } = await handOver(place, { ...input, to });
  if (input.end) {
    nudgeKeeper(clone);
    await settleLocks(clone);
  }
  return {
    success: true,
    handed_over: item,
    from: shortSessionId(giver.id),
    to: shortSessionId(taker.id),
    claim_epoch: taker.claimEpoch,
    ended: input.end,
    session_file: file,
  };
}
