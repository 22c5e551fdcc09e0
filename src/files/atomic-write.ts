import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileFailed } from "./file-failed.ts";
import { listNames } from "./read-file.ts";
import { makeDirectory, modeIn } from "./shared-directory.ts";

/**
 * Writes a file so that a reader, also after a crash or on a full disk, finds the old content or the new,
 * never a part. The directory is made when it is missing.
 * @param mode file mode; 0600 unless told. In a directory that is shared, its group may use the file too
 * @param umask whether the process's umask may take bits of the mode away
 * @throws BulkheadError `FILE_FAILED`; the old file is then untouched
 */
export function writeFileAtomically(
  path: string,
  content: string | Buffer,
  mode = 0o600,
  umask: "keep umask" | "overrule umask" = "keep umask",
): void {
  const temporary = draftName(path);
  try {
    makeDirectory(dirname(path));
    const wanted = modeIn(dirname(path), mode);
    const file = openSync(temporary, "wx", wanted);
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      if (umask === "overrule umask" || wanted !== mode) fchmodSync(file, wanted);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw fileFailed(path, "written", cause);
  }
}

/** The end of a draft's name, with the process that wrote it. */
const DRAFT = /\.(\d+)\.[0-9a-f]{8}\.tmp$/;

/** A name for a file that is about to take another's place. */
export function draftName(path: string): string {
  // It only has to be new, which "wx" makes sure of: `node:crypto` would cost a tenth of a start.
  const random = Math.floor(Math.random() * 2 ** 32);
  return `${path}.${process.pid}.${random.toString(16).padStart(8, "0")}.tmp`;
}

/** Removes what writers that were killed have left in a directory of Bulkhead's own. @param isAlive whether a process still runs */
export function clearDrafts(directory: string, isAlive: (pid: number) => boolean): void {
  for (const name of listNames(directory)) {
    const pid = DRAFT.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}

/** Removes what writers of a file that were killed have left beside it. @param isAlive whether a process still runs */
export function clearAbandonedWrites(path: string, isAlive: (pid: number) => boolean): void {
  const directory = dirname(path);
  const start = `${basename(path)}.`;
  for (const name of listNames(directory)) {
    const pid = name.startsWith(start) ? /^(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name.slice(start.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}
