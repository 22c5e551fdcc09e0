import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { BulkheadError } from "../../domain/error.ts";
import { clearAbandonedWrites, writeFileAtomically } from "../../files/atomic-write.ts";
import { fileFailed } from "../../files/file-failed.ts";
import { followLink } from "../../files/links.ts";
import { readBytes } from "../../files/read-file.ts";
import { isInside } from "../../files/same-path.ts";
import {
  formatInstallRecord,
  mergeChanges,
  type RecordedChange,
  readInstallRecord,
} from "../../layout/install-record.ts";
import { commonLayout } from "../../layout/paths.ts";
import { vouchForSession } from "../../layout/session-file.ts";
import { shareTree } from "../../layout/sharing.ts";
import type { FileChange } from "./file-change.ts";
import { setStamps } from "./stamps.ts";

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
  if (changes.length === 0) {
    setStamps(commonDir);
    return;
  }
  const later = changes.map(
    ({ path, before, after }): RecordedChange => ({ path, before: encode(before), after: encode(after) }),
  );
  const record = { armedAt: earlier?.armedAt ?? now, commonDir, changes: mergeChanges(earlier?.changes ?? [], later) };
  writeFileAtomically(commonLayout(commonDir).installRecord, formatInstallRecord(record));
  const { root } = commonLayout(commonDir);
  for (const change of changes) applyChange(change, isInside(dirname(change.path), root));
  for (const { vouchesFor } of changes) if (vouchesFor !== undefined) vouchForSession(vouchesFor, vouchesFor.content);
  shareTree(root, commonDir);
  setStamps(commonDir);
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

/**
 * Writes one file, if it still is as it was when the plan was made.
 * @param own whether the place is Bulkhead's: then a link there is somebody's, who has put it in our place, and is replaced;
 * a user's file that is a link is written where it leads
 */
export function applyChange({ path, before, after, mode }: FileChange, own: boolean): void {
  const target = own ? path : followLink(path);
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
    const kept = current !== null && mode !== 0o755 ? statSync(target).mode & 0o777 : mode;
    writeFileAtomically(target, after, kept);
    // The umask may have taken bits away.
    if (current !== null || mode === 0o755) chmodSync(target, kept);
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
