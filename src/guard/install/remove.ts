import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { clearAbandonedWrites } from "../../files/atomic-write.ts";
import { isLink } from "../../files/links.ts";
import { isMissingFile, listNames, readBytes } from "../../files/read-file.ts";
import { isInside } from "../../files/same-path.ts";
import { linkedGitDirs, linkedTop } from "../../git/worktree-state.ts";
import { readGuardConf } from "../../layout/guard-conf.ts";
import { IGNORE_RULES } from "../../layout/ignore-rules.ts";
import { type InstallRecord, type RecordedChange, readInstallRecord } from "../../layout/install-record.ts";
import { commonLayout, worktreeLayout } from "../../layout/paths.ts";
import { applyChange, clearAbandoned } from "../hooks/apply.ts";
import { readProtectBlocks, withoutIncludes, withoutProtect } from "../hooks/config-text.ts";
import type { FileChange } from "../hooks/file-change.ts";
import { isHookName } from "../hooks/hook-names.ts";
import { freeName } from "../hooks/reclaim-hooks.ts";
import { withoutPackageScripts } from "./package-scripts.ts";

/** What `init --remove` will do. */
export interface RemovalPlan {
  readonly changes: readonly FileChange[];
  /** Files that somebody has changed since and that are left as they are. */
  readonly kept: readonly string[];
  /** Ignore rules that stay, because files that they hide stay: `git add -A` would take them. */
  readonly keptRules: readonly string[];
}

/**
 * Plans the removal of what `init` added, newest first. A file that is still as `init` left it is restored byte for
 * byte; from one that was changed since only `init`'s own lines are taken.
 * @param tops of all worktrees of the clone
 * @param read present content of a file; null when there is none
 */
export function planRemoval(
  record: InstallRecord,
  tops: readonly string[],
  read: (path: string) => Buffer | null,
): RemovalPlan {
  const kept: string[] = [];
  const changes = [...record.changes].reverse().flatMap((recorded): FileChange[] => {
    const before = read(recorded.path);
    if (before === null) return [];
    const after = contentWithout(recorded, before);
    if (after === "keep") kept.push(recorded.path);
    return after === "keep" || (after !== null && before.equals(after))
      ? []
      : [{ path: recorded.path, before, after, mode: 0o644 }];
  });
  const removed = new Set(changes.filter(({ after }) => after === null).map(({ path }) => path));
  const stays = (rule: string) => tops.some((top) => !removed.has(join(top, rule)) && read(join(top, rule)) !== null);
  const files = IGNORE_RULES.filter((rule) => !rule.endsWith("/"));
  const isExclude = ({ path }: { path: string }) => basename(path) === "exclude";
  const keptRules = record.changes.some(isExclude) ? files.filter(stays) : [];
  return {
    changes: changes.map((change) => (isExclude(change) ? withRules(change, keptRules) : change)),
    kept,
    keptRules,
  };
}

/** The exclude file as planned, but for rules that stay. */
function withRules(change: FileChange, rules: readonly string[]): FileChange {
  const text = change.after?.toString("latin1") ?? "";
  const lost = rules.filter((rule) => !text.split("\n").includes(rule));
  if (lost.length === 0) return change;
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return { ...change, after: Buffer.from(`${start}${lost.join("\n")}\n`, "latin1") };
}

function contentWithout(recorded: RecordedChange, current: Buffer): Buffer | null | "keep" {
  const original = recorded.before === null ? null : Buffer.from(recorded.before, "base64");
  const left = recorded.after === null ? null : Buffer.from(recorded.after, "base64");
  if (left !== null && current.equals(left)) return original;
  const text = current.toString("latin1");
  switch (basename(recorded.path)) {
    case "config": {
      const added = protectedBy(recorded);
      return Buffer.from(withoutProtect(withoutIncludes(text), added), "latin1");
    }
    case "config.worktree":
      return Buffer.from(withoutIncludes(text), "latin1");
    case "exclude":
      return Buffer.from(withoutRules(text, original?.toString("latin1") ?? ""), "latin1");
    case "package.json":
      return Buffer.from(withoutPackageScripts(current.toString("utf8"), original?.toString("utf8") ?? "{}"));
    case ".session.json":
    case "session.json":
      // Of several `init` at once another has written it. Otherwise a session has made it its own since.
      return left !== null && undated(left) === undated(current) ? original : "keep";
    case "expected":
      return "keep";
    default:
      return original;
  }
}

