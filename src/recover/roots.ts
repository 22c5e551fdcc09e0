import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { ReflogEntry } from "../domain/history.ts";
import { findObjects } from "../git/objects.ts";
import { listFiles, listWorktreeIds, readIfThere, usesReftable } from "../git/reflogs.ts";
import type { Repository } from "../git/repository.ts";
import { RESCUE_REF } from "./own-commits.ts";

/** What keeps commits from being lost, besides the refs that git lists itself. */
export interface Roots {
  /** Live stash entries, per-worktree refs of every worktree, operations in progress. */
  readonly held: readonly string[];
  /** `HEAD` of every worktree. What nothing else holds is one `git switch` away from being lost. */
  readonly heads: readonly string[];
  /** The ref that keeps lost commits from `git gc`; null when there is none. It does not count as holding them. */
  readonly rescue: string | null;
}

/** One worktree's own git directory. */
export interface WorktreeDirectory {
  /** Null for the main worktree. */
  readonly id: string | null;
  readonly gitDir: string;
  /** For people: the worktree's path. */
  readonly path: string;
}

/** Files in which an operation in progress keeps commits: what `git gc`, too, keeps for it, and what it still has to apply. */
const OPERATION_FILES = [
  "rebase-merge/orig-head",
  "rebase-merge/autostash",
  "rebase-merge/stopped-sha",
  "rebase-apply/orig-head",
  "rebase-apply/autostash",
  "rebase-apply/original-commit",
  "MERGE_HEAD",
  "MERGE_AUTOSTASH",
] as const;
/**
 * The same, kept as refs. `ORIG_HEAD` is none of them: the next reset or merge overwrites it; nor is `REBASE_HEAD`, which
 * a finished rebase may leave behind.
 */
const OPERATION_REFS = ["CHERRY_PICK_HEAD", "REVERT_HEAD"] as const;
const REBASE_FILES = ["rebase-merge/orig-head", "rebase-apply/orig-head"] as const;
/** Refs that each worktree has for itself: `--all` shows those of one worktree only. */
const WORKTREE_REFS = ["refs/bisect", "refs/worktree", "refs/rewritten"] as const;
const OBJECT_NAME = /^[0-9a-f]{40,64}/gm;

/** The worktrees of a clone by their git directories, also those whose own directory is gone. */
export async function listWorktreeDirectories(commonDir: string): Promise<WorktreeDirectory[]> {
  const main = basename(commonDir) === ".git" ? dirname(commonDir) : commonDir;
  const linked = (await listWorktreeIds(commonDir)).map(async (id) => {
    const gitDir = join(commonDir, "worktrees", id);
    const pointer = (await readIfThere(join(gitDir, "gitdir"))).replace(/\r?\n$/, "");
    return { id, gitDir, path: pointer === "" ? gitDir : dirname(resolve(gitDir, pointer)) };
  });
  return [{ id: null, gitDir: commonDir, path: main }, ...(await Promise.all(linked))];
}

/** Gathers everything beside the refs that keeps a commit from being lost. */
export async function readRoots(
  repository: Repository,
  worktrees: readonly WorktreeDirectory[],
  entries: readonly ReflogEntry[],
): Promise<Roots> {
  const stashes = entries.flatMap((e) => (e.ref === "refs/stash" && e.after !== null ? [e.after] : []));
  const held: string[] = [...stashes];
  const rebasing = new Set<string | null>();
  for (const worktree of worktrees) {
    const files = await Promise.all(OPERATION_FILES.map((file) => readIfThere(join(worktree.gitDir, file))));
    held.push(...files.flatMap((content) => content.match(OBJECT_NAME) ?? []));
    if (OPERATION_FILES.some((file, i) => REBASE_FILES.some((r) => r === file) && files[i] !== "")) {
      rebasing.add(worktree.id);
    }
    held.push(...(await readWorktreeRefs(repository, worktree)));
  }
  const named = worktrees.flatMap(({ id }) => {
    const prefix = id === null ? "main-worktree" : `worktrees/${id}`;
    return ["HEAD", ...OPERATION_REFS].map((ref) => ({ id, ref, name: `${prefix}/${ref}` }));
  });
  const heads: string[] = [];
  const found = await findObjects(repository.git, [...named.map(({ name }) => name), RESCUE_REF, ...held]);
  for (const [i, object] of found.slice(0, named.length).entries()) {
    if (object.type === null) continue;
    // A running rebase holds what it has built so far: it will move the branch there.
    const holds = named[i]?.ref !== "HEAD" || rebasing.has(named[i]?.id ?? null);
    (holds ? held : heads).push(object.sha);
  }
  const missing = new Set(found.flatMap((object) => (object.type === null ? [object.name] : [])));
  const rescue = found[named.length];
  return {
    held: [...new Set(held)].filter((sha) => !missing.has(sha)),
    heads: [...new Set(heads)],
    rescue: rescue === undefined || rescue.type === null ? null : rescue.sha,
  };
}

async function readWorktreeRefs(repository: Repository, worktree: WorktreeDirectory): Promise<string[]> {
  if (usesReftable(repository.commonDir)) {
    const list = ["for-each-ref", "--format=%(objectname)", ...WORKTREE_REFS];
    const listed = await repository.git.text([`--git-dir=${worktree.gitDir}`, ...list]);
    return listed.match(OBJECT_NAME) ?? [];
  }
  const files = await Promise.all(WORKTREE_REFS.map((refs) => listFiles(join(worktree.gitDir, refs))));
  const contents = await Promise.all(files.flat().map((file) => readFile(file, "utf8")));
  return contents.flatMap((content) => content.match(OBJECT_NAME) ?? []);
}
