import { relative } from "node:path";
import { BulkheadError } from "../../domain/error.ts";
import type { Git } from "../../git/git.ts";
import { readHooksPaths } from "../../git/hooks-path.ts";
import { commonLayout } from "../../layout/paths.ts";

/**
 * Makes sure that git itself would run our hooks in a worktree.
 * @throws BulkheadError `HOOKS_PATH_OVERRIDDEN` naming the setting that wins
 */
export async function verifyArmed(git: Git, commonDir: string): Promise<void> {
  const effective = (await readHooksPaths(git)).at(-1);
  if (effective !== undefined && relative(commonLayout(commonDir).hooks, effective.path) === "") return;
  const origin = effective === undefined ? "nobody" : `${effective.scope} config (${effective.origin})`;
  throw new BulkheadError("HOOKS_PATH_OVERRIDDEN", { worktree: git.directory, path: effective?.path ?? "", origin });
}
