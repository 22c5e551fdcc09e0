import { BulkheadError } from "../domain/error.ts";
import type { WorkItemKey } from "../domain/names.ts";
import { findWorktree } from "../worktree/find-worktree.ts";
import type { Clone } from "./clone.ts";
import { worktreeTools } from "./worktree-tools.ts";

/** Where a worktree is. @param name an item, or a session's; null for the main checkout. @throws BulkheadError `WORKTREE_NOT_FOUND` */
export async function worktreePath(clone: Clone, name: WorkItemKey | null): Promise<{ readonly path: string }> {
  const { root, worktrees } = await worktreeTools(clone);
  if (name === null) return { path: root };
  const listed = await worktrees();
  const found =
    findWorktree(root, { kind: "item", name }, listed) ?? findWorktree(root, { kind: "session", name }, listed);
  if (found === null) throw new BulkheadError("WORKTREE_NOT_FOUND", { name });
  return { path: found.path };
}
