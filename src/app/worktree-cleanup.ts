import { type CleanupReport, cleanup } from "../worktree/cleanup.ts";
import { repairAll } from "../worktree/repair.ts";
import type { Target } from "../worktree/target.ts";
import type { Clone } from "./clone.ts";
import type { OwnerInput } from "./workplace.ts";
import { settleLocks } from "./worktree-locks.ts";
import { worktreeTools } from "./worktree-tools.ts";

export interface CleanupWorktreeInput extends OwnerInput {
  readonly target: Target;
  /** Save what would be lost, then remove it. */
  readonly force: boolean;
}

export type CleanupWorktreeDocument = CleanupReport & { readonly name: string };

/** Removes a worktree into the trash, unless something would be lost. @throws BulkheadError as `cleanup` */
export async function cleanupWorktree(clone: Clone, input: CleanupWorktreeInput): Promise<CleanupWorktreeDocument> {
  const tools = await worktreeTools(clone, input);
  await settleLocks(clone);
  await repairAll(tools);
  return { name: input.target.name, ...(await cleanup(tools, input.target, input.force)) };
}
