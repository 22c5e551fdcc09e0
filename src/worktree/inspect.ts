import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { treeSize } from "../files/tree-size.ts";
import { type CommitCounts, countCommits } from "../git/commit-counts.ts";
import { readWorktreeLock } from "../git/worktree-lock.ts";
import type { WorktreeState } from "../git/worktree-state.ts";
import { contentPlace } from "./cleanup.ts";
import { type Content, readContent } from "./content.ts";
import { findNested, type LinkedWorktree } from "./find-worktree.ts";
import { isMergedInto } from "./merged.ts";
import { findOccupants, readWorkingDirectories, type WorkingDirectories } from "./occupants.ts";
import { isDirty, planCleanup } from "./plan-cleanup.ts";
import { readPort } from "./port.ts";
import type { WorktreeTools } from "./surroundings.ts";

/** How a worktree stands. Counts are null where it cannot be looked at. */
export interface Inspection {
  readonly changed: number | null;
  readonly untracked: number | null;
  readonly ignored_unique: number | null;
  readonly ahead: number | null;
  readonly behind: number | null;
  readonly unpushed: number | null;
  readonly age_seconds: number | null;
  readonly size_bytes: number | null;
  /** Whether that is all of it; false where there is so much that it is not counted to the end. */
  readonly size_complete: boolean;
  readonly port: number | null;
  readonly locked: string | null;
  readonly removable: boolean;
  /** Why it cannot be removed without `--force`. */
  readonly because: readonly string[];
}

/** What is found out once for all worktrees that are looked at. */
export interface Survey {
  readonly worktrees: readonly WorktreeState[];
  readonly counts: ReadonlyMap<string, CommitCounts>;
  readonly directories: WorkingDirectories;
}

/** Gathers what all worktrees have in common. */
export async function survey(tools: WorktreeTools, worktrees: readonly WorktreeState[]): Promise<Survey> {
  const heads = worktrees.flatMap(({ head, bare }) => (head === null || bare ? [] : [head]));
  const counts = await countCommits(tools.steadyGit, heads, await tools.baseSha());
  return { worktrees, counts, directories: readWorkingDirectories() };
}

/** Looks at one linked worktree as clean-up would. Changes nothing. */
export async function inspect(tools: WorktreeTools, worktree: LinkedWorktree, facts: Survey): Promise<Inspection> {
  const { path, gitDir } = worktree;
  const there = existsSync(path);
  const content = there ? await lookInside(tools, worktree, facts) : null;
  const lock = readWorktreeLock(gitDir);
  const plan = planCleanup({
    content,
    force: false,
    sessions: await tools.sessions.others(path),
    occupants: there ? findOccupants(path, facts.directories) : [],
    lock: lock === null || lock.own || !there ? null : lock.reason,
    nested: findNested(path, tools.commonDir, facts.worktrees),
  });
  const counts = worktree.head === null ? undefined : facts.counts.get(worktree.head);
  const measured = content === null ? null : measure(path, content);
  return {
    changed: content?.changed.length ?? null,
    untracked: content?.untracked.length ?? null,
    ignored_unique: content?.unique.length ?? null,
    ahead: there ? (counts?.ahead ?? null) : null,
    behind: there ? (counts?.behind ?? null) : null,
    unpushed: content?.unpushed ?? null,
    age_seconds: Math.max(0, Math.floor((tools.clock().getTime() - statSync(gitDir).birthtimeMs) / 1000)),
    size_bytes: measured?.bytes ?? null,
    size_complete: measured?.complete ?? true,
    port: readPort(gitDir),
    locked: lock?.reason ?? null,
    removable: plan.kind === "remove",
    because: plan.kind === "remove" ? [] : plan.details,
  };
}

async function lookInside(tools: WorktreeTools, worktree: LinkedWorktree, { counts }: Survey): Promise<Content> {
  const { path, head: sha, branch } = worktree;
  const git = tools.git.in(path);
  const known = sha === null ? undefined : counts.get(sha);
  const content = await readContent({
    ...contentPlace(tools, worktree),
    ...(sha === null ? {} : { head: branch === null ? { kind: "detached", sha } : { kind: "branch", branch, sha } }),
    ...(known === undefined ? {} : { countUnpushed: async () => known.unpushed }),
  });
  const base = await tools.baseSha();
  // What stays for other reasons need not be compared with all that was merged.
  if (content.unpushed === 0 || sha === null || base === null || isDirty(content)) return content;
  return (await isMergedInto(git, sha, base)) ? { ...content, unpushed: 0 } : content;
}

/** So many files that git does not track are measured: dependencies have more, and then it is at least so much. */
const MAX_MEASURED = 2000;

function measure(top: string, { loose, trackedBytes }: Content): { bytes: number; complete: boolean } {
  const untracked = treeSize(
    loose.map((path) => join(top, path)),
    MAX_MEASURED,
  );
  if (trackedBytes !== null) return { bytes: trackedBytes + untracked.bytes, complete: untracked.complete };
  return treeSize([top], MAX_MEASURED);
}
