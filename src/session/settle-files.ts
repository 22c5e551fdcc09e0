/** Keeps what worktrees' session files say of their claims true: the guard, which asks no database, goes by them. */
import type { SessionFile } from "../domain/expectation.ts";
import type { Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { comparablePath } from "../files/same-path.ts";
import { linkedGitDirs, linkedTop } from "../git/worktree-state.ts";
import { readExpectation, writeSessionFile } from "../layout/session-file.ts";
import type { Workplace } from "./workplace.ts";

/** A worktree as far as its session file is concerned. */
export interface FiledWorktree {
  readonly topLevel: string;
  readonly gitDir: string;
}

/** Sessions at work in a worktree of this machine, but one. */
export function workersHere(
  { topLevel, owner }: Pick<Workplace, "topLevel" | "owner">,
  sessions: readonly Session[],
  but: Pick<Session, "id">,
): Session[] {
  return sessions.filter(
    ({ id, status, worktree, owner: { machineId } }) =>
      id !== but.id && status !== "released" && worktree === topLevel && machineId === owner.machineId,
  );
}

/** Every worktree of a clone that its files tell of. Starts no process. */
export function worktreeFiles(commonDir: string, mainTop: string): FiledWorktree[] {
  const linked = linkedGitDirs(commonDir).flatMap((gitDir) => {
    const topLevel = linkedTop(gitDir);
    return topLevel === null ? [] : [{ topLevel, gitDir }];
  });
  return [{ topLevel: mainTop, gitDir: commonDir }, ...linked];
}

/**
 * Brings session files in line with who holds what: one whose claim another session has now is marked, so that the guard
 * refuses commits there and says who has the item; a mark on a claim that stands goes.
 * @param sessions those that have not ended; files that speak of items which none of them holds stay as they are
 * @returns worktrees whose file was changed
 */
export function settleClaimFiles(worktrees: readonly FiledWorktree[], sessions: readonly Session[]): FiledWorktree[] {
  return worktrees.filter((worktree) => {
    const found = readExpectation(worktree.topLevel, worktree.gitDir);
    if (found.kind !== "present") return false;
    const settled = settle(worktree, found.content, sessions);
    if (settled === null) return false;
    writeSessionFile(worktree, settled);
    return true;
  });
}

/** The file as it should be; null where it is right. */
function settle(worktree: FiledWorktree, content: SessionFile, sessions: readonly Session[]): SessionFile | null {
  const { sessionId, sdKey, claimEpoch, claimLost } = content;
  const own = sessions.find(({ id }) => id === sessionId);
  if (own?.item != null && isIn(worktree, own) && (own.item !== sdKey || own.claimEpoch !== claimEpoch)) {
    // Another session has handed its claim over to this one.
    const { claimLost: _, ...kept } = content;
    return { ...kept, sdKey: own.item, ...(own.claimEpoch === null ? {} : { claimEpoch: own.claimEpoch }) };
  }
  const holder = sdKey === undefined ? undefined : sessions.find(({ item }) => item === sdKey);
  if (sessionId === undefined || holder === undefined) return null;
  if (holder.id !== sessionId) {
    return claimLost === undefined && !isIn(worktree, holder) ? { ...content, claimLost: lostTo(holder) } : null;
  }
  if (claimLost !== undefined && claimEpoch === holder.claimEpoch) {
    const { claimLost: _, ...kept } = content;
    return kept;
  }
  return null;
}

function isIn(worktree: FiledWorktree, session: Session): boolean {
  return comparablePath(session.worktree) === comparablePath(worktree.topLevel);
}

function lostTo(taker: Session) {
  const by = `session ${shortSessionId(taker.id)} on ${taker.hostname}`;
  return { by, at: taker.claimedAt ?? taker.createdAt, reason: "its session was stale or gone" };
}
