/** Puts right what commands that were killed, and people's hands, have left. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { finishDiscard } from "./discard.ts";
import { exclusively, type Held, placesBegun } from "./exclusive.ts";
import { findMoved } from "./find-worktree.ts";
import { finishRestore } from "./restore.ts";
import type { WorktreeTools } from "./surroundings.ts";
import { type Target, targetWords } from "./target.ts";
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
  } else if (begun.ready && existsSync(join(begun.path, ".git"))) {
    held.finish();
    return true;
  } else {
    const kept = await undoCreation(tools, held, target, begun);
    const where = kept === null ? "" : ` What somebody had put there is in the trash: ${kept}.`;
    tools.note(`An earlier command was ended while it made ${begun.path}; what it left is cleared.${where}`);
  }
  held.finish();
  return false;
}

/** Looks after every place, and after worktrees that were moved by hand. What cannot be put right is said. */
export async function repairAll(tools: WorktreeTools): Promise<void> {
  for (const target of placesBegun(tools.commonDir)) {
    const work = async (held: Held) => {
      const begun = held.begun();
      // A worktree that is only not quite ready waits for the next command that is about it.
      if (begun === null || (begun.act === "create" && begun.ready && existsSync(join(begun.path, ".git")))) return;
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
