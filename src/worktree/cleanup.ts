/** Removing a worktree: looked at, judged, moved into the trash, and looked at once more there. */
import { existsSync } from "node:fs";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { listStashes, stashesOf } from "../git/stash.ts";
import { readStatus } from "../git/status.ts";
import { readWorktreeLock } from "../git/worktree-lock.ts";
import type { WorktreeState } from "../git/worktree-state.ts";
import { type Content, type ContentPlace, readContent, workedOn } from "./content.ts";
import { discard } from "./discard.ts";
import { exclusively, type Held } from "./exclusive.ts";
import { findNested, findWorktree, type LinkedWorktree } from "./find-worktree.ts";
import { findUniqueIgnored } from "./ignored-unique.ts";
import { countUnpushed } from "./merged.ts";
import { findOccupants } from "./occupants.ts";
import { type CleanupPlan, type CleanupReason, planCleanup } from "./plan-cleanup.ts";
import { repairPlace } from "./repair.ts";
import type { WorktreeTools } from "./surroundings.ts";
import { type Target, targetWords } from "./target.ts";

/** What came of a clean-up. */
export interface CleanupReport {
  readonly cleaned: boolean;
  readonly reason: CleanupReason;
  readonly path: string | null;
  readonly branch: string | null;
  /** Why it was refused, in words. */
  readonly details: readonly string[];
  /** Whether `--force` would save everything and remove it. */
  readonly forcible: boolean;
  /** Where it is kept; null when it was not removed. */
  readonly trash: string | null;
  /** What is nowhere else but there. */
  readonly saved: readonly string[];
  /** The item that its session had. */
  readonly released: string | null;
}

/**
 * Removes a target's worktree, unless something would be lost or somebody works in it.
 * @param force save what would be lost, then remove it
 * @throws BulkheadError `WORKTREE_BUSY`, `FILE_FAILED`, `GIT_FAILED`: it is where it was
 */
export async function cleanup(tools: WorktreeTools, target: Target, force: boolean): Promise<CleanupReport> {
  return exclusively(tools, target, `worktree --cleanup ${targetWords(target)}`, async (held) => {
    await repairPlace(tools, held, target);
    const worktrees = await tools.worktrees();
    const worktree = findWorktree(tools.root, target, worktrees);
    if (worktree === null) return notRemoved("worktree_not_found", null, [], false);
    return removeFound(tools, held, { worktree, worktrees, target, force });
  });
}

/**
 * The same for a worktree that is known, wherever it is.
 * @param target names it in the trash, and its place for other commands
 * @throws BulkheadError as `cleanup`
 */
export async function cleanupWorktreeAt(
  tools: WorktreeTools,
  target: Target,
  worktree: LinkedWorktree,
): Promise<CleanupReport> {
  return exclusively(tools, target, `worktree --cleanup ${targetWords(target)}`, async (held) => {
    await repairPlace(tools, held, target);
    const worktrees = await tools.worktrees();
    return removeFound(tools, held, { worktree, worktrees, target, force: false });
  });
}

