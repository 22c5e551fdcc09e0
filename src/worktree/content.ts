/** What a worktree holds that exists nowhere else. */
import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import type { Git } from "../git/git.ts";
import { readIndexFile } from "../git/index-file.ts";
import { type Operation, readOperation } from "../git/operation.ts";
import { readHiddenChanges, readStatus } from "../git/status.ts";
import { type Head, readHead } from "../git/worktree-state.ts";
import { isSessionDraft } from "../layout/paths.ts";
import { findUniqueIgnored } from "./ignored-unique.ts";

/** Where a worktree is, and what its content is compared with. */
export interface ContentPlace {
  /** git, bound to the worktree's top. */
  readonly git: Git;
  readonly topLevel: string;
  readonly gitDir: string;
  /** The main checkout; null where the clone has none. */
  readonly mainTop: string | null;
  readonly isDisposable: (path: string) => boolean;
  /** How many commits no remote has and the base does not hold, however it got there. */
  readonly countUnpushed: (commit: CommitSha) => Promise<number>;
  /** What `HEAD` says, where it is known. */
  readonly head?: Head;
}

export interface Content {
  readonly head: Head | null;
  readonly operation: Operation | null;
  /** Changed tracked files, also those that git was told not to look at. */
  readonly changed: readonly string[];
  readonly untracked: readonly string[];
  /** Ignored files that are nowhere else. */
  readonly unique: readonly string[];
  /** Commits that no remote has and that the base does not hold. */
  readonly unpushed: number;
  /** Submodules with changes or commits of their own. */
  readonly submodules: readonly string[];
  /** Objects that only the index holds. */
  readonly staged: readonly string[];
  /** Paths that are there, but not tracked: directories that are untracked or ignored as a whole are one. */
  readonly loose: readonly string[];
  /** Bytes of the tracked files; null where only git could tell. */
  readonly trackedBytes: number | null;
}

/** Looks at everything. @throws BulkheadError `GIT_FAILED`: unknown is never taken for empty */
export async function readContent(place: ContentPlace): Promise<Content> {
  const [files, commits, submodules] = await Promise.all([
    readFiles(place),
    readCommits(place),
    hasSubmodules(place) ? readSubmodules(place) : [],
  ]);
  return { ...files, ...commits, operation: readOperation(place.gitDir), submodules };
}

async function readCommits({ git, gitDir, head: known, countUnpushed }: ContentPlace) {
  const head = known ?? (await readHeadOrNone(git, gitDir));
  const unpushed = head === null || head.kind === "unborn" ? 0 : await countUnpushed(head.sha);
  return { head, unpushed };
}

async function readFiles({ git, gitDir, topLevel, mainTop, isDisposable }: ContentPlace) {
  const index = readIndexFile(gitDir);
  const isThere = presenceIn(topLevel);
  const [status, hidden] = await Promise.all([
    readStatus(git),
    readHiddenChanges(git, index?.unwatched ?? null, isThere),
  ]);
  const changed = [...new Set([...status.changed, ...hidden])];
  const unique = findUniqueIgnored(topLevel, mainTop, status.ignored, isDisposable);
  const untracked = status.untracked.filter((name) => !isSessionDraft(name));
  const loose = [...status.untracked, ...status.ignored];
  return { changed, unique, untracked, staged: status.staged, loose, trackedBytes: index?.bytes ?? null };
}

/** Tells whether a tracked path is there. A sparse checkout lacks thousands, mostly with their directory. */
function presenceIn(topLevel: string): (path: string) => boolean {
  const isAt = (path: string) => lstatSync(join(topLevel, path), { throwIfNoEntry: false }) !== undefined;
  const rooms = new Map<string, boolean>();
  return (path) => {
    const room = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const known = rooms.get(room) ?? isAt(room);
    rooms.set(room, known);
    return known && isAt(path);
  };
}

/** A `HEAD` that cannot be read hides nothing that is in the files, which are looked at all the same. */
async function readHeadOrNone(git: Git, gitDir: string): Promise<Head | null> {
  try {
    return await readHead(git, gitDir);
  } catch (thrown) {
    if (thrown instanceof BulkheadError && thrown.code === "INTERRUPTED") throw thrown;
    return null;
  }
}

function hasSubmodules({ topLevel, gitDir }: ContentPlace): boolean {
  return existsSync(join(gitDir, "modules")) || existsSync(join(topLevel, ".gitmodules"));
}

/** Submodules that hold changes, or commits that their remote does not have. */
async function readSubmodules({ git, topLevel }: ContentPlace): Promise<string[]> {
  const found: string[] = [];
  for (const record of await git.records(["ls-files", "-s", "-z"])) {
    if (!record.startsWith("160000 ")) continue;
    const path = record.slice(record.indexOf("\t") + 1);
    const directory = join(topLevel, path);
    if (!existsSync(join(directory, ".git"))) continue;
    const inside = git.in(directory);
    const status = await readStatus(inside);
    const own = Number(await inside.text(["rev-list", "--count", "--all", "HEAD", "--not", "--remotes"]));
    if (own > 0 || status.changed.length + status.untracked.length > 0) found.push(path);
  }
  return found;
}

/** The branch that a worktree is on, also in the middle of a rebase of it; null when detached otherwise. */
export function workedOn(head: Head | null, operation: Operation | null): BranchName | null {
  if (head !== null && head.kind !== "detached") return head.branch;
  return (operation?.branch ?? null) as BranchName | null;
}
