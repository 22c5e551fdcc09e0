import { BulkheadError } from "../../domain/error.ts";
import type { Git } from "../../git/git.ts";
import { hooksPathHere } from "../armed.ts";

/**
 * Makes sure that git itself would run our hooks in a worktree.
 * @throws BulkheadError `HOOKS_PATH_OVERRIDDEN` naming the setting that wins
 */
export async function verifyArmed(git: Git, commonDir: string): Promise<void> {
  const { ours, effective } = await hooksPathHere(git, commonDir);
  if (ours) return;
  const origin = effective === undefined ? "nobody" : `${effective.scope} config (${effective.origin})`;
  throw new BulkheadError("HOOKS_PATH_OVERRIDDEN", { worktree: git.directory, path: effective?.path ?? "", origin });
}
