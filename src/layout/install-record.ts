import { readFileSync } from "node:fs";
import { commonLayout } from "./paths.ts";

/** One file that `init` changed: enough to put it back byte for byte. Contents in base64; null: no file. */
export interface RecordedChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What `init` did in a clone. */
export interface InstallRecord {
  /** ISO 8601 time of the first `init`: what happened before it, no guard could have seen. */
  readonly armedAt: string;
  readonly changes: readonly RecordedChange[];
}

/** Reads the record; null when `init` has not run here. @throws when the file cannot be read or understood */
export function readInstallRecord(commonDir: string): InstallRecord | null {
  try {
    return JSON.parse(readFileSync(commonLayout(commonDir).installRecord, "utf8")) as InstallRecord;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw cause;
  }
}

/** The record's text. */
export function formatInstallRecord(record: InstallRecord): string {
  return `${JSON.stringify(record, null, 1)}\n`;
}

/** Adds later changes to a record: the first known content stays what "before" means. */
export function mergeChanges(earlier: readonly RecordedChange[], later: readonly RecordedChange[]): RecordedChange[] {
  const merged = new Map(earlier.map((change) => [change.path, change]));
  for (const change of later) {
    const first = merged.get(change.path);
    merged.set(change.path, first === undefined ? change : { ...first, after: change.after });
  }
  return [...merged.values()];
}
