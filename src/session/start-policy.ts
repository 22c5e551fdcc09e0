/** Whether a session may start on an item in a worktree. Pure: same facts, same plan. */
import { isLive } from "../domain/claim-rules.ts";
import type { WorkItemKey } from "../domain/names.ts";
import { isSameOwner, isSameTerminal } from "../domain/owner.ts";
import type { GoneOwner, Owner, Session } from "../domain/session.ts";

export interface StartFacts {
  readonly item: WorkItemKey;
  readonly owner: Owner;
  readonly worktree: string;
  /** Every session of the repository that has not ended. */
  readonly sessions: readonly Session[];
  /** Those whose owner process was seen to be gone. */
  readonly gone: readonly GoneOwner[];
  /** `--share`: join a worktree that another session works in. */
  readonly share: boolean;
  /** Whether a claim that the owner has in another worktree comes along to this one. */
  readonly move?: boolean;
}

export type RefusalCode = "GATE_MULTI_SESSION_CLAIM_CONFLICT" | "CONFLICT" | "WORKTREE_IN_USE";

export type StartPlan =
  /** The owner has the item here already. */
  | { readonly kind: "already"; readonly session: Session }
  | { readonly kind: "refuse"; readonly code: RefusalCode; readonly holder: Session }
  /** `session` is the owner's own one here, which then claims; null: a new one. `others` are live at this terminal. */
  | { readonly kind: "claim"; readonly session: Session | null; readonly others: readonly Session[] }
  /** The owner has it in another worktree, `from`, and takes it along to this one. */
  | {
      readonly kind: "move";
      readonly session: Session | null;
      readonly from: Session;
      readonly others: readonly Session[];
    };

export function decideStart(facts: StartFacts): StartPlan {
  const { item, owner, worktree, share } = facts;
  const own = findOwnSession(facts.sessions, owner, worktree);
  if (own?.item === item) return { kind: "already", session: own };
  const live = facts.sessions.filter((session) => session !== own && isLive(session, facts.gone));
  const atTerminal = live.filter(
    (session) => isSameTerminal(session.owner, owner) && !isSameOwner(session.owner, owner),
  );
  const holder = live.find((session) => session.item === item);
  const moves =
    facts.move === true && holder !== undefined && !isHere(holder, facts) && isSameOwner(holder.owner, owner);
  if (holder !== undefined && !moves) return { kind: "refuse", code: refusalCode(facts, holder, atTerminal), holder };
  const inWorktree = live.find((session) => isHere(session, facts));
  // Who works here already has joined before.
  if (inWorktree !== undefined && own === null && !share) {
    return { kind: "refuse", code: "WORKTREE_IN_USE", holder: inWorktree };
  }
  const others = atTerminal.filter((session) => session.item !== null);
  return moves ? { kind: "move", session: own, from: holder, others } : { kind: "claim", session: own, others };
}

function refusalCode(facts: StartFacts, holder: Session, atTerminal: readonly Session[]): RefusalCode {
  if (atTerminal.includes(holder)) return "CONFLICT";
  if (isHere(holder, facts) && !facts.share) return "WORKTREE_IN_USE";
  return "GATE_MULTI_SESSION_CLAIM_CONFLICT";
}

/** The same path on another machine is another worktree. */
function isHere(session: Session, { worktree, owner }: Pick<StartFacts, "worktree" | "owner">): boolean {
  return session.worktree === worktree && session.owner.machineId === owner.machineId;
}

/** The session of this owner in this worktree, the one heard of last; null for none. */
export function findOwnSession(sessions: readonly Session[], owner: Owner, worktree: string): Session | null {
  const own = sessions.filter(
    (session) => session.status !== "released" && session.worktree === worktree && isSameOwner(session.owner, owner),
  );
  return own.sort((a, b) => a.heartbeatAgeSeconds - b.heartbeatAgeSeconds)[0] ?? null;
}
