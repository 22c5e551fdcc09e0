/** What the reflog of a worktree's `HEAD` tells, read from its file: the hooks' guard cannot wait for a process. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { branchOfRef } from "../domain/ref-names.ts";
import { decodeText } from "../files/text-encoding.ts";

/** Only the end of the log is read: what happened last stands there. */
const TAIL_BYTES = 64 * 1024;

/** The end of the log; empty where there is none, or none that can be read: its history is then not known. */
export function readHeadLog(gitDir: string): string {
  let file: number;
  try {
    file = openSync(join(gitDir, "logs", "HEAD"), "r");
  } catch {
    return "";
  }
  try {
    const { size } = fstatSync(file);
    const length = Math.min(size, TAIL_BYTES);
    const bytes = Buffer.alloc(length);
    return decodeText(bytes.subarray(0, readSync(file, bytes, 0, length, size - length)));
  } finally {
    closeSync(file);
  }
}

/**
 * What a branch is called now that `HEAD` stood on when it was renamed (`git branch -m`, from any worktree); itself when
 * it was not. Pure.
 */
export function followRenames(log: string, branch: string): string {
  let name = branch;
  for (const line of log.split("\n")) {
    const [, from, to] = /\tBranch: renamed (\S+) to (\S+)$/.exec(line) ?? [];
    const now = to === undefined ? null : branchOfRef(to);
    if (from !== undefined && now !== null && branchOfRef(from) === name) name = now;
  }
  return name;
}

/** Whether a log shows that `HEAD` has only ever been put on one commit: nobody has worked there. Pure. */
export function isUnmoved(log: string): boolean {
  const values = log.split("\n").flatMap((line) => /^[0-9a-f]+ ([0-9a-f]+) /.exec(line)?.[1] ?? []);
  return values.length > 0 && new Set(values).size === 1;
}
