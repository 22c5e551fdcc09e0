import { showExpectation } from "../session/expect.ts";
import { findWorktreeSession } from "../session/own-session.ts";
import { type PendingRequest, pendingRequests } from "../session/requests.ts";
import { type SessionRow, sessionRow } from "../session/session-row.ts";
import type { Overlap } from "../snapshot/overlap.ts";
import { type Arming, readArming } from "./arming.ts";
import type { Clone } from "./clone.ts";
import { knownOverlaps } from "./overlaps.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";

/** This worktree: who works here, on what, and whether commits would pass. */
export interface StatusDocument {
  readonly worktree: string;
  readonly session: SessionRow | null;
  readonly sd_id: string | null;
  readonly current_branch: string | null;
  readonly expected_branch: string | null;
  readonly agrees: boolean;
  readonly base: string | null;
  /** What others ask of the session for its claim. */
  readonly requests: readonly PendingRequest[];
  /** Whose work this worktree's overlaps, as the keeper last found it. */
  readonly overlaps: readonly Overlap[];
  /** Whether git runs the guard here. */
  readonly guard: Arming;
}

/** @throws BulkheadError `EXPECTATION_INVALID`, `STORE_FAILED` */
export async function status(clone: Clone, input: OwnerInput): Promise<StatusDocument> {
  const place = await openWorkplace(clone, input);
  const { sessions, lives } = await place.look();
  const session = findWorktreeSession(place, sessions);
  const { expected, branch, agrees } = await showExpectation(place);
  return {
    worktree: place.topLevel,
    session: session === null ? null : sessionRow(session, place.owner, lives.get(session.id)),
    sd_id: session?.item ?? null,
    current_branch: branch,
    expected_branch: expected,
    agrees,
    base: (await place.base())?.branch ?? null,
    requests: session === null ? [] : pendingRequests(session),
    overlaps: knownOverlaps(clone, place.topLevel),
    guard: await readArming(clone),
  };
}
