/** How many commits worktrees have that others lack, for all of them in three processes. */
import type { CommitSha } from "../domain/names.ts";
import type { Git } from "./git.ts";

/** How one commit stands to the base and to what is on remotes. */
export interface CommitCounts {
  /** Commits that only it has, and only the base; null without a base. */
  readonly ahead: number | null;
  readonly behind: number | null;
  /** Commits that no remote has and the base does not hold. */
  readonly unpushed: number;
}

/** Counts for each of the heads. @param base the commit that work merges into; null when nothing tells */
export async function countCommits(
  git: Git,
  heads: readonly CommitSha[],
  base: CommitSha | null,
): Promise<Map<string, CommitCounts>> {
  const wanted = [...new Set(heads)];
  if (wanted.length === 0) return new Map();
  const others = wanted.filter((head) => head !== base);
  const [own, around] = await Promise.all([
    readGraph(git, wanted, ["--remotes", ...(base === null ? [] : [base])]),
    base === null || others.length === 0 ? null : readAround(git, others, base),
  ]);
  const isInBase = around === null || base === null ? null : new Set(reachable(around, base));
  return new Map(
    wanted.map((head): [string, CommitCounts] => {
      const unpushed = reachable(own, head).length;
      if (base === null) return [head, { ahead: null, behind: null, unpushed }];
      if (around === null || isInBase === null || head === base) return [head, { ahead: 0, behind: 0, unpushed }];
      const mine = reachable(around, head);
      const common = mine.filter((commit) => isInBase.has(commit)).length;
      return [head, { ahead: mine.length - common, behind: isInBase.size - common, unpushed }];
    }),
  );
}

/** Parents of each commit, by their numbers; commits outside of the part that was read have none. */
interface Graph {
  readonly numbers: ReadonlyMap<string, number>;
  readonly parents: readonly (readonly number[])[];
}

/** What the heads and the base have beyond what all of them have. */
async function readAround(git: Git, heads: readonly CommitSha[], base: CommitSha): Promise<Graph> {
  // Without one commit that all of them hold, everything is looked at.
  const fork = (await git.run(["merge-base", "--octopus", base, ...heads], { allow: [1] })).stdout.trim();
  return readGraph(git, [base, ...heads], fork === "" ? [] : [fork]);
}

async function readGraph(git: Git, from: readonly CommitSha[], without: readonly string[]): Promise<Graph> {
  const list = [
    "rev-list",
    "--topo-order",
    "--parents",
    "--stdin",
    ...(without.length === 0 ? [] : ["--not", ...without]),
  ];
  const text = await git.text(list, { input: from.map((sha) => `${sha}\n`).join("") });
  const lines = text
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "));
  const numbers = new Map(lines.map(([sha = ""], i) => [sha, i]));
  const parents = lines.map(([, ...names]) => names.flatMap((name) => numbers.get(name) ?? []));
  return { numbers, parents };
}

/** A commit and its ancestors, as far as they are in the graph. */
function reachable({ numbers, parents }: Graph, from: string): number[] {
  const start = numbers.get(from);
  if (start === undefined) return [];
  const seen = new Uint8Array(parents.length);
  seen[start] = 1;
  const found = [start];
  for (let i = 0; i < found.length; i++) {
    for (const parent of parents[found[i] ?? 0] ?? []) {
      if (seen[parent] === 1) continue;
      seen[parent] = 1;
      found.push(parent);
    }
  }
  return found;
}
