import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
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
  const elsewhere = await configuredTop(repository, config);
  if (elsewhere !== null) return elsewhere;
  const usual = basename(commonDir) === ".git" && !config.some(({ key, value }) => decides(key) && value !== "false");
  return usual ? dirname(commonDir) : ((await listWorktrees(git))[0]?.path ?? commonDir);
}

/** `core.worktree` of the main checkout, which git's own list does not heed; null where it is not set. */
async function configuredTop({ git, commonDir }: Repository, config: readonly ConfigValue[]): Promise<string | null> {
  const own = config.findLast(({ key, scope }) => key === "core.worktree" && scope === "local");
  const separate = config.some(({ key, value }) => key === "extensions.worktreeconfig" && value !== "false");
  const file = join(commonDir, "config.worktree");
  const read = separate && existsSync(file);
  const value = read ? (await git.run(["config", "-f", file, "core.worktree"], { allow: [1] })).stdout.trim() : "";
  const configured = value === "" ? (own?.value ?? "") : value;
  return configured === "" ? null : resolve(commonDir, configured);
}
