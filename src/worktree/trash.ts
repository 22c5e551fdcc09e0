/** Removed worktrees, each whole in a directory of its own. */
import { randomBytes } from "node:crypto";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { parseWorkItemKey } from "../domain/names.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { listNames, readText } from "../files/read-file.ts";
import { removeTree } from "../files/remove-tree.ts";
import type { Git } from "../git/git.ts";
import { commonLayout } from "../layout/paths.ts";
import type { Target } from "./target.ts";

/** What is noted of a removed worktree. */
export interface TrashEntry {
  readonly id: string;
  readonly target: Target | null;
  /** Where it was. */
  readonly path: string;
  /** Name of git's own directory for it. */
  readonly gitDirName: string;
  /** Short name; null when detached. */
  readonly branch: string | null;
  /** Where `HEAD` was; null when unborn or unreadable. */
  readonly head: string | null;
  /** ISO 8601 */
  readonly removedAt: string;
  /** The item that its session held. */
  readonly item: string | null;
  /** Entries of the shared stash that were made on its branch, the newest first. */
  readonly stashes: readonly { readonly sha: string; readonly message: string }[];
  /** What is nowhere else but in here, in words. */
  readonly onlyCopy: readonly string[];
  /**
   * `moving`: on its way in; `kept`; `restoring`: on its way back. While a directory on another disk is copied, it stands
   * beside its place under the name `aside`.
   */
  readonly state: "moving" | "kept" | "restoring";
  readonly aside: string | null;
  /** Whether the copy from another disk is whole. */
  readonly copied: boolean;
  /** ISO 8601 time at which its end was announced; null while it was not. */
  readonly announcedAt: string | null;
}

/** Parts of an entry's directory. */
export function trashLayout(commonDir: string, id: string) {
  const root = join(commonLayout(commonDir).trash, id);
  return {
    root,
    note: join(root, "entry.json"),
    /** The worktree's directory. */
    tree: join(root, "tree"),
    /** git's own directory for it: HEAD, index, reflog. */
    admin: join(root, "admin"),
  } as const;
}

/** Holds everything that only the removed worktree held, so that `git gc` leaves it alone. */
export function trashRef(id: string): string {
  return `${TRASH_REFS}${id}`;
}

/** Where these refs are. They do not count as holding commits for `recover`. */
export const TRASH_REFS = "refs/bulkhead/trash/";

/** A name for a new entry: sorts by time. */
export function newTrashId(name: string, now: Date): string {
  const time = now.toISOString().slice(0, 19).replace(/\D/g, "");
  return `${name.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 60)}-${time}-${randomBytes(3).toString("hex")}`;
}

export function writeEntry(commonDir: string, entry: TrashEntry): void {
  writeFileAtomically(trashLayout(commonDir, entry.id).note, `${JSON.stringify(entry, null, 2)}\n`);
}

/** The place at which commands about an entry exclude each other. */
export function placeOfEntry({ id, target }: Pick<TrashEntry, "id" | "target">): Target {
  return target ?? { kind: "session", name: parseWorkItemKey(id) };
}

/** All entries, the newest first. What is no entry is left alone. */
export function readTrash(commonDir: string): TrashEntry[] {
  return listNames(commonLayout(commonDir).trash)
    .flatMap((id) => readEntry(commonDir, id) ?? [])
    .sort((a, b) => (a.removedAt < b.removedAt ? 1 : -1));
}

export function readEntry(commonDir: string, id: string): TrashEntry | null {
  const text = readText(trashLayout(commonDir, id).note);
  if (text === null) return null;
  try {
    const entry = JSON.parse(text) as TrashEntry;
    return entry.id === id ? entry : null;
  } catch {
    return null;
  }
}

/** The name of an entry that is being deleted begins so: half of it may be gone already. */
const GOING = ".going-";

/**
 * Drops an entry with all that is left in it. First its name goes, in one step: nobody ever finds half of it. What a
 * command that was killed has left of one, `clearDropped` deletes.
 */
export async function dropEntry(git: Git, commonDir: string, id: string): Promise<void> {
  const { root } = trashLayout(commonDir, id);
  const going = join(commonLayout(commonDir).trash, `${GOING}${id}`);
  if (existsSync(root)) renameSync(root, going);
  await dropRef(git, trashRef(id));
  removeTree(going);
}

/** @param isBegun whether a command is at work on an entry, which has a ref before it has a note */
export async function clearDropped(git: Git, commonDir: string, isBegun: (id: string) => boolean): Promise<void> {
  const { trash } = commonLayout(commonDir);
  for (const name of listNames(trash)) if (name.startsWith(GOING)) removeTree(join(trash, name));
  for (const ref of (await git.text(["for-each-ref", "--format=%(refname)", TRASH_REFS])).split("\n").filter(Boolean)) {
    const id = ref.slice(TRASH_REFS.length);
    if (!existsSync(trashLayout(commonDir, id).root) && !isBegun(id)) await dropRef(git, ref);
  }
}

async function dropRef(git: Git, ref: string): Promise<void> {
  await git.run(["update-ref", "-d", ref], { mode: "write", retryLocked: true });
}
