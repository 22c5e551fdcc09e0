/**
 * Logs that only inform. Whatever keeps one from being written (another user's file, a full disk, a read-only clone), the
 * work goes on: nothing is refused, thrown or printed for it. Secrets are cut and control characters escaped on the way in.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { giveToOwner, makeSharedDirectory } from "./sharing.ts";

/** Appending, and never through a pipe that somebody put there: opening one would wait for its reader. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);

/**
 * Appends a text in one piece.
 * @param mode the file's mode, whatever the umask
 * @returns the file's identity where the text stands in it; null where it does not
 */
export function appendInforming(path: string, text: string, mode: number): { ino: bigint; dev: bigint } | null {
  let file: number | null = null;
  try {
    makeSharedDirectory(dirname(path), mode);
    file = openSync(path, APPEND, mode);
    const found = fstatSync(file, { bigint: true });
    if (!found.isFile()) return null;
    if (found.size === 0n) {
      if ((Number(found.mode) & mode) !== mode) fchmodSync(file, mode);
      giveToOwner(path);
    }
    const bytes = Buffer.from(text);
    return writeSync(file, bytes) === bytes.length ? { ino: found.ino, dev: found.dev } : null;
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}
