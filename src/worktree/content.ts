/** What a worktree holds that exists nowhere else. */
import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import type { Git } from "../git/git.ts";
import { readHiddenChanges, readStatus } from "../git/status.ts";
import { type Head, type Operation, readHead, readOperation } from "../git/worktree-state.ts";
import { findUniqueIgnored } from "./ignored-unique.ts";

/** Where a worktree is, and what its content is compared with. */
export interface ContentPlace {
  /** git, bound to the worktree's top. */
  readonly git: Git;
  readonly topLevel: string;
  readonly gitDir: string;
  /** The main checkout; null where the clone has none. */
  readonly mainTop: string | null;
  /** The ref that work merges into; null when nothing tells. */
  readonly baseRef: string | null;
  readonly isDisposable: (path: string) => boolean;
  /** Whether the base holds everything of a commit, however it got there. */
  readonly isMerged: (commit: CommitSha) => Promise<boolean>;
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
}

/** Looks at everything. @throws BulkheadError `GIT_FAILED`: unknown is never taken for empty */
export async function readContent(place: ContentPlace): Promise<Content> {
  const { git, gitDir } = place;
  const [files, head, submodules] = await Promise.all([
    readFiles(place),
    readHeadOrNone(git, gitDir),
    hasSubmodules(place) ? readSubmodules(place) : [],
  ]);
  const unpushed = head === null || head.kind === "unborn" ? 0 : await countUnpushed(place, head.sha);
  return { ...files, head, operation: readOperation(gitDir), unpushed, submodules };
}

async function readFiles({ git, topLevel, mainTop, isDisposable }: ContentPlace) {
  const isThere = (path: string) => lstatSync(join(topLevel, path), { throwIfNoEntry: false }) !== undefined;
  const [status, hidden] = await Promise.all([readStatus(git), readHiddenChanges(git, isThere)]);
  const changed = [...new Set([...status.changed, ...hidden])];
  const unique = findUniqueIgnored(topLevel, mainTop, status.ignored, isDisposable);
  return { changed, unique, untracked: status.untracked, staged: status.staged };
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

/** How many commits no remote has and the base does not hold. */
export async function countUnpushed(
  { git, baseRef, isMerged }: Pick<ContentPlace, "git" | "baseRef" | "isMerged">,
  sha: CommitSha,
): Promise<number> {
  const held = ["--remotes", ...(baseRef === null ? [] : [baseRef])];
  // One is enough to ask further; mostly there is none.
  const any = await git.text(["rev-list", "--max-count=1", sha, "--not", ...held]);
  if (any === "") return 0;
  const count = Number(await git.text(["rev-list", "--count", sha, "--not", ...held]));
  return count > 0 && (await isMerged(sha)) ? 0 : count;
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
