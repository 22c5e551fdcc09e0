import { lstatSync, readdirSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { fileFailed } from "./file-failed.ts";
import { isMissingFile } from "./read-file.ts";

/**
 * Deletes a directory and what is in it, but nothing that a link in it leads to: links (Windows junctions, too) are
 * unlinked before anything else goes, whatever the rest of the deletion makes of them.
 * @throws BulkheadError `FILE_FAILED`
 */
export function removeTree(directory: string): void {
  try {
    unlinkLinks(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
  } catch (cause) {
    throw fileFailed(directory, "deleted", cause);
  }
}

/** Unlinks every link below a directory; what the links lead to is not even looked at. */
export function unlinkLinks(directory: string): void {
  const top = lstatSync(directory, { throwIfNoEntry: false });
  if (top === undefined) return;
  if (top.isSymbolicLink()) {
    unlinkLink(directory);
    return;
  }
  const rooms = top.isDirectory() ? [directory] : [];
  for (let room = rooms.pop(); room !== undefined; room = rooms.pop()) {
    for (const entry of readdirSync(room, { withFileTypes: true })) {
      const path = join(room, entry.name);
      if (entry.isSymbolicLink()) unlinkLink(path);
      else if (entry.isDirectory()) rooms.push(path);
    }
  }
}

/** A junction is a link to a directory: some systems unlink it as a file, some as an (empty) directory. */
function unlinkLink(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if (isMissingFile(cause)) return;
    if (!lstatSync(path).isSymbolicLink()) throw cause;
    rmdirSync(path);
  }
}
