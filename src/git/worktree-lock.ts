/**
 * git's lock of a worktree: the file `locked` in its git directory, which holds the reason
 * (https://git-scm.com/docs/gitrepository-layout, `worktrees/<id>/locked`). Files, since `git worktree lock` refuses where
 * there is a lock already and each call is a process.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readLine } from "../files/read-file.ts";

/** Every lock of Bulkhead's begins so: no other is ever taken away. */
const OWN = "bulkhead: ";

/** Why a worktree is locked; null when it is not. */
export function readWorktreeLock(gitDir: string): { readonly reason: string; readonly own: boolean } | null {
  const reason = readLine(join(gitDir, "locked"));
  return reason === null ? null : { reason, own: reason.startsWith(OWN) };
}

/** Locks a worktree, unless somebody else has. @param reason what goes on there, without Bulkhead's name */
export function lockWorktree(gitDir: string, reason: string): void {
  const present = readWorktreeLock(gitDir);
  if (present !== null && (!present.own || present.reason === OWN + reason)) return;
  writeFileAtomically(join(gitDir, "locked"), `${OWN}${reason}\n`, 0o644);
}

/** Takes Bulkhead's own lock away. */
export function unlockWorktree(gitDir: string): void {
  if (readWorktreeLock(gitDir)?.own) rmSync(join(gitDir, "locked"), { force: true });
}

/** The reason for `git worktree add --lock --reason`. */
export function lockReason(reason: string): string {
  return OWN + reason;
}
