import { HEADS, REMOTES } from "../domain/ref-names.ts";
import type { ConfigValue } from "../git/config-values.ts";
import type { ListedRef } from "../git/refs.ts";

const CUSTOMARY = ["main", "master", "develop", "trunk"] as const;
const MOST_BASES = 4;

/**
 * Where work is merged into: the configured base, each remote's default branch, the customary ones, and what the worktrees
 * stand on. By commit: what people call it. Pure.
 * @param heads `HEAD` of each worktree, where a ref holds it
 */
export function listBases(
  refs: readonly ListedRef[],
  config: readonly ConfigValue[],
  heads: readonly string[],
): Map<string, string> {
  const byName = new Map(refs.map(({ ref, sha }) => [ref, sha]));
  const configured = config.findLast(({ key }) => key === "bulkhead.base")?.value;
  const names = [...(configured === undefined ? [] : [configured]), ...CUSTOMARY];
  const remotes = refs.filter(({ ref }) => /^refs\/remotes\/[^/]+\/HEAD$/.test(ref)).map(({ ref }) => ref);
  const wanted = [
    ...names
      .slice(0, names.length - CUSTOMARY.length)
      .flatMap((name) => [`${HEADS}${name}`, `${REMOTES}origin/${name}`]),
    ...remotes,
    ...CUSTOMARY.map((name) => `${HEADS}${name}`),
  ];
  const bases = new Map<string, string>();
  for (const ref of wanted) {
    const sha = byName.get(ref);
    if (sha !== undefined && !bases.has(sha)) bases.set(sha, shortName(ref));
  }
  for (const sha of heads) if (!bases.has(sha)) bases.set(sha, "HEAD");
  return new Map([...bases].slice(0, MOST_BASES));
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|remotes)\//, "").replace(/\/HEAD$/, "");
}
