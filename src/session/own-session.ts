import { isSessionId, type SessionId } from "../domain/names.ts";
import type { Session } from "../domain/session.ts";
import { readExpectation } from "../layout/session-file.ts";
import { findOwnSession } from "./start-policy.ts";
import type { Workplace } from "./workplace.ts";

/**
 * The session that a command in this worktree speaks for: the owner's own, else the one that the worktree's session
 * file names. A person at the worktree of an agent's session so speaks for that session.
 */
export function findWorktreeSession(
  place: Pick<Workplace, "owner" | "topLevel" | "gitDir">,
  sessions: readonly Session[],
): Session | null {
  const own = findOwnSession(sessions, place.owner, place.topLevel);
  if (own !== null) return own;
  const id = namedSession(place);
  return sessions.find((session) => session.id === id && session.worktree === place.topLevel) ?? null;
}

/** The session that the worktree's file names; null for none. */
export function namedSession(place: Pick<Workplace, "topLevel" | "gitDir">): SessionId | null {
  const file = readExpectation(place.topLevel, place.gitDir);
  const id = file.kind === "present" ? (file.content.sessionId ?? "") : "";
  return isSessionId(id) ? id : null;
}
