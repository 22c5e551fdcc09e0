/**
 * What a session has to be told, in a file of its worktree's git directory: the pre-commit hook prints it and takes it
 * away, and so does the owner's next command. Whoever comes first tells it; nobody tells it twice.
 */
import { renameSync, rmSync } from "node:fs";
import { printable } from "../domain/printable.ts";
import { readText } from "../files/read-file.ts";
import { appendInforming } from "./informing-log.ts";
import { worktreeLayout } from "./paths.ts";
import { commonDirectoryOf, sharedFileMode } from "./sharing.ts";

/** Leaves words for whoever works in a worktree. @param lines each one as it is to be read */
export function addNotices(gitDir: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const text = lines.map((line) => `${printable(line)}\n`).join("");
  appendInforming(worktreeLayout(gitDir).notice, text, sharedFileMode(commonDirectoryOf(gitDir)));
}

/** What there is to be told, which counts as told from now on. */
export function takeNotices(gitDir: string): string[] {
  const { notice } = worktreeLayout(gitDir);
  const taken = `${notice}.${process.pid}`;
  try {
    renameSync(notice, taken);
    const lines = (readText(taken) ?? "").split("\n").filter((line) => line !== "");
    rmSync(taken, { force: true });
    return lines;
  } catch {
    // None, or somebody else was quicker.
    return [];
  }
}

/** Drops what nobody has been told yet: it was about a claim that has ended. */
export function dropNotices(gitDir: string): void {
  try {
    rmSync(worktreeLayout(gitDir).notice, { force: true });
  } catch {
    return;
  }
}
