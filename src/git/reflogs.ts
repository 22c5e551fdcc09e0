import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { ReflogEntry } from "../domain/history.ts";
import { isZeroSha } from "../domain/names.ts";
import { isMissingFile } from "../files/read-file.ts";
import { STORED_OBJECTS } from "./commits.ts";
import type { Repository } from "./repository.ts";

/** Everything that the reflogs of a clone say: of every ref and of every worktree's HEAD. */
export interface Reflogs {
  /** Within one log in the order in which the lines were written. */
  readonly entries: readonly ReflogEntry[];
  /** Object names that stand in some log, in an entry whose time is not known. */
  readonly undated: readonly string[];
}

/** `<old> <new> <name> <email> <seconds> <zone>`, then a tab and what moved the ref. */
const LINE = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.*) (\d+) [+-]\d{4}(?:\t(.*))?$/;

/**
 * Reads all reflogs. Log files are read as they are (https://git-scm.com/docs/gitrepository-layout, `logs`):
 * git's own listing shows the new side of an entry only, and leaves entries of pruned commits out.
 * Repositories with reftables have no such files; there git is asked, in two processes.
 * @param removed directories of worktrees that git does not know any more
 */
export async function readReflogs(
  repository: Repository,
  removed: readonly { readonly id: string | null; readonly gitDir: string }[] = [],
): Promise<Reflogs> {
  const gone = Promise.all(removed.map(({ id, gitDir }) => readLogs(join(gitDir, "logs"), id)));
  if (usesReftable(repository.commonDir)) {
    const [{ entries, undated }, others] = await Promise.all([readWithGit(repository), gone]);
    return { entries: [...entries, ...others.flat()], undated };
  }
  const { commonDir } = repository;
  const own = (await listWorktreeIds(commonDir)).map((id) => readLogs(join(commonDir, "worktrees", id, "logs"), id));
  const lists = await Promise.all([readLogs(join(commonDir, "logs"), null), ...own, gone]);
  return { entries: lists.flat(2), undated: [] };
}

/** Whether the clone keeps its refs in reftables, not in files. */
export function usesReftable(commonDir: string): boolean {
  return existsSync(join(commonDir, "reftable"));
}

/** Ids of the linked worktrees: the names of their directories in the git directory. */
export async function listWorktreeIds(commonDir: string): Promise<string[]> {
  try {
    const found = await readdir(join(commonDir, "worktrees"), { withFileTypes: true });
    return found.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (fault) {
    if (isMissingFile(fault)) return [];
    throw fault;
  }
}

async function readLogs(directory: string, worktree: string | null): Promise<ReflogEntry[]> {
  const files = await listFiles(directory);
  const lists = await Promise.all(
    files.map(async (file) => {
      const ref = relative(directory, file).split(sep).join("/");
      return parseReflog(await readIfThere(file), ref, worktree);
    }),
  );
  return lists.flat();
}

/** Files below a directory; none when there is no such directory. */
export async function listFiles(directory: string, { recursive = true } = {}): Promise<string[]> {
  try {
    const found = await readdir(directory, { withFileTypes: true, recursive });
    return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (fault) {
    if (isMissingFile(fault)) return [];
    throw fault;
  }
}

/** A file's text; empty when it is not there (any more). */
export async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (fault) {
    if (isMissingFile(fault)) return "";
    throw fault;
  }
}

/** Parses a log file, oldest line first. A line that is no entry (cut short by a crash, say) is left out. */
export function parseReflog(content: string, ref: string, worktree: string | null): ReflogEntry[] {
  return content.split("\n").flatMap((line) => {
    const [, before, after, who = "", at, message = ""] = LINE.exec(line) ?? [];
    if (before === undefined || after === undefined) return [];
    return [{ before: present(before), after: present(after), at: Number(at), who, message, ref, worktree }];
  });
}

function present(sha: string): string | null {
  return isZeroSha(sha) ? null : sha;
}

async function readWithGit({ git }: Repository): Promise<Reflogs> {
  const fields = ["%H", "%gD", "%gn <%ge>", "%gs"].map((field) => `${field}%x00`).join("");
  const listing = await git.run(
    ["log", "--walk-reflogs", "--all", "--date=unix", "--no-show-signature", `--format=${fields}`],
    {
      env: STORED_OBJECTS,
    },
  );
  const entries = parseReflogListing(listing.stdout);
  // Both sides of every entry, without their times: the old side of a log's first entry is only here.
  const all = await git.text(["rev-list", "--reflog", "--no-walk=unsorted", "--ignore-missing"], {
    env: STORED_OBJECTS,
  });
  const dated = new Set(entries.map((entry) => entry.after));
  return { entries, undated: all.split("\n").filter((sha) => sha !== "" && !dated.has(sha)) };
}

/** Parses git's listing of all reflogs, newest entry of each first; what an entry replaced is the next one's value. */
export function parseReflogListing(output: string): ReflogEntry[] {
  const fields = output.split("\0");
  const entries: ReflogEntry[] = [];
  for (let i = 0; i + 4 < fields.length; i += 4) {
    const [sha = "", selector = "", who = "", message = ""] = fields.slice(i, i + 4);
    const [, name = "", at] = /^(.*)@\{(\d+)\}$/s.exec(selector) ?? [];
    const [, worktree = null, ref = name] = /^worktrees\/([^/]+)\/(.*)$/s.exec(name) ?? [];
    entries.push({ before: null, after: sha.trimStart(), at: Number(at), who, message, ref, worktree });
  }
  return entries
    .map((entry, i) => {
      const older = entries[i + 1];
      const sameLog = older !== undefined && older.ref === entry.ref && older.worktree === entry.worktree;
      return sameLog ? { ...entry, before: older.after } : entry;
    })
    .reverse();
}
