import type { Commit } from "../domain/history.ts";
import { listCommits } from "../git/commits.ts";
import type { Git } from "../git/git.ts";
import { childrenFirst } from "./ancestry.ts";
import type { HoldingRefs } from "./holding-refs.ts";
import type { Roots } from "./roots.ts";

function globs({ namespaces }: HoldingRefs): string[] {
  return namespaces.map((namespace) => `--glob=${namespace}/*`);
}

/**
 * Of the candidates and their ancestors, those that no holding ref and no other root reaches, children first. What only
 * a worktree's `HEAD` reaches is among them. Where commits' dates lie, reachable ones may be, too: see `listReachable`.
 */
export async function listUnreachable(
  git: Git,
  candidates: readonly string[],
  roots: Roots,
  holding: HoldingRefs,
): Promise<Commit[]> {
  const starts = new Set([...candidates, ...roots.heads, ...(roots.rescue === null ? [] : [roots.rescue])]);
  if (starts.size === 0) return [];
  const revisions = [...starts, ...[...roots.held, ...holding.single].map((sha) => `^${sha}`)];
  // What follows --not counts as negative; in git before 2.42 options are not understood on standard input.
  const commits = await listCommits(git, ["--ignore-missing", "--stdin", "--not", ...globs(holding)], revisions);
  return childrenFirst(commits);
}

/** Reachable commits younger than a time, in seconds since 1970: they may have replaced a lost one. */
export async function listRecent(git: Git, since: number, roots: Roots, holding: HoldingRefs): Promise<Commit[]> {
  const starts = [...roots.held, ...roots.heads, ...holding.single];
  return listCommits(git, ["--ignore-missing", `--since=${since}`, "--stdin", ...globs(holding)], starts);
}

/** These commits, whatever their dates. */
export async function listNamed(git: Git, shas: readonly string[]): Promise<Commit[]> {
  if (shas.length === 0) return [];
  return listCommits(git, ["--no-walk=unsorted", "--ignore-missing", "--stdin"], shas);
}

/** More arguments than this no system has to take. */
const MOST_ARGUMENTS = 400;

/**
 * Those of the commits that some holding ref reaches after all. A walk by dates is over too early where a clock was wrong:
 * `--contains` follows parents and does not look at dates.
 */
export async function listReachable(git: Git, shas: readonly string[], holding: HoldingRefs): Promise<Set<string>> {
  const contain = async (chunk: readonly string[]) => {
    const query = ["for-each-ref", "--count=1", "--format=%(refname)", ...chunk.map((sha) => `--contains=${sha}`)];
    return (await git.text([...query, ...holding.namespaces])) !== "";
  };
  const reachable = new Set<string>();
  for (let i = 0; i < shas.length; i += MOST_ARGUMENTS) {
    const chunk = shas.slice(i, i + MOST_ARGUMENTS);
    if (holding.namespaces.length === 0 || !(await contain(chunk))) continue;
    for (const sha of chunk) if (await contain([sha])) reachable.add(sha);
  }
  return reachable;
}

/** The listed commits that these heads reach. @param commits children before parents */
export function reachedFrom(heads: readonly string[], commits: readonly Commit[]): Set<string> {
  const reached = new Set(heads);
  // Children stand before their parents: one pass is enough.
  for (const { sha, parents } of commits) {
    if (reached.has(sha)) for (const parent of parents) reached.add(parent);
  }
  return reached;
}
