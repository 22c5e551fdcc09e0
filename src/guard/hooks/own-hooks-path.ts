import { join } from "node:path";
import { quoteForShell } from "../../domain/shell-word.ts";
import { writeFileAtomically } from "../../files/atomic-write.ts";
import { readBytes } from "../../files/read-file.ts";
import { commonLayout, worktreeLayout } from "../../layout/paths.ts";
import { applyChange } from "./apply.ts";
import { readChainSync } from "./chain.ts";
import { pathForGit, withInclude } from "./config-text.ts";
import type { RefreshPlace } from "./refresh.ts";

/**
 * Gives a new worktree what it needs where it has a hooks path of its own: git copies `config.worktree` from the worktree
 * that it was made in. The hooks that it names run there as they do in the other.
 * @throws BulkheadError `FILE_FAILED`, `CONFIG_LOCKED`
 */
export function adoptHooksPath(gitDir: string, { commonDir, cwd, env }: RefreshPlace): void {
  const path = join(gitDir, "config.worktree");
  const before = readBytes(path);
  if (before === null) return;
  const own = readChainSync(commonDir, cwd, env)?.own ?? null;
  if (own === null) return;
  writeFileAtomically(worktreeLayout(gitDir).chainConf, formatChainConf(own), 0o644);
  const text = before.toString("latin1");
  const included = /bulkhead\/(gitconfig(?:-[0-9a-f]{8})?)"?\n/.exec(text)?.[1] ?? "gitconfig";
  const after = Buffer.from(withOwnInclude(text, commonDir, included), "latin1");
  if (!after.equals(before)) applyChange({ path, before, after, mode: 0o644 }, false);
}

/** Where a worktree's own hooks stand, for the sh guard. */
export function formatChainConf(ownHooksPath: string): string {
  return `chain=${quoteForShell(ownHooksPath)}\n`;
}

/** A `config.worktree` with our include behind its own hooks path. git copies the file into new worktrees: the path is absolute. */
export function withOwnInclude(text: string, commonDir: string, included: string): string {
  const path = pathForGit(join(commonLayout(commonDir).root, included));
  return withInclude(text, commonDir, Buffer.from(path).toString("latin1"));
}
