/** git's locks on worktrees: there while a session lives, so that other tools' sweepers leave its worktree alone. */
import type { Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { isSamePath } from "../files/same-path.ts";
import { lockWorktree, readWorktreeLock, unlockWorktree } from "../git/worktree-lock.ts";
import { linkedGitDirs, linkedTop } from "../git/worktree-state.ts";
import { lookAround, type Sight } from "../session/look.ts";
import type { Clone } from "./clone.ts";
import { observerOf } from "./observer.ts";

const NOBODY: Pick<Sight, "sessions" | "lives"> = { sessions: [], lives: new Map() };

/** What stands in the lock of a worktree with a live session. */
const WORKS = "session ";

/** Locks this worktree for a session that has started in it. A lock of somebody else's stays. */
export function lockForSession({ repository }: Clone, session: Session): void {
  if (!repository.linked) return;
  const what = session.item === null ? "" : ` works on ${session.item}`;
  lockWorktree(repository.gitDir, `${WORKS}${shortSessionId(session.id)}${what}`);
}

/** Unlocks every worktree that was locked for a session and has no live one any more. */
export async function settleLocks(clone: Clone): Promise<void> {
  const locked = linkedGitDirs(clone.repository.commonDir).filter((gitDir) => {
    const lock = readWorktreeLock(gitDir);
    return lock?.own && lock.reason.includes(`: ${WORKS}`);
  });
  if (locked.length === 0) return;
  const store = await clone.storeIfMade();
  // Any sign of life holds the lock: whoever was slow to beat is at work all the same.
  const { sessions, lives } = store === null ? NOBODY : await lookAround(store, observerOf(clone));
  const live = sessions.filter(({ id }) => lives.get(id)?.life.state === "alive");
  for (const gitDir of locked) {
    const top = linkedTop(gitDir);
    // A clone on a shared disk: sessions of other machines count too.
    if (top === null || !live.some(({ worktree }) => isSamePath(worktree, top))) unlockWorktree(gitDir);
  }
}
