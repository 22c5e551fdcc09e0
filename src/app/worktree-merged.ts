import { join } from "node:path";
import { isWorkItemKey } from "../domain/names.ts";
import { readText } from "../files/read-file.ts";
import { isSamePath } from "../files/same-path.ts";
import { type CleanupReport, cleanup } from "../worktree/cleanup.ts";
import type { LinkedWorktree } from "../worktree/find-worktree.ts";
import { inspect, survey } from "../worktree/inspect.ts";
import { isMergedInto } from "../worktree/merged.ts";
import { repairAll } from "../worktree/repair.ts";
import type { WorktreeTools } from "../worktree/surroundings.ts";
import { placeOf, type Target } from "../worktree/target.ts";
import type { Clone } from "./clone.ts";
import type { OwnerInput } from "./workplace.ts";
import { settleLocks } from "./worktree-locks.ts";
import { worktreeTools } from "./worktree-tools.ts";

export interface SweepDocument {
  /** What was planned: each worktree whose branch is merged, and why it goes or stays. */
  readonly plan: readonly {
    readonly name: string;
    readonly path: string;
    readonly branch: string | null;
    readonly remove: boolean;
    readonly because: readonly string[];
  }[];
  /** What came of it; empty with `--dry-run`. */
  readonly cleaned: readonly (CleanupReport & { readonly name: string })[];
}

/** Removes every worktree that is provably merged and that nobody uses. The plan is told first. */
export async function sweepMerged(
  clone: Clone,
  input: OwnerInput & { readonly dryRun: boolean },
): Promise<SweepDocument> {
  const tools = await worktreeTools(clone, input);
  await settleLocks(clone);
  await repairAll(tools);
  const planned: (SweepDocument["plan"][number] & { readonly target: Target })[] = [];
  const worktrees = await tools.worktrees();
  const facts = await survey(tools, worktrees);
  for (const worktree of worktrees.slice(1)) {
    const target = targetOf(tools, worktree.path);
    if (worktree.gitDir === null || target === null || !(await isMerged(tools, worktree as LinkedWorktree))) continue;
    const { removable, because } = await inspect(tools, worktree as LinkedWorktree, facts);
    const { inWords } = await tools.sessions.at(worktree.path);
    const reasons = [...because, ...(because.length === 0 ? inWords : [])];
    const { path, branch } = worktree;
    planned.push({
      target,
      name: target.name,
      path,
      branch,
      remove: removable && inWords.length === 0,
      because: reasons,
    });
  }
  for (const { path, branch, remove, because } of planned) {
    clone.note(
      `${remove ? "remove" : "keep  "} ${path} ('${branch}' is merged)${remove ? "" : `: ${because.join("; ")}`}`,
    );
  }
  const cleaned: SweepDocument["cleaned"][number][] = [];
  for (const { target, remove } of input.dryRun ? [] : planned) {
    if (remove) cleaned.push({ name: target.name, ...(await cleanup(tools, target, false)) });
  }
  return { plan: planned.map(({ target: _, ...row }) => row), cleaned };
}

/** A branch on which nothing has been done yet is not merged, but new: its worktree is about to be used. */
async function isMerged(tools: WorktreeTools, { head, gitDir }: LinkedWorktree): Promise<boolean> {
  const moves = (readText(join(gitDir, "logs", "HEAD")) ?? "").split("\n").filter(Boolean);
  const baseSha = await tools.baseSha();
  return moves.length > 1 && head !== null && baseSha !== null && isMergedInto(tools.steadyGit, head, baseSha);
}

function targetOf({ root }: WorktreeTools, path: string): Target | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!isWorkItemKey(name)) return null;
  const targets = [{ kind: "item", name } as const, { kind: "session", name } as const];
  return targets.find((target) => isSamePath(placeOf(root, target), path)) ?? null;
}
