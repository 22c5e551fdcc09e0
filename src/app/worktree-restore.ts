import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { isWorkItemKey } from "../domain/names.ts";
import { exclusively } from "../worktree/exclusive.ts";
import { repairAll, repairPlace } from "../worktree/repair.ts";
import { type Restored, restore } from "../worktree/restore.ts";
import { targetWords } from "../worktree/target.ts";
import { placeOfEntry, readTrash, type TrashEntry } from "../worktree/trash.ts";
import { type Clone, inClone } from "./clone.ts";
import { start } from "./start.ts";
import type { OwnerInput } from "./workplace.ts";
import { worktreeTools } from "./worktree-tools.ts";

export interface RestoreWorktreeInput extends OwnerInput {
  /** An item, a session's name, or the id of an entry of the trash. */
  readonly name: string;
}

export interface RestoreWorktreeDocument extends Restored {
  readonly trash: string;
  /** Whether the item is claimed again; null when none was claimed. */
  readonly claimed: boolean | null;
  /** Why it is not. */
  readonly not_claimed_because: string | null;
}

/** Brings the worktree that was removed last under a name back. @throws BulkheadError `NOT_IN_TRASH`, and as `restore` */
export async function restoreWorktree(clone: Clone, input: RestoreWorktreeInput): Promise<RestoreWorktreeDocument> {
  const tools = await worktreeTools(clone, input);
  await repairAll(tools);
  const entry = findEntry(readTrash(tools.commonDir), input.name);
  if (entry === null) throw new BulkheadError("NOT_IN_TRASH", { name: input.name });
  const target = placeOfEntry(entry);
  const restored = await exclusively(tools, target, `worktree --restore ${targetWords(target)}`, async (held) => {
    await repairPlace(tools, held, target);
    const now = findEntry(readTrash(tools.commonDir), entry.id);
    if (now === null) throw new BulkheadError("NOT_IN_TRASH", { name: input.name });
    return restore({ ...tools, git: tools.steadyGit }, held, now);
  });
  return { ...restored, trash: entry.id, ...(await claimAgain(clone, restored, input)) };
}

/** The newest of that name that is whole. */
function findEntry(entries: readonly TrashEntry[], name: string): TrashEntry | null {
  const kept = entries.filter(({ state }) => state === "kept");
  return kept.find(({ id }) => id === name) ?? kept.find(({ target }) => target?.name === name) ?? null;
}

/** The files are back, whatever comes of the claim. */
async function claimAgain(
  clone: Clone,
  { path, item }: Restored,
  owner: OwnerInput,
): Promise<Pick<RestoreWorktreeDocument, "claimed" | "not_claimed_because">> {
  if (item === null || !isWorkItemKey(item)) return { claimed: null, not_claimed_because: null };
  const { env, signal, clock } = clone;
  try {
    await inClone({ directory: path, env, signal, clock }, (there) => start(there, { ...owner, item, share: false }));
    return { claimed: true, not_claimed_because: null };
  } catch (thrown) {
    return { claimed: false, not_claimed_because: asBulkheadError(thrown).message };
  }
}
