import type { Commit } from "../domain/history.ts";
import { listCommits, STORED_OBJECTS } from "../git/commits.ts";
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

/** A commit and those below it, along its first parents, that no holding ref reaches: itself first. */
export async function listUnheld(git: Git, sha: string, holding: HoldingRefs): Promise<Commit[]> {
  const others = holding.single.map((held) => `^${held}`);
  const args = ["--first-parent", "--ignore-missing", "--stdin", "--not", ...globs(holding)];
  const commits = await listCommits(git, args, [sha, ...others]);
  return childrenFirst(commits);
}

/** More arguments than this no system has to take. */
const MOST_ARGUMENTS = 400;

/**
 * Those of the commits that some holding ref reaches after all. A walk that stops at others goes by dates, and is over too
 * early where a clock was wrong; neither `--contains` nor a walk of everything looks at dates. The first is cheap with a
 * commit-graph, which knows generations; without one it costs a walk for each commit and ref.
 */
export async function listReachable(
  git: Git,
  shas: readonly string[],
  { holding, commitGraph }: { holding: HoldingRefs; commitGraph: boolean },
): Promise<Set<string>> {
  if (holding.namespaces.length === 0 && holding.single.length === 0) return new Set();
  if (commitGraph && holding.single.length === 0 && !(await isAnyContained(git, shas, holding))) return new Set();
  const wanted = new Set(shas);
  const { stdout } = await git.run(["rev-list", "--ignore-missing", "--stdin", ...globs(holding)], {
    env: STORED_OBJECTS,
    encoding: "latin1",
    input: holding.single.map((sha) => `${sha}\n`).join(""),
  });
  const reachable = new Set<string>();
  for (const sha of stdout.split("\n")) if (wanted.has(sha)) reachable.add(sha);
  return reachable;
}

async function isAnyContained(git: Git, shas: readonly string[], { namespaces }: HoldingRefs): Promise<boolean> {
  for (let i = 0; i < shas.length; i += MOST_ARGUMENTS) {
    const contain = shas.slice(i, i + MOST_ARGUMENTS).map((sha) => `--contains=${sha}`);
    const query = ["for-each-ref", "--count=1", "--format=%(refname)", ...contain, ...namespaces];
    if ((await git.text(query, { env: STORED_OBJECTS })) !== "") return true;
  }
  return false;
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
