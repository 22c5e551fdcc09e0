import { observeOwner } from "../machine/observe-owner.ts";
import { type LookOptions, lookAround } from "../session/look.ts";
import { deliverRequests } from "../session/requests.ts";
import { findOwnSession } from "../session/start-policy.ts";
import type { Workplace } from "../session/workplace.ts";
import type { Clone } from "./clone.ts";
import { observerOf } from "./observer.ts";

/** Who a command speaks for. */
export interface OwnerInput {
  /** The process whose life is the session's; found by itself where it is not given. */
  readonly pid?: string;
  /** The agent's session id; the environment's where it is not given. */
  readonly agentSession?: string;
}

/**
 * What session features work with: this worktree, who runs the command, and the store.
 * @throws BulkheadError `BARE_REPOSITORY`, `PROCESS_NOT_FOUND`, `USAGE`, `STORE_FAILED`
 */
export async function openWorkplace(clone: Clone, input: OwnerInput): Promise<Workplace> {
  const { worktree, env, hostname, mainTop, base } = clone;
  const table = clone.processes();
  const owner = observeOwner({ ...input, env, hostname }, table);
  const store = await clone.store();
  const look = async (options?: LookOptions) => {
    const sight = await lookAround(store, observerOf(clone, table), options);
    const own = findOwnSession(sight.sessions, owner, worktree.topLevel);
    if (own !== null) deliverRequests(own);
    return sight;
  };
  return { ...worktree, mainTop, base, codebase: () => clone.codebase(), hostname, owner, store, look };
}
