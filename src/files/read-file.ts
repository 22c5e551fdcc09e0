/** Reading what may not be there. Missing is an answer of its own; whatever else goes wrong is a fault and thrown. */
import { readdirSync, readFileSync } from "node:fs";
import { fileFailed } from "./file-failed.ts";

/** Whether reading failed because there is no such file (or a part of its path is no directory). */
export function isMissingFile(fault: unknown): boolean {
  const code = fault instanceof Error && "code" in fault ? fault.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

/**
 * A file's bytes; null when there is no such file.
 * @throws BulkheadError `FILE_FAILED`
 */
export function readBytes(path: string): Buffer | null {
  return unlessMissing(path, () => readFileSync(path));
}

/**
 * A file's text; null when there is no such file.
 * @throws BulkheadError `FILE_FAILED`
 */
export function readText(path: string): string | null {
  return unlessMissing(path, () => readFileSync(path, "utf8"));
}

/**
 * A file's text without its line end, as git writes one-line files; null when there is no such file.
 * @throws BulkheadError `FILE_FAILED`
 */
export function readLine(path: string): string | null {
  return readText(path)?.replace(/\r?\n$/, "") ?? null;
}

/**
 * Names in a directory; none when there is no such directory.
 * @throws BulkheadError `FILE_FAILED`
 */
export function listNames(directory: string): string[] {
  return unlessMissing(directory, () => readdirSync(directory)) ?? [];
}

function unlessMissing<T>(path: string, read: () => T): T | null {
  try {
    return read();
  } catch (cause) {
    if (isMissingFile(cause)) return null;
    throw fileFailed(path, "read", cause);
  }
}
