import { renameSync } from "node:fs";
import { dirname } from "node:path";
import { copyTree } from "../files/copy-tree.ts";
import { fileFailed } from "../files/file-failed.ts";
import { removeTree } from "../files/remove-tree.ts";
import { makeDirectory } from "../files/shared-directory.ts";

/** How often a copy is brought up to date while somebody still writes into what is copied. */
const ROUNDS = 5;

/** Moves a directory in one step. @returns false when the target is on another disk */
export function renameTree(from: string, to: string): boolean {
  try {
    makeDirectory(dirname(to));
    renameSync(from, to);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EXDEV") return false;
    throw fileFailed(from, "moved", cause);
  }
}

/** Copies a directory to another disk until nothing changes any more. @throws BulkheadError `FILE_FAILED` */
export function copyWhole(from: string, to: string): void {
  try {
    makeDirectory(dirname(to));
    for (let round = 0; copyTree(from, to) > 0; round++) {
      if (round >= ROUNDS) throw new Error("its files keep changing");
    }
  } catch (cause) {
    throw fileFailed(from, "copied", cause);
  }
}

/**
 * Moves a directory wherever it goes: by renaming, or to another disk by a whole copy, which takes its place in one step
 * when it is complete; only then is the old one deleted.
 * @param draft where the copy grows, beside its final place
 */
export function moveTree(from: string, to: string, draft: string): void {
  if (renameTree(from, to)) return;
  removeTree(draft);
  copyWhole(from, draft);
  renameSync(draft, to);
  removeTree(from);
}
