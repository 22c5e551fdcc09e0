import { lstatSync } from "node:fs";
import { isMissingFile } from "../files/read-file.ts";
import { type Git, splitRecords } from "../git/git.ts";
import type { LeftOut } from "./snapshot.ts";

/** In what a worktree differs from `HEAD`, as far as a snapshot cares. Paths are byte for byte, from the top. */
export interface WorktreeChanges {
  readonly head: string | null;
  readonly branch: string | null;
  /** Tracked files that differ from the index or from `HEAD`, and untracked ones; a file that is gone is one of them. */
  readonly paths: readonly string[];
  /** Whether the index differs from `HEAD`. */
  readonly staged: boolean;
  readonly conflicts: readonly string[];
  readonly submodules: readonly string[];
  /** Untracked directories that are repositories of their own. */
  readonly nested: readonly string[];
  /** Ignored files; a directory that is ignored as a whole ends with a slash. */
  readonly ignored: readonly string[];
}

const STATUS = [
  "status",
  "--porcelain=v2",
  "--branch",
  "-z",
  "--untracked-files=all",
  "--ignored=matching",
  "--ignore-submodules=dirty",
  "--no-renames",
];

/** Looks at a worktree; its index and file times stay as they are. One process. */
export async function readWorktreeChanges(git: Git): Promise<WorktreeChanges> {
  return parseWorktreeChanges((await git.run(STATUS, { encoding: "latin1" })).stdout);
}

/** Parses `git status --porcelain=v2 --branch -z --no-renames` (https://git-scm.com/docs/git-status#_porcelain_format_version_2). */
export function parseWorktreeChanges(output: string): WorktreeChanges {
  const [paths, conflicts, submodules]: [string[], string[], string[]] = [[], [], []];
  const [nested, ignored]: [string[], string[]] = [[], []];
  let [head, branch]: [string | null, string | null] = [null, null];
  let staged = false;
  for (const record of splitRecords(output)) {
    const fields = record.split(" ");
    switch (fields[0]) {
      case "#":
        if (fields[1] === "branch.oid" && fields[2] !== "(initial)") head = fields[2] ?? null;
        if (fields[1] === "branch.head" && fields[2] !== "(detached)") branch = fields.slice(2).join(" ");
        break;
      case "?":
        (record.endsWith("/") ? nested : paths).push(record.slice(2));
        break;
      case "!":
        ignored.push(record.slice(2));
        break;
      case "u":
        conflicts.push(fields.slice(10).join(" "));
        paths.push(fields.slice(10).join(" "));
        break;
      default: {
        const path = fields.slice(8).join(" ");
        paths.push(path);
        if (fields[1]?.charAt(0) !== ".") staged = true;
        if (fields[2] !== "N...") submodules.push(path);
      }
    }
  }
  return { head, branch, paths, staged, conflicts, submodules, nested, ignored };
}

/** A file as the disk tells it, without opening it; null where there is none. */
export interface FileState {
  readonly path: string;
  readonly kind: "file" | "link" | "other" | "missing";
  readonly bytes: number;
  /** Changes when the file does. */
  readonly stamp: string;
}

/** @param top the worktree's top directory */
export function statFile(top: string, path: string): FileState {
  const stat = statOrNothing(fullPath(top, path));
  if (stat === undefined) return { path, kind: "missing", bytes: 0, stamp: "-" };
  const kind = stat.isFile() ? "file" : stat.isSymbolicLink() ? "link" : "other";
  const stamp = `${stat.ino} ${stat.size} ${stat.mode} ${stat.mtimeNs} ${stat.ctimeNs}`;
  return { path, kind, bytes: Number(stat.size), stamp };
}

function statOrNothing(path: Buffer) {
  try {
    return lstatSync(path, { bigint: true });
  } catch (cause) {
    // Also where a directory on the way has become a file.
    if (isMissingFile(cause)) return undefined;
    throw cause;
  }
}

/** A path of git's, which need not be UTF-8, as the file system takes it. */
export function fullPath(top: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${top}/`), Buffer.from(path, "latin1")]);
}

/** What git wrote as bytes, for people. */
export function pathText(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

/** Sorts files by whether they can be stored. @param maxBytes larger files are only named */
export function sortBySize(
  files: readonly FileState[],
  maxBytes: number,
): { readonly stored: readonly FileState[]; readonly leftOut: readonly LeftOut[] } {
  const isLarge = ({ kind, bytes }: FileState) => kind === "file" && bytes > maxBytes;
  const leftOut = files
    .filter(isLarge)
    .map(({ path, bytes }) => ({ path: pathText(path), because: "too large" as const, bytes }));
  return { stored: files.filter((file) => !isLarge(file)), leftOut };
}
