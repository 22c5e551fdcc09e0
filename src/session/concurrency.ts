/** Which sessions get in each other's way. Pure. */
import { isLive } from "../domain/claim-rules.ts";
import type { BranchName, SessionId } from "../domain/names.ts";
import type { GoneOwner, Session } from "../domain/session.ts";

export interface ConcurrencyFacts {
  /** The session that asks; null before it has registered. */
  readonly self: Session | null;
  /** The branch that it is on; null when detached or unknown. */
  readonly branch: BranchName | null;
  /** The branch that work merges into; null when nothing tells. */
  readonly base: BranchName | null;
  readonly sessions: readonly Session[];
  readonly gone: readonly GoneOwner[];
}

export interface Concurrency {
  readonly others: readonly Session[];
  /** Whether the one that asks is the one to move: of two that start at once, exactly one is told. */
  readonly shouldMove: boolean;
}

/** Live sessions on the same branch, or where either is on the base or on no known branch. */
export function findConcurrent({ self, branch, base, sessions, gone }: ConcurrencyFacts): Concurrency {
  const others = sessions.filter(
    (session) => session.id !== self?.id && isLive(session, gone) && mayCollide(branch, session.branch, base),
  );
  return { others, shouldMove: others.some((other) => self === null || isOlder(other, self)) };
}

function mayCollide(a: BranchName | null, b: BranchName | null, base: BranchName | null): boolean {
  if (a === null || b === null) return true;
  return a === b || a === base || b === base;
}

function isOlder(a: Session, b: Session): boolean {
  return a.createdAt === b.createdAt ? a.id < b.id : a.createdAt < b.createdAt;
}

/** Branches on which more than one live session works. */
export function sharedBranches(sessions: readonly Session[], gone: readonly GoneOwner[]): ReadonlySet<BranchName> {
  const seen = new Map<BranchName, SessionId>();
  const shared = new Set<BranchName>();
  for (const { branch, id } of sessions.filter((session) => isLive(session, gone))) {
    if (branch === null) continue;
    if (seen.has(branch)) shared.add(branch);
    seen.set(branch, id);
  }
  return shared;
}
