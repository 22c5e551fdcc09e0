import type { ConfigValue } from "./config-values.ts";
import type { Git } from "./git.ts";

/** One configured `core.hooksPath`, as a path, and where it stands. Later ones win. */
export interface HooksPathValue {
  readonly scope: string;
  readonly origin: string;
  readonly path: string;
}

/** What git is asked for every configured `core.hooksPath`; it answers with 1 where there is none. */
export const readHooksPathsArguments = [
  "config",
  "--includes",
  "--show-scope",
  "--show-origin",
  "-z",
  "--type=path",
  "--get-all",
  "core.hooksPath",
] as const;

/** Every configured `core.hooksPath` that git sees from a worktree, weakest first; `~` is expanded. */
export async function readHooksPaths(git: Git): Promise<HooksPathValue[]> {
  return parseHooksPaths((await git.run(readHooksPathsArguments, { allow: [1] })).stdout);
}

/**
 * The same from a configuration that has been read already.
 * @returns null where a value is one that git expands: it has to be asked
 */
export function hooksPathsOf(config: readonly ConfigValue[]): HooksPathValue[] | null {
  const values = config.filter(({ key }) => key === "core.hookspath");
  // `~` and `~user`, `%(prefix)`, `:(optional)`: https://git-scm.com/docs/git-config#Documentation/git-config.txt-pathname
  if (values.some(({ value }) => /^(?:[~%:]|$)/.test(value))) return null;
  return values.map(({ scope, origin, value }) => ({ scope, origin, path: value }));
}

/** Parses the answer. Pure. */
export function parseHooksPaths(stdout: string): HooksPathValue[] {
  const fields = stdout.split("\0").slice(0, -1);
  const values: HooksPathValue[] = [];
  for (let i = 0; i + 2 < fields.length; i += 3) {
    values.push({ scope: fields[i] ?? "", origin: fields[i + 1] ?? "", path: fields[i + 2] ?? "" });
  }
  return values;
}
