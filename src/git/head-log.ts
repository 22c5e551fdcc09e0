/**
 * What the reflog of a worktree's `HEAD` tells, read from its file: the hooks' guard cannot wait for a process. Only a
 * reftable repository has no such file, and git is asked.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { branchOfRef } from "../domain/ref-names.ts";
import { decodeLines, decodeText } from "../files/text-encoding.ts";
import { runGitSync } from "./git-sync.ts";

/** Only the end of the log is read: what happened last stands there. */
const TAIL_BYTES = 64 * 1024;
const TAIL_ENTRIES = 500;

/** The end of the log; empty where there is none, or none that can be read: its history is then not known. */
export function readHeadLog(gitDir: string): string {
  let file: number;
  try {
    file = openSync(join(gitDir, "logs", "HEAD"), "r");
  } catch {
    return existsSync(join(gitDir, "reftable")) ? askHeadLog(gitDir) : "";
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

/** The log as git's answer tells it, in the form of the file: oldest first, each line with the value before it. */
function askHeadLog(gitDir: string): string {
  const format = "--format=%H%x09%gn <%ge>%x09%gd%x09%gs";
  const args = ["log", "-g", `-${TAIL_ENTRIES}`, "--date=unix", format, "HEAD"];
  const answer = runGitSync(args, { cwd: gitDir, env: { ...process.env, GIT_DIR: gitDir } });
  if (!answer.ran || answer.exitCode !== 0) return "";
  let before = "0".repeat(40);
  const entries = decodeLines(answer.bytes).filter(Boolean).reverse();
  return entries
    .map((entry) => {
      const [sha = "", who = "", selector = "", ...what] = entry.split("\t");
      const line = `${before} ${sha} ${who} ${/\{(\d+)\}/.exec(selector)?.[1] ?? 0} +0000\t${what.join("\t")}\n`;
      before = sha;
      return line;
    })
    .join("");
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
