/**
 * What git keeps in a worktree's git directory while an operation waits to be continued or aborted
 * (https://git-scm.com/docs/gitrepository-layout, sequencer.c, builtin/am.c). The one place that reads these files.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { branchName, branchOfRef } from "../domain/ref-names.ts";
import { readBytes } from "../files/read-file.ts";
import { decodeLines } from "../files/text-encoding.ts";

/** Something that git has begun in a worktree and not finished. */
export interface Operation {
  readonly kind: "rebase" | "am" | "merge" | "cherry-pick" | "revert" | "bisect";
  /** The branch that its end puts `HEAD` back on (a rebase, a bisect); null when it keeps `HEAD` where it is. */
  readonly branch: string | null;
  /** Other branches that it will move when it ends (`rebase --update-refs`). */
  readonly updates: readonly string[];
}

/** Files and directories by which an operation in progress is known; without them there is none. */
export const OPERATION_STATE = [
  "rebase-merge",
  "rebase-apply",
  "sequencer",
  "MERGE_HEAD",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
] as const;

/** First line of a file in a git directory; null when the file is not there. */
export function readGitFile(gitDir: string, name: string): string | null {
  const bytes = readBytes(join(gitDir, name));
  return bytes === null ? null : (decodeLines(bytes)[0] ?? "");
}

/** The operation in progress in a worktree; null for none. A rebase counts before the pick that it has stopped at. */
export function readOperation(gitDir: string): Operation | null {
  const has = (name: string) => existsSync(join(gitDir, name));
  if (has("rebase-merge")) return rebaseOf(gitDir, "rebase-merge");
  if (has("rebase-apply")) {
    return has("rebase-apply/applying") ? { kind: "am", branch: null, updates: [] } : rebaseOf(gitDir, "rebase-apply");
  }
  if (has("MERGE_HEAD")) return { kind: "merge", branch: null, updates: [] };
  if (has("CHERRY_PICK_HEAD")) return { kind: "cherry-pick", branch: null, updates: [] };
  if (has("REVERT_HEAD")) return { kind: "revert", branch: null, updates: [] };
  const bisectFrom = readGitFile(gitDir, "BISECT_START");
  if (bisectFrom !== null) return { kind: "bisect", branch: bisectBranch(bisectFrom), updates: [] };
  // Between two picks of a series neither head is there.
  return has("sequencer/todo") ? { kind: sequencerKind(gitDir), branch: null, updates: [] } : null;
}

function rebaseOf(gitDir: string, directory: string): Operation {
  // Three lines each: ref, old value, new value (sequencer.c, write_update_refs_state).
  const updates = (readBytes(join(gitDir, directory, "update-refs")) ?? Buffer.alloc(0)) as Buffer;
  const refs = decodeLines(updates).filter((_, i) => i % 3 === 0);
  return {
    kind: "rebase",
    branch: branchOfRef(readGitFile(gitDir, `${directory}/head-name`) ?? ""),
    updates: refs.flatMap((ref) => branchOfRef(ref) ?? []),
  };
}

/** git writes a short name or an object name. */
function bisectBranch(start: string): string | null {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(start) ? null : (branchOfRef(start) ?? start);
}

function sequencerKind(gitDir: string): "cherry-pick" | "revert" {
  return readGitFile(gitDir, "sequencer/todo")?.startsWith("revert") ? "revert" : "cherry-pick";
}

/** What may have detached a HEAD. */
export interface DetachedBy {
  /** The branch that a rebase in progress will put back (its `head-name`). */
  readonly rebasing: string | null;
  /** Where `git bisect reset` will return to: a branch name or an object name. */
  readonly bisectFrom: string | null;
}

export function readDetachedBy(gitDir: string): DetachedBy {
  const name = readGitFile(gitDir, "rebase-merge/head-name") ?? readGitFile(gitDir, "rebase-apply/head-name");
  const rebasing = name === null ? null : branchOfRef(name);
  const start = readGitFile(gitDir, "BISECT_START");
  const bisectFrom = start === null ? null : branchName(start);
  return { rebasing, bisectFrom };
}

/** Whether the apply backend of a rebase is at work: it works through `git am`. */
export function isApplyRebasing(gitDir: string): boolean {
  return existsSync(join(gitDir, "rebase-apply", "rebasing"));
}

export function isMerging(gitDir: string): boolean {
  return existsSync(join(gitDir, "MERGE_HEAD"));
}

/** Whether a cherry-pick or a revert is under way, also between two of a series. */
export function isPicking(gitDir: string): boolean {
  return ["CHERRY_PICK_HEAD", "REVERT_HEAD", "sequencer"].some((name) => existsSync(join(gitDir, name)));
}

/** Values that an abort of the operation in progress would bring back. */
export function readAbortTargets(gitDir: string): string[] {
  const targets = [
    readGitFile(gitDir, "sequencer/head"),
    readGitFile(gitDir, "rebase-merge/orig-head"),
    readGitFile(gitDir, "rebase-apply/orig-head"),
    existsSync(join(gitDir, "rebase-apply", "applying")) ? readGitFile(gitDir, "ORIG_HEAD") : null,
  ];
  return targets.filter((target) => target !== null && target !== "") as string[];
}
