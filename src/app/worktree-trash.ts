import { BulkheadError } from "../domain/error.ts";
import { treeSize } from "../files/tree-size.ts";
import { entryBegun, exclusively, placesBegun } from "../worktree/exclusive.ts";
import type { WorktreeTools } from "../worktree/surroundings.ts";
import {
  clearDropped,
  dropEntry,
  placeOfEntry,
  readEntry,
  readTrash,
  type TrashEntry,
  trashLayout,
  writeEntry,
} from "../worktree/trash.ts";
import type { Clone } from "./clone.ts";
import { worktreeTools } from "./worktree-tools.ts";

const DAY_MS = 86_400_000;

/** One removed worktree that is kept. */
interface TrashRow {
  readonly id: string;
  readonly name: string | null;
  readonly path: string;
  readonly branch: string | null;
  readonly removed_at: string;
  readonly size_bytes: number;
  /** What is nowhere else but in it. */
  readonly only_copy: readonly string[];
}

export interface TrashDocument {
  readonly kept: readonly TrashRow[];
  /** What was deleted for good, being too old or too much. */
  readonly deleted: readonly TrashRow[];
  /** What would have been, but is the only copy of something: it goes a day after it was told here. */
  readonly announced: readonly TrashRow[];
}

/** Removed worktrees that are kept, the newest first. Deletes nothing. */
export async function listTrash(clone: Clone): Promise<TrashDocument> {
  return { kept: readTrash(clone.repository.commonDir).map((entry) => row(clone, entry)), deleted: [], announced: [] };
}

/**
 * Deletes what the trash has had for too long, and the oldest of what is too much. What is the only copy of something is
 * first told of, and deleted at the earliest a day later. For the keeper, and `worktree --empty-trash`.
 * @param telling whether somebody reads the document; otherwise nothing is announced, and no only copy goes that was not
 */
export async function emptyTrash(clone: Clone, telling = true): Promise<TrashDocument> {
  const { commonDir } = clone.repository;
  const [tools, settings] = [await worktreeTools(clone), await clone.settings()];
  const now = clone.clock().getTime();
  const begun = new Set(placesBegun(commonDir).flatMap((target) => entryBegun(commonDir, target) ?? []));
  await clearDropped(tools.steadyGit, commonDir, (id) => begun.has(id));
  const document = { kept: [] as TrashRow[], deleted: [] as TrashRow[], announced: [] as TrashRow[] };
  let size = 0;
  for (const entry of readTrash(commonDir)) {
    const shown = row(clone, entry);
    size += shown.size_bytes;
    const old = now - Date.parse(entry.removedAt) > settings.trashDays.value * DAY_MS;
    if (entry.state !== "kept" || (!old && size <= settings.trashSize.value)) document.kept.push(shown);
    else if (entry.onlyCopy.length > 0 && !(entry.announcedAt && now - Date.parse(entry.announcedAt) > DAY_MS)) {
      if (telling && entry.announcedAt === null)
        writeEntry(commonDir, { ...entry, announcedAt: new Date(now).toISOString() });
      document.announced.push(shown);
    } else if (await drop(tools, entry)) {
      size -= shown.size_bytes;
      document.deleted.push(shown);
    } else document.kept.push(shown);
  }
  return document;
}

/** @returns false where a command is at work on it, which may be bringing it back */
async function drop(tools: WorktreeTools, { id, target }: TrashEntry): Promise<boolean> {
  const place = placeOfEntry({ id, target });
  const work = async () => {
    if (readEntry(tools.commonDir, id)?.state !== "kept") return false;
    await dropEntry(tools.steadyGit, tools.commonDir, id);
    return true;
  };
  try {
    return await exclusively(tools, place, "worktree --empty-trash", work, false);
  } catch (thrown) {
    if (thrown instanceof BulkheadError && thrown.code === "WORKTREE_BUSY") return false;
    throw thrown;
  }
}

function row({ repository }: Clone, entry: TrashEntry): TrashRow {
  const { root } = trashLayout(repository.commonDir, entry.id);
  return {
    id: entry.id,
    name: entry.target?.name ?? null,
    path: entry.path,
    branch: entry.branch,
    removed_at: entry.removedAt,
    size_bytes: treeSize([root]).bytes,
    only_copy: entry.onlyCopy,
  };
}