/** Removes a worktree at a place that is held. */
export async function removeFound(
  tools: WorktreeTools,
  held: Held,
  what: {
    readonly worktree: LinkedWorktree;
    /** All of the clone. */
    readonly worktrees: readonly WorktreeState[];
    readonly target: Target;
    readonly force: boolean;
  },
): Promise<CleanupReport> {
  const { worktree, worktrees, target, force } = what;
  const [content, stashes] = await Promise.all([
    existsSync(worktree.path) ? readContent(contentPlace(tools, worktree)) : null,
    listStashes(tools.steadyGit),
  ]);
  const plan = await judge(tools, worktree, { content, worktrees, force });
  if (plan.kind === "refuse") return notRemoved(plan.reason, worktree, plan.details, plan.forcible);
  const branch = workedOn(content?.head ?? null, content?.operation ?? null) ?? worktree.branch;
  const discarded = {
    target,
    path: worktree.path,
    gitDir: worktree.gitDir,
    head: worktree.head,
    branch,
    stashes: branch === null ? [] : stashesOf(stashes, branch),
    item: await tools.sessions.claimed(worktree.path),
    staged: content?.staged ?? [],
    onlyCopy: plan.onlyCopy,
  };
  if (force && content !== null) await tools.saveWork(worktree.path, "the worktree is removed");
  const recheck = (tree: string) => stillEmpty(tools, worktree, content, { tree, force });
  const entry = await discard({ ...tools, git: tools.steadyGit }, held, discarded, recheck);
  if (entry === null) {
    return notRemoved("dirty_worktree", worktree, ["it was changed while it was looked at"], true);
  }
  const ended = await endSessions(tools, worktree.path);
  return {
    cleaned: true,
    reason: ended.fault === null ? "success" : "removal_incomplete",
    path: worktree.path,
    branch: discarded.branch,
    details: ended.fault === null ? [] : [ended.fault],
    forcible: false,
    trash: entry.id,
    saved: plan.onlyCopy,
    released: ended.item,
  };
}

/** The worktree is gone by now, whatever comes of its sessions: a store that cannot be reached is told, not thrown. */
async function endSessions(tools: WorktreeTools, path: string): Promise<{ item: string | null; fault: string | null }> {
  try {
    return { item: await tools.sessions.end(path), fault: null };
  } catch (thrown) {
    return { item: null, fault: `its session was not ended: ${asBulkheadError(thrown).message}` };
  }
}

async function judge(
  tools: WorktreeTools,
  worktree: LinkedWorktree,
  { content, worktrees, force }: { content: Content | null; worktrees: readonly WorktreeState[]; force: boolean },
): Promise<CleanupPlan> {
  const lock = readWorktreeLock(worktree.gitDir);
  return planCleanup({
    content,
    force,
    sessions: await tools.sessions.others(worktree.path),
    occupants: content === null ? [] : findOccupants(worktree.path),
    lock: lock === null || lock.own || content === null ? null : lock.reason,
    nested: findNested(worktree.path, tools.commonDir, worktrees),
  });
}

/**
 * Whether nothing has come into a worktree since it was looked at. Its files are where nobody finds them by now, so what
 * is true here stays true.
 */
async function stillEmpty(
  tools: WorktreeTools,
  worktree: LinkedWorktree,
  before: Content | null,
  { tree, force }: { tree: string; force: boolean },
): Promise<boolean> {
  if (force || before === null) return true;
  if ((findOccupants(tree) ?? []).length > 0) return false;
  // A submodule's own git directory is found by its place: it cannot be asked from here.
  if (existsSync(`${worktree.gitDir}/modules`)) return true;
  const place = [`--git-dir=${worktree.gitDir}`, `--work-tree=${tree}`];
  const status = await readStatus(tools.steadyGit, place);
  const unique = findUniqueIgnored(tree, tools.mainTop, status.ignored, tools.isDisposable);
  return status.changed.length + status.untracked.length + unique.length === 0;
}

/** A worktree as its content is looked at. */
export function contentPlace(tools: WorktreeTools, worktree: LinkedWorktree): ContentPlace {
  const git = tools.git.in(worktree.path);
  return {
    git,
    topLevel: worktree.path,
    gitDir: worktree.gitDir,
    mainTop: tools.mainTop,
    isDisposable: tools.isDisposable,
    countUnpushed: async (commit) => countUnpushed(git, commit, await tools.baseSha()),
  };
}

function notRemoved(
  reason: CleanupReason,
  worktree: LinkedWorktree | null,
  details: readonly string[],
  forcible: boolean,
): CleanupReport {
  const { path = null, branch = null } = worktree ?? {};
  return { cleaned: false, reason, path, branch, details, forcible, trash: null, saved: [], released: null };
}

/** The refusal as an error, for commands that meant to do something else. */
export function inUseError({ path, details }: CleanupReport): BulkheadError {
  return new BulkheadError("WORKTREE_IN_USE_HERE", { path, details });
}
