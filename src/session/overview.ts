/** What to tell about sessions when they are listed. Pure. */
import { isLive } from "../domain/claim-rules.ts";
import type { BranchName } from "../domain/names.ts";
import type { GoneOwner, Session } from "../domain/session.ts";
import { sharedBranches } from "./concurrency.ts";

export type SessionFlag = "branch_mismatch" | "shared_branch" | "branch_unknown" | "process_gone" | "claim_lost";

/** What can be seen of a session's worktree from here. */
export interface ObservedWorktree {
  /** The branch that its file expects; null without one. */
  readonly expected: BranchName | null;
  /** The branch that it is on now; null when detached or unreadable. */
  readonly branch: BranchName | null;
  readonly claimLost: boolean;
}

export interface SessionView {
  readonly session: Session;
  readonly expected: BranchName | null;
  readonly flags: readonly SessionFlag[];
}

/**
 * @param observe what this machine sees of a session's worktree; null for one that is elsewhere. What is seen now
 * counts more than what the last heartbeat said.
 */
export function viewSessions(
  sessions: readonly Session[],
  gone: readonly GoneOwner[],
  observe: (session: Session) => ObservedWorktree | null,
): SessionView[] {
  const seen = sessions.map((session) => {
    const observed = session.status === "released" ? null : observe(session);
    return { observed, session: observed === null ? session : { ...session, branch: observed.branch } };
  });
  const shared = sharedBranches(
    seen.map(({ session }) => session),
    gone,
  );
  return seen.map(({ session, observed }) => {
    const expected = observed?.expected ?? null;
    const isGone = gone.some(({ sessionId }) => sessionId === session.id);
    const flags: [SessionFlag, boolean][] = [
      ["branch_mismatch", expected !== null && expected !== session.branch],
      ["shared_branch", session.branch !== null && shared.has(session.branch) && isLive(session, gone)],
      ["branch_unknown", session.branch === null],
      ["process_gone", isGone],
      ["claim_lost", observed?.claimLost ?? false],
    ];
    const flagged = session.status === "released" ? [] : flags.filter(([, on]) => on).map(([flag]) => flag);
    return { session, expected, flags: flagged };
  });
}
