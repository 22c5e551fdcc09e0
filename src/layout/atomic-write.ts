import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { BulkheadError } from "../domain/error.ts";

/**
 * Writes a file so that a reader, also after a crash or on a full disk, finds the old content or the new,
 * never a part. The directory is made when it is missing.
 * @param mode file mode; 0600 unless told
 * @throws BulkheadError `FILE_FAILED`; the old file is then untouched
 */
export function writeFileAtomically(path: string, content: string | Buffer, mode = 0o600): void {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, "wx", mode);
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
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

/** Removes what writers of a file that were killed have left beside it. @param isAlive whether a process still runs */
export function clearAbandonedWrites(path: string, isAlive: (pid: number) => boolean): void {
  const directory = dirname(path);
  if (!existsSync(directory)) return;
  const start = `${basename(path)}.`;
  for (const name of readdirSync(directory)) {
    const pid = name.startsWith(start) ? /^(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name.slice(start.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true });
  }
}

/** The error for a file operation that failed. @param action past participle: "read", "written" … */
export function fileFailed(path: string, action: string, cause: unknown): BulkheadError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new BulkheadError("FILE_FAILED", { path, action, reason }, { cause });
}
