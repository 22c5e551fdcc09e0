import { basename, dirname } from "node:path";
import type { ConfigValue } from "./config-values.ts";
import type { Repository } from "./repository.ts";
import { listWorktrees } from "./worktrees.ts";

/**
 * Top directory of the clone's main checkout; the git directory itself where the clone is bare. git is asked only where
 * its files can say otherwise than the usual layout.
 */
export async function findMainTop(repository: Repository, config: readonly ConfigValue[]): Promise<string> {
  const { linked, topLevel, commonDir, git } = repository;
  if (!linked && topLevel !== null) return topLevel;
  const decides = (key: string) => ["core.bare", "core.worktree", "extensions.worktreeconfig"].includes(key);
  const usual = basename(commonDir) === ".git" && !config.some(({ key, value }) => decides(key) && value !== "false");
  return usual ? dirname(commonDir) : ((await listWorktrees(git))[0]?.path ?? commonDir);
}
