import { existsSync, statSync } from "node:fs";
import { treeSize } from "../files/tree-size.ts";
import { readWorktreeLock } from "../git/worktree-lock.ts";
import { contentPlace } from "./cleanup.ts";
import { readContent } from "./content.ts";
import { findNested, type LinkedWorktree } from "./find-worktree.ts";
import { findOccupants } from "./occupants.ts";
import { planCleanup } from "./plan-cleanup.ts";
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
  readonly port: number | null;
  readonly locked: string | null;
  readonly removable: boolean;
  /** Why it cannot be removed without `--force`. */
  readonly because: readonly string[];
}

/** Looks at one linked worktree as clean-up would. Changes nothing. */
export async function inspect(tools: WorktreeTools, worktree: LinkedWorktree): Promise<Inspection> {
  const { path, gitDir } = worktree;
  const there = existsSync(path);
  const place = there ? await contentPlace(tools, worktree) : null;
  const [content, [behind, ahead]] = await Promise.all([
    place === null ? null : readContent(place),
    place === null || worktree.head === null ? [null, null] : compare(place, worktree.head),
  ]);
  const lock = readWorktreeLock(gitDir);
  const plan = planCleanup({
    content,
    force: false,
    sessions: await tools.sessions.others(path),
    occupants: there ? findOccupants(path) : [],
    lock: lock === null || lock.own || !there ? null : lock.reason,
    nested: findNested(path, tools.commonDir, await tools.worktrees()),
  });
  return {
    changed: content?.changed.length ?? null,
    untracked: content?.untracked.length ?? null,
    ignored_unique: content?.unique.length ?? null,
    ahead,
    behind,
    unpushed: content?.unpushed ?? null,
    age_seconds: Math.max(0, Math.floor((tools.clock().getTime() - statSync(gitDir).birthtimeMs) / 1000)),
    size_bytes: there ? treeSize(path) : null,
    port: readPort(gitDir),
    locked: lock?.reason ?? null,
    removable: plan.kind === "remove",
    because: plan.kind === "remove" ? [] : plan.details,
  };
}

/** Commits that only the base has, and only the worktree. */
async function compare(
  { git, baseRef }: Awaited<ReturnType<typeof contentPlace>>,
  head: string,
): Promise<[number | null, number | null]> {
  if (baseRef === null) return [null, null];
  const counts = await git.text(["rev-list", "--left-right", "--count", `${baseRef}...${head}`]);
  const [behind = 0, ahead = 0] = counts.split("\t").map(Number);
  return [behind, ahead];
}
