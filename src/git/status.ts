import { isZeroSha } from "../domain/names.ts";
import { type Git, type GitRunOptions, splitRecords } from "./git.ts";

/** Everything in which a worktree differs from its `HEAD`. Paths are from its top, directories end with a slash. */
export interface WorktreeStatus {
  /** Tracked files with staged, unstaged or conflicting changes. */
  readonly changed: readonly string[];
  /** Of these, files that are gone and otherwise as in `HEAD`: they hold nothing. */
  readonly missing: readonly string[];
  readonly untracked: readonly string[];
  /** A directory that is ignored as a whole is one entry. */
  readonly ignored: readonly string[];
  /** Objects that the index holds and `HEAD` does not. */
  readonly staged: readonly string[];
}

/** Nothing that a configuration hides from a quick look may stay unseen here. */
const ALL = [
  "--porcelain=v2",
  "-z",
  "--untracked-files=all",
  "--ignored=matching",
  "--ignore-submodules=none",
  "--no-renames",
];

/** Looks at a worktree's files. One process. @param place options for git that say where, before the command */
export async function readStatus(
  git: Git,
  place: readonly string[] = [],
  options: GitRunOptions = {},
): Promise<WorktreeStatus> {
  const { stdout } = await git.run([...place, "-c", "core.fsmonitor=false", "status", ...ALL], options);
  return parseStatus(stdout);
}

/** Parses `git status --porcelain=v2 -z --no-renames` (https://git-scm.com/docs/git-status#_porcelain_format_version_2). */
export function parseStatus(output: string): WorktreeStatus {
  const [changed, missing]: [string[], string[]] = [[], []];
  const [untracked, ignored, staged]: [string[], string[], string[]] = [[], [], []];
  for (const record of splitRecords(output)) {
    const kind = record.charAt(0);
    if (kind === "?") untracked.push(record.slice(2));
    else if (kind === "!") ignored.push(record.slice(2));
    else if (kind === "1") {
      // XY, submodule, three modes, object in HEAD, object in the index.
      const fields = record.split(" ");
      changed.push(fields.slice(8).join(" "));
      if (fields[1] === ".D") missing.push(fields.slice(8).join(" "));
      staged.push(...indexObject(fields[4], fields[7], fields[6]));
    } else if (kind === "u") {
      const fields = record.split(" ");
      changed.push(fields.slice(10).join(" "));
      for (const i of [0, 1, 2]) staged.push(...indexObject(fields[3 + i], fields[7 + i], undefined));
    }
  }
  return { changed, missing, untracked, ignored, staged };
}

/** A submodule's commit is no object of this repository. */
function indexObject(mode = "", sha = "", head: string | undefined): string[] {
  return mode === "160000" || isZeroSha(sha) || sha === head ? [] : [sha];
}

/**
 * Tracked files that `git status` does not look at (`assume-unchanged`, `skip-worktree`) though they are there and
 * differ from the index. Two processes where there are any; mostly none.
 * @param unwatched them all, where they are known
 */
export async function readHiddenChanges(
  git: Git,
  unwatched: readonly string[] | null,
  isThere: (path: string) => boolean,
): Promise<string[]> {
  const flagged = (unwatched ?? (await listUnwatched(git))).filter((path) => isThere(path) && !path.includes("\n"));
  if (flagged.length === 0) return [];
  const input = `${flagged.join("\n")}\n`;
  const now = (await git.text(["hash-object", "--stdin-paths"], { input })).split("\n");
  const staged = new Map<string, string>();
  for (const record of await git.records(["ls-files", "-s", "-z"])) {
    const tab = record.indexOf("\t");
    staged.set(record.slice(tab + 1), record.slice(0, tab).split(" ")[1] ?? "");
  }
  return flagged.filter((path, i) => staged.get(path) !== now[i]);
}

async function listUnwatched(git: Git): Promise<string[]> {
  const records = await git.records(["ls-files", "-v", "-z"]);
  return records.filter((record) => /^[a-zS]/.test(record)).map((record) => record.slice(2));
}