function undated(session: Buffer): string {
  return session.toString("latin1").replace(/^ {2}"createdAt": "[^"]*",$/m, "");
}

/** The branches that `init --protect` stored. */
function protectedBy({ before, after }: RecordedChange): string[] {
  const blocks = (content: string | null) =>
    readProtectBlocks(content === null ? "" : Buffer.from(content, "base64").toString("latin1"));
  const earlier = blocks(before);
  return blocks(after).filter((pattern) => !earlier.includes(pattern));
}

/** Takes out the rules that were not there before `init`, each once, from the end. */
function withoutRules(text: string, original: string): string {
  const lines = text.split("\n");
  const had = new Set(original.split("\n"));
  for (const rule of IGNORE_RULES.filter((line) => !had.has(line))) {
    const index = lines.lastIndexOf(rule);
    if (index >= 0) lines.splice(index, 1);
  }
  return lines.join("\n");
}

/**
 * Removes what `init` added in a clone. Sessions, their database, the bypass log and everything else that later
 * commands made stay: they are the users' own.
 * @param isAlive whether a process still runs
 * @throws BulkheadError `FILE_CHANGED`, `CONFIG_LOCKED`, `FILE_FAILED`
 */
export function removeInstall(commonDir: string, plan: RemovalPlan, isAlive: (pid: number) => boolean): void {
  const layout = commonLayout(commonDir);
  const recorded = readInstallRecord(commonDir)?.changes ?? [];
  for (const { path } of recorded) clearAbandoned(path, isAlive);
  for (const change of plan.changes) applyChange(change, isInside(dirname(change.path), layout.root));
  // Hooks that the guard armed itself, after `init`; what others had put there has been taken away before.
  for (const name of listNames(layout.hooks).filter(isHookName)) rmSync(join(layout.hooks, name), { force: true });
  rmSync(layout.husky, { recursive: true, force: true });
  for (const path of [layout.installRecord, layout.seenLog, layout.fetching, layout.armed, layout.checked])
    rmSync(path, { force: true });
  for (const gitDir of [commonDir, ...linkedGitDirs(commonDir)]) leaveWorktree(gitDir);
  giveBackHooks(commonDir);
  const ours = recorded.map(({ path }) => dirname(path)).filter((path) => basename(path) === "bulkhead-worktree");
  for (const directory of [...ours, layout.hooks, layout.theirs, layout.root]) removeIfEmpty(directory);
}

/** Takes out of a worktree's own configuration what git has copied there when it was made. */
function leaveWorktree(gitDir: string): void {
  const path = join(gitDir, "config.worktree");
  const before = readBytes(path);
  const after = before === null ? null : Buffer.from(withoutIncludes(before.toString("latin1")), "latin1");
  if (before !== null && after !== null && !before.equals(after))
    applyChange({ path, before, after, mode: 0o644 }, false);
  rmSync(worktreeLayout(gitDir).chainConf, { force: true });
}

/** Hooks of other tools that were kept in a place of ours go to the clone's own `hooks`; none there is overwritten. */
function giveBackHooks(commonDir: string): void {
  const { theirs } = commonLayout(commonDir);
  const hooks = join(commonDir, "hooks");
  if (isLink(hooks)) return;
  for (const name of listNames(theirs)) {
    mkdirSync(hooks, { recursive: true });
    const to = join(hooks, name);
    renameSync(join(theirs, name), existsSync(to) ? freeName(`${to}.old`) : to);
  }
}

/** Clears what an `init` that was killed before it had changed anything has left; nothing where there is nothing. */
export function clearUnfinishedInstall(commonDir: string, isAlive: (pid: number) => boolean): void {
  const layout = commonLayout(commonDir);
  clearAbandonedWrites(layout.installRecord, isAlive);
  for (const directory of [layout.hooks, layout.root]) removeIfEmpty(directory);
}

function removeIfEmpty(directory: string): void {
  try {
    if (readdirSync(directory).length === 0) rmdirSync(directory);
  } catch (cause) {
    if (!isMissingFile(cause)) throw cause;
  }
}

/** Reads the record and plans from the files as they are; null when `init` has not run here. */
export function observeRemoval(commonDir: string): RemovalPlan | null {
  const record = readInstallRecord(commonDir);
  if (record === null) return null;
  const main = readGuardConf(commonLayout(commonDir).guardConf)?.main ?? "";
  const tops = [main === "" ? null : main, ...linkedGitDirs(commonDir).map(linkedTop)].filter((top) => top !== null);
  return planRemoval(record, tops, readBytes);
}
