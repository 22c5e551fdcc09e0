import type { Commit } from "../domain/history.ts";
import { listCommits } from "../git/commits.ts";
import type { Git } from "../git/git.ts";
import { RESCUE_REF } from "./own-commits.ts";
import type { Roots } from "./roots.ts";

/** Every ref but the one that only keeps lost commits from `git gc`. */
const ALL_REFS = [`--exclude=${RESCUE_REF}`, "--glob=refs/*"] as const;

/**
 * Of the candidates and their ancestors, those that no ref and no other root reaches, children first. What only
 * a worktree's `HEAD` reaches is among them. `--topo-order` makes the answer exact also when commit dates lie.
 */
export async function listUnreachable(git: Git, candidates: readonly string[], roots: Roots): Promise<Commit[]> {
  const starts = new Set([...candidates, ...roots.heads, ...(roots.rescue === null ? [] : [roots.rescue])]);
  if (starts.size === 0) return [];
  const revisions = [...starts, ...roots.held.map((sha) => `^${sha}`)];
  // What follows --not counts as negative; in git before 2.42 options are not understood on standard input.
  return listCommits(git, ["--topo-order", "--ignore-missing", "--stdin", "--not", ...ALL_REFS], revisions);
}

/**
 * Reachable commits that may have replaced a lost one: those younger than a time, children before parents, and
 * those named.
 * @param since seconds since 1970; @param named commits to list whatever their date
 */
export async function listReplacements(
  git: Git,
  since: number,
  named: readonly string[],
  roots: Roots,
): Promise<{ readonly recent: readonly Commit[]; readonly others: readonly Commit[] }> {
  const recent = await listCommits(
    git,
    ["--topo-order", "--ignore-missing", `--since=${since}`, "--stdin", ...ALL_REFS],
    [...roots.held, ...roots.heads],
  );
  const known = new Set(recent.map(({ sha }) => sha));
  const unlisted = named.filter((sha) => !known.has(sha));
  const walk = ["--no-walk=unsorted", "--ignore-missing", "--stdin"];
  return { recent, others: unlisted.length === 0 ? [] : await listCommits(git, walk, unlisted) };
}

/** The listed commits that these heads reach. */
export function reachedFrom(heads: readonly string[], commits: readonly Commit[]): Set<string> {
  const reached = new Set(heads);
  // Children stand before their parents: one pass is enough.
  for (const { sha, parents } of commits) {
    if (reached.has(sha)) for (const parent of parents) reached.add(parent);
  }
  return reached;
}
