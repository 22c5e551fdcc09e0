/**
 * Whether commits descend from others, asked for all pairs at once: a fetch may bring hundreds of branches, and a
 * process for each of them would cost more than the fetch.
 */
import { type AskedPlace, askGit } from "./ask-git.ts";

/** Two commits; the question is whether the older one is an ancestor of the newer one, or the same. */
export interface AncestryPair {
  readonly older: string;
  readonly newer: string;
}

/** Parents of each commit that is known; those of other commits are not. */
export type CommitGraph = ReadonlyMap<string, readonly string[]>;

/** More names than this do not go on a command line. */
const MAX_ARGUMENTS = 1000;

/**
 * Finds the pairs of which the older commit is an ancestor of the newer one. What is not here, or is no commit, is
 * nobody's ancestor. The number of processes does not depend on the number of pairs.
 * @throws ObservationError when git cannot answer
 */
export function findAncestors(pairs: readonly AncestryPair[], place: AskedPlace): ReadonlySet<AncestryPair> {
  const known = knownCommits(pairs, place);
  const asked = pairs.filter(({ older, newer }) => known.has(older) && known.has(newer));
  const found = new Set<AncestryPair>();
  if (asked.length === 0) return found;
  // What no older value holds is usually a handful of commits.
  const graph = listCommits(
    asked.map(({ newer }) => newer),
    asked.map(({ older }) => older),
    place,
  );
  const unsure: { pair: AncestryPair; exits: string[] }[] = [];
  for (const pair of asked) {
    const { reached, exits } = walk(pair, graph);
    if (reached) found.add(pair);
    else if (exits.length > 0) unsure.push({ pair, exits });
  }
  if (unsure.length === 0) return found;
  // Another branch's older value hides the rest: it is listed too, down to where all of them have grown apart.
  const floor = commonAncestor(
    unsure.map(({ pair }) => pair.older),
    place,
  );
  const rest = listCommits(
    unsure.flatMap(({ exits }) => exits),
    floor,
    place,
  );
  const whole = new Map([...graph, ...rest]);
  for (const { pair } of unsure) if (walk(pair, whole).reached) found.add(pair);
  return found;
}

function knownCommits(pairs: readonly AncestryPair[], place: AskedPlace): ReadonlySet<string> {
  const names = [...new Set(pairs.flatMap(({ older, newer }) => [older, newer]))];
  if (names.length === 0) return new Set();
  const { stdout } = askGit(place, ["cat-file", "--batch-check=%(objecttype)"], { input: `${names.join("\n")}\n` });
  const types = stdout.split("\n");
  return new Set(names.filter((_, index) => types[index] === "commit"));
}

/** Commits reachable from some and not from others. */
function listCommits(from: readonly string[], without: readonly string[], place: AskedPlace): Map<string, string[]> {
  const input = [...new Set(from), ...[...new Set(without)].map((sha) => `^${sha}`)].join("\n");
  const { stdout } = askGit(place, ["rev-list", "--parents", "--stdin"], { input: `${input}\n` });
  const lines = stdout.split("\n").filter(Boolean);
  return new Map(lines.map((line) => line.split(" ")).map(([sha = "", ...parents]) => [sha, parents]));
}

/** A commit that all of them descend from; none where there is none, or where they are too many to be asked. */
function commonAncestor(commits: readonly string[], place: AskedPlace): string[] {
  const names = [...new Set(commits)];
  if (names.length > MAX_ARGUMENTS) return [];
  const { stdout } = askGit(place, ["merge-base", "--octopus", ...names], { allow: [1] });
  return stdout.split("\n").filter(Boolean);
}

/**
 * Walks from the newer commit towards the older one. Pure.
 * @returns whether it was reached, and the commits at which the graph ended
 */
export function walk({ older, newer }: AncestryPair, graph: CommitGraph): { reached: boolean; exits: string[] } {
  const seen = new Set([newer]);
  const exits: string[] = [];
  // A set hands out what is added to it while it is walked.
  for (const commit of seen) {
    if (commit === older) return { reached: true, exits: [] };
    const parents = graph.get(commit);
    if (parents === undefined) exits.push(commit);
    else for (const parent of parents) seen.add(parent);
  }
  return { reached: false, exits };
}
