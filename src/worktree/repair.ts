/** Puts right what commands that were killed, and people's hands, have left. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { isInside, isSamePath } from "../files/same-path.ts";
import { lockReason, readWorktreeLock, unlockWorktree } from "../git/worktree-lock.ts";
import type { WorktreeState } from "../git/worktree-state.ts";
import { finishDiscard } from "./discard.ts";
import { exclusively, type Held, placesBegun } from "./exclusive.ts";
import { findDeleted, findMoved, gitDirAt } from "./find-worktree.ts";
import { BEING_MADE } from "./make.ts";
import { finishRestore } from "./restore.ts";
import type { WorktreeTools } from "./surroundings.ts";
import { roomsOf, type Target, targetWords } from "./target.ts";
import { undoCreation } from "./undo-create.ts";

/**
 * Ends what an earlier command has begun at a place that is held.
 * @returns whether a worktree stands there whose making was finished but for its conveniences
 */
export async function repairPlace(tools: WorktreeTools, held: Held, target: Target): Promise<boolean> {
  const begun = held.begun();
  if (begun === null) return false;
  const steady = { ...tools, git: tools.steadyGit };
  if (begun.act === "discard") {
    const entry = await finishDiscard(steady, begun.entry);
    if (entry !== null) {
      await tools.sessions.end(entry.path);
      tools.note(`An earlier command was ended while it removed ${entry.path}; that is done now.`);
    }
  } else if (begun.act === "restore") {
    const restored = await finishRestore(steady, begun.entry);
    if (restored !== null)
      tools.note(`An earlier command was ended while it restored ${restored.path}; that is done now.`);
  } else if (begun.ready) {
    unlockMade(tools, begun.path);
    // One that hands have deleted since was somebody's: nothing of it is taken back.
    if (existsSync(join(begun.path, ".git"))) return true;
  } else {
    const kept = await undoCreation(tools, held, target, begun);
    const where = kept === null ? "" : ` What somebody had put there is in the trash: ${kept}.`;
    tools.note(`An earlier command was ended while it made ${begun.path}; what it left is cleared.${where}`);
  }
  held.finish();
  return false;
}

/** It is somebody's worktree by now, and no longer a half made one that git must not prune. */
function unlockMade({ commonDir }: WorktreeTools, path: string): void {
  const gitDir = gitDirAt(path, commonDir);
  if (gitDir !== null && readWorktreeLock(gitDir)?.reason === lockReason(BEING_MADE)) unlockWorktree(gitDir);
}

/** Looks after every place, and after worktrees that were moved by hand. What cannot be put right is said. */
export async function repairAll(tools: WorktreeTools): Promise<void> {
  for (const target of placesBegun(tools.commonDir)) {
    const work = async (held: Held) => {
      const begun = held.begun();
      if (begun === null) return;
      await repairPlace(tools, held, target);
    };
    await saying(tools, () => exclusively(tools, target, `worktree ${targetWords(target)}`, work, false));
  }
  for (const path of findMoved(tools)) {
    await saying(tools, async () => {
      await tools.steadyGit.run(["worktree", "repair", path], { mode: "write", retryLocked: true });
      tools.note(`${path} was moved there by hand; git knows of it now.`);
    });
  }
  for (const path of findDeleted(tools)) {
    await saying(tools, () => release(tools, path));
  }
}

async function saying(tools: WorktreeTools, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    // The command that has begun there is alive, and will end it.
    if (thrown instanceof BulkheadError && thrown.code === "WORKTREE_BUSY") return;
    tools.note(`Not repaired: ${asBulkheadError(thrown).message}`);
  }
}

/** Ends the sessions of worktrees that git itself has removed since: their claims are nobody's. */
export async function releaseDeleted(tools: WorktreeTools, worktrees: readonly WorktreeState[]): Promise<void> {
  const rooms = roomsOf(tools.root);
  for (const path of await tools.sessions.places()) {
    const ours = rooms.some((room) => isInside(path, room)) && existsSync(tools.root);
    if (!ours || existsSync(path) || worktrees.some((worktree) => isSamePath(worktree.path, path))) continue;
    await saying(tools, () => release(tools, path));
  }
}

async function release(tools: WorktreeTools, path: string): Promise<void> {
  const item = await tools.sessions.end(path);
  if (item !== null) tools.note(`${path} is gone; ${item}, which was claimed there, is free again.`);
}
