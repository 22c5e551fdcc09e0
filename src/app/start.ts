import type { WorkItemKey } from "../domain/names.ts";
import { isStale } from "../domain/session-health.ts";
import { type SessionRow, sessionRow } from "../session/session-row.ts";
import { startSession } from "../session/start.ts";
import { worktreeCommand } from "../session/workplace.ts";
import { type Arming, ensureArmed } from "./arming.ts";
import type { Clone } from "./clone.ts";
import { ensureKeeper } from "./keeper.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";
import { lockForSession, settleLocks } from "./worktree-locks.ts";

export interface StartInput extends OwnerInput {
  readonly item: WorkItemKey;
  /** Whether to join a worktree that another session works in. */
  readonly share: boolean;
  /** Whether a claim that the owner has in another worktree comes along. */
  readonly move?: boolean;
}

/** A session that has its item now. */
export interface StartDocument extends SessionRow {
  /** Whether the claim is new; otherwise the owner had it already. */
  readonly new_claim: boolean;
  readonly expected_branch: string;
  readonly took_over: SessionRow | null;
  /** Why the claim could be taken over; null when it was free. */
  readonly took_over_because: "stale" | "process_gone" | null;
  readonly switched_from: string | null;
  readonly on_base: boolean;
  /** What gives the item a worktree of its own, where this one is on the base. */
  readonly worktree_command: string | null;
  /** Other live sessions at this terminal. */
  readonly others: readonly SessionRow[];
  /** Whether git runs the guard here. */
  readonly guard: Arming;
}

/** Claims a work item for this terminal's session. @throws BulkheadError as `startSession` */
export async function start(clone: Clone, input: StartInput): Promise<StartDocument> {
  const place = await openWorkplace(clone, input);
  const report = await startSession(place, input.item, input);
  await ensureKeeper(clone);
  const { session, tookOver, onBase } = report;
  lockForSession(clone, session);
  // The session that was taken over may have left a worktree.
  if (tookOver !== null) await settleLocks(clone);
  const row = (other: typeof session | NonNullable<typeof tookOver>) => sessionRow(other, place.owner);
  return {
    ...row(session),
    current_branch: report.branch,
    new_claim: report.fresh,
    expected_branch: report.file.expectedBranch,
    took_over: tookOver === null ? null : row(tookOver),
    took_over_because: tookOver === null ? null : isStale(tookOver.heartbeatAgeSeconds) ? "stale" : "process_gone",
    switched_from: report.switchedFrom,
    on_base: onBase,
    worktree_command: onBase ? worktreeCommand(session.item) : null,
    others: report.others.map((other) => sessionRow(other, place.owner)),
    guard: await ensureArmed(clone),
  };
}
