import { findConcurrent } from "../session/concurrency.ts";
import { readKnownBranch } from "../session/observe-worktree.ts";
import { findWorktreeSession } from "../session/own-session.ts";
import { type SessionRow, sessionRow } from "../session/session-row.ts";
import type { Clone } from "./clone.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";

/** Other live sessions that get in the way of this one. */
export interface ConcurrentDocument {
  readonly concurrent: readonly SessionRow[];
  /** Whether this session is the one to move: of two that start at once, exactly one is told. */
  readonly should_move: boolean;
  readonly current_branch: string | null;
  readonly base: string | null;
}

export async function concurrent(clone: Clone, input: OwnerInput): Promise<ConcurrentDocument> {
  const place = await openWorkplace(clone, input);
  const { sessions, gone } = await place.look({ vouch: true });
  const self = findWorktreeSession(place, sessions);
  const branch = await readKnownBranch(place);
  const base = (await place.base())?.branch ?? null;
  const { others, shouldMove } = findConcurrent({ self, branch, base, sessions, gone });
  return {
    concurrent: others.map((session) => sessionRow(session, place.owner)),
    should_move: shouldMove,
    current_branch: branch,
    base,
  };
}
