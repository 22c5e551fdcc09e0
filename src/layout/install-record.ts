import { existsSync } from "node:fs";
import { dirname, sep } from "node:path";
import { readText } from "../files/read-file.ts";
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
  /** The git directory that it speaks of: the clone may have been moved or copied since. */
  readonly commonDir?: string;
  readonly changes: readonly RecordedChange[];
}

/** Reads the record; null when `init` has not run here. @throws when the file cannot be read or understood */
export function readInstallRecord(commonDir: string): InstallRecord | null {
  const text = readText(commonLayout(commonDir).installRecord);
  return text === null ? null : relocateRecord(JSON.parse(text) as InstallRecord, commonDir, existsSync);
}

/**
 * The record of a clone that stands elsewhere now: paths in its main checkout follow it. Those outside, in linked
 * worktrees, still hold when the clone was moved; when it was copied they belong to the original. Pure.
 */
export function relocateRecord(
  record: InstallRecord,
  commonDir: string,
  exists: (path: string) => boolean,
): InstallRecord {
  const from = record.commonDir ?? commonDir;
  if (from === commonDir) return record;
  const copied = exists(from);
  const roots = [
    [from, commonDir],
    [dirname(from), dirname(commonDir)],
  ] as const;
  const changes = record.changes.flatMap((change): RecordedChange[] => {
    const root = roots.find(([old]) => change.path.startsWith(old + sep));
    if (root === undefined) return copied ? [] : [change];
    return [{ ...change, path: root[1] + change.path.slice(root[0].length) }];
  });
  return { ...record, commonDir, changes };
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
