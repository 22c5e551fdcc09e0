import { relative } from "node:path";
import { runGitSync } from "../../git/git-sync.ts";
import { type HooksPathValue, parseHooksPaths, readHooksPathsArguments } from "../../git/hooks-path.ts";
import { commonLayout } from "../../layout/paths.ts";

/** The hooks paths that git would use without Bulkhead. */
export interface Chain {
  /** For the whole clone; empty: the clone's own `hooks`. */
  readonly shared: string;
  /** For this worktree alone (its `config.worktree`); null for none. */
  readonly own: string | null;
}

/** Finds them among all that git sees, our own settings left out, also those for another place of the clone. Pure. */
export function selectChain(values: readonly HooksPathValue[], commonDir: string): Chain {
  const ours = commonLayout(commonDir).hooks;
  const others = values.filter(
    ({ path, origin }) => relative(ours, path) !== "" && !/[\\/]bulkhead[\\/]gitconfig(-[0-9a-f]{8})?$/.test(origin),
  );
  const last = (matches: (value: HooksPathValue) => boolean) => others.findLast(matches)?.path;
  return {
    shared: last(({ scope }) => scope !== "worktree" && scope !== "command") ?? "",
    own: last(({ scope }) => scope === "worktree") ?? null,
  };
}

/** Asks git from within a hook; null when git cannot say. */
export function readChainSync(commonDir: string, cwd: string, env: NodeJS.ProcessEnv): Chain | null {
  const answer = runGitSync(readHooksPathsArguments, { cwd, env });
  if (!answer.ran || answer.exitCode > 1) return null;
  return selectChain(parseHooksPaths(answer.stdout), commonDir);
}

/** Where husky keeps its own, git-ignored files, beside the scripts of a relative hooks path; null for other paths. */
export function huskyDirectory(chain: string): string | null {
  if (chain === "" || /^([\\/]|[A-Za-z]:)/.test(chain)) return null;
  return /(^|[\\/])_[\\/]?$/.test(chain) ? chain.replace(/[\\/]$/, "") : `${chain.replace(/[\\/]$/, "")}/_`;
}
