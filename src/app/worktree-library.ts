/** Worktrees for programs: the functions of the operators' handbook. */
import { parseBranchName, parseWorkItemKey } from "../domain/names.ts";
import { readExpectation } from "../layout/session-file.ts";
import { linkModulesOf } from "../worktree/node-modules.ts";
import type { Target } from "../worktree/target.ts";
import { type CloneOptions, inClone } from "./clone.ts";
import { type CleanupWorktreeDocument, cleanupWorktree as cleanup } from "./worktree-cleanup.ts";
import { type CreateWorktreeDocument, createWorktree as create } from "./worktree-create.ts";
import { listWorktrees as list, type WorktreesDocument } from "./worktrees.ts";

/** Where the clone is, and in which environment. */
export interface WorktreeCall {
  /** Anywhere in the clone; the current directory unless told. */
  readonly repoRoot?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Which worktree: a work item's, or a named session's. */
export interface WorktreeName {
  readonly sdKey?: string;
  readonly session?: string;
}

export interface CreateWorktreeOptions extends WorktreeCall, WorktreeName {
  readonly branch?: string;
  /** What a new branch starts from; the remote's base unless told. */
  readonly base?: string;
  readonly force?: boolean;
  /** Do not share node_modules. */
  readonly noSymlink?: boolean;
}

/** Makes the worktree of an item, or gives the one there is. @throws BulkheadError */
export function createWorktree(options: CreateWorktreeOptions): Promise<CreateWorktreeDocument> {
  return inClone(place(options), (clone) =>
    create(clone, {
      target: targetOf(options),
      branch: options.branch === undefined ? null : parseBranchName(options.branch),
      base: options.base ?? null,
      force: options.force ?? false,
      linkModules: options.noSymlink ? "none" : null,
      setup: "ask",
      ask: null,
      start: false,
      open: null,
    }),
  );
}

/**
 * Removes a worktree into the trash, unless something would be lost. A refusal is a value: `cleaned` is false.
 * @param name the item, or which worktree
 */
export function cleanupWorktree(
  name: string | WorktreeName,
  options: WorktreeCall & { readonly force?: boolean } = {},
): Promise<CleanupWorktreeDocument> {
  const target = targetOf(typeof name === "string" ? { sdKey: name } : name);
  return inClone(place(options), (clone) => cleanup(clone, { target, force: options.force ?? false }));
}

/** Removes the worktree of an item into the trash; with `force` also one that holds something. */
export function removeWorktree(sdKey: string, options: WorktreeCall & { readonly force?: boolean } = {}) {
  return cleanupWorktree({ sdKey }, options);
}

/** Lists the clone's worktrees. */
export function listWorktrees(options: WorktreeCall = {}): Promise<WorktreesDocument> {
  return inClone(place(options), list);
}

/**
 * Shares the main checkout's node_modules with a worktree, by a directory of links.
 * @returns the directories that are shared now, and what failed
 */
export function symlinkNodeModules(worktreePath: string, options: WorktreeCall = {}) {
  return inClone({ ...place(options), directory: worktreePath }, async (clone) =>
    linkModulesOf(clone.repository, await clone.mainTop(), worktreePath),
  );
}

/**
 * The branch that a worktree's session must be on: its session file's, else the branch that a live session last said it
 * was on there.
 * @returns null when nobody expects any
 * @throws BulkheadError for a directory in no clone
 */
export function resolveExpectedBranch(worktreePath: string, options: WorktreeCall = {}): Promise<string | null> {
  return inClone({ ...place(options), directory: worktreePath }, async (clone) => {
    const { topLevel } = clone.worktree;
    const found = readExpectation(topLevel);
    if (found.kind === "present") return found.content.expectedBranch;
    const sessions = (await (await clone.storeIfMade())?.listSessions()) ?? [];
    return sessions.findLast(({ worktree, branch }) => worktree === topLevel && branch !== null)?.branch ?? null;
  });
}

function place({ repoRoot, env }: WorktreeCall): CloneOptions {
  return { directory: repoRoot ?? process.cwd(), ...(env === undefined ? {} : { env }) };
}

function targetOf({ sdKey, session }: WorktreeName): Target {
  if (sdKey !== undefined) return { kind: "item", name: parseWorkItemKey(sdKey) };
  return { kind: "session", name: parseWorkItemKey(session ?? "") };
}
