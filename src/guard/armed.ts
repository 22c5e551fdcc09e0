import { accessSync, constants, existsSync } from "node:fs";
import { join, relative } from "node:path";
import { typed } from "../domain/invocation.ts";
import type { ConfigValue } from "../git/config-values.ts";
import type { Git } from "../git/git.ts";
import { hooksPathsOf, readHooksPaths } from "../git/hooks-path.ts";
import { commonLayout } from "../layout/paths.ts";

/** Whether git, run in a worktree now, would run the guard. */
export type Armed =
  | { readonly armed: true }
  /** `because` completes the sentence "No guard is armed here: …"; `fix` is what to type. */
  | { readonly armed: false; readonly because: string; readonly fix: string };

/**
 * Asks git which hooks it would run in a worktree: a hooks path in `config.worktree`, say, beats what `init` set for the
 * clone. One process, unless the worktree's configuration is known already.
 * @param git bound to the worktree
 */
export async function armedHere(git: Git, commonDir: string, config?: readonly ConfigValue[]): Promise<Armed> {
  const { guardConf, hooks } = commonLayout(commonDir);
  const fix = typed("init");
  if (!existsSync(guardConf)) return { armed: false, because: "Bulkhead is not set up in this clone", fix };
  const { ours, effective } = await hooksPathHere(git, commonDir, config);
  if (!ours) {
    const where = effective === undefined ? "its own hooks directory" : `'${effective.path}' (${effective.origin})`;
    return { armed: false, because: `git runs hooks from ${where}`, fix };
  }
  const asleep = ["pre-commit", "reference-transaction"].find((name) => !isRunnable(join(hooks, name)));
  if (asleep === undefined) return { armed: true };
  return { armed: false, because: `git skips the hook ${asleep}, which is missing or not executable`, fix };
}

/** The hooks path that counts in a worktree, and whether it is ours. `effective` is undefined where none is set. */
export async function hooksPathHere(git: Git, commonDir: string, config?: readonly ConfigValue[]) {
  const known = config === undefined ? null : hooksPathsOf(config);
  const effective = (known ?? (await readHooksPaths(git))).at(-1);
  const ours = effective !== undefined && relative(commonLayout(commonDir).hooks, effective.path) === "";
  return { ours, effective };
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
