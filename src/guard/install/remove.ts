import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isMissingFile, readBytes } from "../../files/read-file.ts";
import { IGNORE_RULES } from "../../layout/ignore-rules.ts";
import { type InstallRecord, type RecordedChange, readInstallRecord } from "../../layout/install-record.ts";
import { commonLayout } from "../../layout/paths.ts";
import { applyChange, clearAbandoned } from "./apply.ts";
import { readProtectBlocks, withoutInclude, withoutProtect } from "./config-text.ts";
import type { FileChange } from "./facts.ts";
import { withoutPackageScripts } from "./package-scripts.ts";
import { listGuardHooks } from "./reclaim-hooks.ts";

/** What `init --remove` will do. */
export interface RemovalPlan {
  readonly changes: readonly FileChange[];
  /** Files that somebody has changed since and that are left as they are. */
  readonly kept: readonly string[];
}

/**
 * Plans the removal of what `init` added, newest first. A file that is still as `init` left it is restored byte for
 * byte; from one that was changed since only `init`'s own lines are taken.
 * @param read present content of a file; null when there is none
 */
export function planRemoval(
  record: InstallRecord,
  commonDir: string,
  read: (path: string) => Buffer | null,
): RemovalPlan {
  const kept: string[] = [];
  const changes = [...record.changes].reverse().flatMap((recorded): FileChange[] => {
    const before = read(recorded.path);
    if (before === null) return [];
    const after = contentWithout(recorded, before, commonDir);
    if (after === "keep") kept.push(recorded.path);
    return after === "keep" || (after !== null && before.equals(after))
      ? []
      : [{ path: recorded.path, before, after, mode: 0o644 }];
  });
  return { changes, kept };
}

function contentWithout(recorded: RecordedChange, current: Buffer, commonDir: string): Buffer | null | "keep" {
  const original = recorded.before === null ? null : Buffer.from(recorded.before, "base64");
  if (recorded.after !== null && current.equals(Buffer.from(recorded.after, "base64"))) return original;
  const text = current.toString("latin1");
  switch (basename(recorded.path)) {
    case "config": {
      const added = protectedBy(recorded);
      return Buffer.from(withoutProtect(withoutInclude(text, "bulkhead/gitconfig"), added), "latin1");
    }
    case "config.worktree": {
      const include = Buffer.from(commonLayout(commonDir).gitConfig.replaceAll("\\", "/")).toString("latin1");
      return Buffer.from(withoutInclude(text, include), "latin1");
    }
    case "exclude":
      return Buffer.from(withoutRules(text, original?.toString("latin1") ?? ""), "latin1");
    case "package.json":
      return Buffer.from(withoutPackageScripts(current.toString("utf8"), original?.toString("utf8") ?? "{}"));
    case ".session.json":
    case "session.json":
    case "expected":
      // A session has made it its own since.
      return "keep";
    default:
      return original;
  }
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
  for (const { path } of readInstallRecord(commonDir)?.changes ?? []) clearAbandoned(path, isAlive);
  for (const change of plan.changes) applyChange(change);
  const layout = commonLayout(commonDir);
  // Hooks that the guard armed itself, after `init`.
  for (const name of listGuardHooks(layout.hooks)) rmSync(join(layout.hooks, name), { force: true });
  rmSync(layout.chainedTransactions, { force: true });
  for (const path of [layout.installRecord, layout.seenLog]) rmSync(path, { force: true });
  const emptied = plan.changes
    .map(({ path }) => dirname(path))
    .filter((path) => basename(path) === "bulkhead-worktree");
  for (const directory of [...emptied, layout.hooks, layout.root]) removeIfEmpty(directory);
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
  return planRemoval(record, commonDir, readBytes);
}
