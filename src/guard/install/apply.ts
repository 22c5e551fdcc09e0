import { chmodSync, existsSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { BulkheadError } from "../../domain/error.ts";
import { clearAbandonedWrites, writeFileAtomically } from "../../files/atomic-write.ts";
import { fileFailed } from "../../files/file-failed.ts";
import { followLink } from "../../files/links.ts";
import { readBytes } from "../../files/read-file.ts";
import {
  formatInstallRecord,
  mergeChanges,
  type RecordedChange,
  readInstallRecord,
} from "../../layout/install-record.ts";
import { commonLayout } from "../../layout/paths.ts";
import { shareTree } from "../../layout/sharing.ts";
import type { FileChange } from "./facts.ts";

/**
 * Carries planned changes out. The record of what stood there before is written first, so that an installation
 * killed half-way can be finished or removed.
 * @param now ISO 8601
 * @param isAlive whether a process still runs
 * @throws BulkheadError `FILE_CHANGED` when a file is no longer as it was planned from, `CONFIG_LOCKED`, `FILE_FAILED`
 */
export function applyInstall(
  commonDir: string,
  changes: readonly FileChange[],
  now: string,
  isAlive: (pid: number) => boolean,
): void {
  const earlier = readInstallRecord(commonDir);
  for (const { path } of [...(earlier?.changes ?? []), ...changes]) clearAbandoned(path, isAlive);
  if (changes.length === 0) return;
  const later = changes.map(
    ({ path, before, after }): RecordedChange => ({ path, before: encode(before), after: encode(after) }),
  );
  const record = { armedAt: earlier?.armedAt ?? now, commonDir, changes: mergeChanges(earlier?.changes ?? [], later) };
  writeFileAtomically(commonLayout(commonDir).installRecord, formatInstallRecord(record));
  for (const change of changes) applyChange(change);
  shareTree(commonLayout(commonDir).root, commonDir);
  markChecked(commonDir);
}

/** The sh guard looks for foreign and new hooks only while a hooks directory is newer than this file. */
function markChecked(commonDir: string): void {
  const { gitConfig } = commonLayout(commonDir);
  const time = new Date();
  if (existsSync(gitConfig)) utimesSync(gitConfig, time, time);
}

/** Clears what an `init` that was killed has left of a file's change: its unfinished copy, and its lock. */
export function clearAbandoned(path: string, isAlive: (pid: number) => boolean): void {
  clearAbandonedWrites(path, isAlive);
  const lock = lockOf(path);
  const owner = lock === null ? null : readBytes(lock)?.toString("latin1");
  const pid = /^bulkhead (\d+)\n$/.exec(owner ?? "")?.[1];
  if (lock !== null && pid !== undefined && !isAlive(Number(pid))) rmSync(lock, { force: true });
}

/** git's configuration files are changed under git's own lock: `<file>.lock`, made exclusively. */
function lockOf(path: string): string | null {
  return /^config(\.worktree)?$/.test(basename(path)) ? `${path}.lock` : null;
}

function encode(content: Buffer | null): string | null {
  return content === null ? null : content.toString("base64");
}

/** Writes one file, if it still is as it was when the plan was made. */
export function applyChange({ path, before, after, mode }: FileChange): void {
  const target = followLink(path);
  withGitLock(target, () => {
    const current = readBytes(target);
    if (!(current === null || before === null ? current === before : current.equals(before))) {
      throw new BulkheadError("FILE_CHANGED", { path });
    }
    if (after === null) {
      rmSync(target, { force: true });
      return;
    }
    // What people made keeps its own permissions; a hook that is not executable would be skipped in silence.
    const own = current !== null && mode !== 0o755 ? statSync(target).mode & 0o777 : mode;
    writeFileAtomically(target, after, own);
    // The umask may have taken bits away.
    if (current !== null || mode === 0o755) chmodSync(target, own);
  });
}

function withGitLock(path: string, act: () => void): void {
  const lock = lockOf(path);
  if (lock === null) {
    act();
    return;
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(lock, `bulkhead ${process.pid}\n`, { flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") throw new BulkheadError("CONFIG_LOCKED", { path, lock });
    throw fileFailed(path, "locked", cause);
  }
  try {
    act();
  } finally {
    rmSync(lock, { force: true });
  }
}
