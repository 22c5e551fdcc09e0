import type { Commit, Patch } from "../domain/history.ts";
import type { Git } from "../git/git.ts";
import { fileKey, readFilesAt } from "../git/objects.ts";
import { partsByPath, shortSha, type Verdict } from "./facts.ts";
import type { Lookup } from "./lookup.ts";
import { listNoOps, type TrialMerge } from "./no-op-merges.ts";
import { reachable, type Stack } from "./stacks.ts";

/** A merged pull request, as the journal of `ship` tells it. */
export interface Shipped {
  /** Tip of the branch that was merged. */
  readonly head: string;
  readonly mergeCommit: string;
  /** The pull request's number. */
  readonly pull: number;
}

/** What is merged for trial in one scan; beyond this, what is unproven stays lost. */
const MOST_MERGES = 256;
/** Where the known commits do not tell what a branch and its base have in common, git is asked so many times. */
const MOST_QUESTIONS = 8;

/** Calls superseded what a merged pull request had, while its merge commit stands. Pure. */
export function judgeShipped(
  verdicts: readonly Verdict[],
  shipped: readonly Shipped[],
  unreachable: ReadonlyMap<string, Commit>,
): Verdict[] {
  const into = new Map<string, Shipped>();
  for (const merge of shipped) {
    if (unreachable.has(merge.mergeCommit)) continue;
    const open = [merge.head];
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      const commit = unreachable.get(sha);
      if (commit === undefined || into.has(sha)) continue;
      into.set(sha, merge);
      open.push(...commit.parents);
    }
  }
  return verdicts.map((verdict) => {
    const merge = into.get(verdict.sha);
    if (merge === undefined || !isOpen(verdict)) return verdict;
    const reason = `shipped as ${shortSha(merge.mergeCommit)} (pull request #${merge.pull})`;
    return supersede(verdict, merge.mergeCommit, reason);
  });
}

/** What trial merges need to know. */
export interface AbsorbFacts {
  /** By commit: what people call it. */
  readonly bases: ReadonlyMap<string, string>;
  readonly unreachable: ReadonlyMap<string, Commit>;
  readonly lookup: Lookup;
  /** By commit. */
  readonly patches: ReadonlyMap<string, Patch>;
}

/**
 * Calls superseded what changes nothing when it is merged into a base: a branch that was squash-merged after it had taken
 * the base in, or whose lines moved since. Tips first; below one that does change something, each commit by itself.
 */
export async function judgeAbsorbed(
  git: Git,
  facts: AbsorbFacts,
  stacks: readonly Stack[],
  verdicts: readonly Verdict[],
): Promise<Verdict[]> {
  const open = new Set(verdicts.filter(isOpen).map(({ sha }) => sha));
  const absorbed = new Map<string, string>();
  const mergeBase = createMergeBase(git, facts);
  let budget = MOST_MERGES;
  const attempt = async (shas: readonly string[]) => {
    const wanted = shas.filter((sha) => open.has(sha) && !absorbed.has(sha));
    const merges: TrialMerge[] = [];
    for (const [ours, theirs] of await listPromising(git, wanted.slice(0, budget), facts)) {
      const base = await mergeBase(ours, theirs);
      if (base !== null) merges.push({ base, ours, theirs });
    }
    budget -= Math.min(budget, wanted.length);
    for (const { theirs, ours } of await listNoOps(git, merges)) absorbed.set(theirs, ours);
  };
  await attempt(stacks.map(({ tip }) => tip));
  spread(absorbed, facts);
  await attempt(stacks.flatMap(({ commits }) => commits.slice(1)));
  spread(absorbed, facts);
  return verdicts.map((verdict) => {
    const base = absorbed.get(verdict.sha);
    if (base === undefined || !isOpen(verdict)) return verdict;
    return supersede(verdict, base, `merging it into ${facts.bases.get(base)} changes nothing: its work is there`);
  });
}

/**
 * Pairs of a base and a commit of which the base has every line that the commit itself added. Few have, and only for these
 * it is worth asking what both have in common, for which git may walk all of history.
 */
async function listPromising(
  git: Git,
  commits: readonly string[],
  { bases, lookup, patches }: AbsorbFacts,
): Promise<[ours: string, theirs: string][]> {
  const ours = [...bases.keys()];
  const asked = commits.flatMap((sha) => lookup.changesOf(sha).filter(({ path }) => !path.includes("\n")));
  const paths = [...new Map(asked.map((change) => [change.path, change])).keys()];
  const files = await readFilesAt(
    git,
    ours.flatMap((commit) => paths.map((path) => ({ commit, path }))),
  );
  const holds = (base: string, sha: string) => {
    const parts = partsByPath(patches.get(sha));
    return lookup.changesOf(sha).every(({ path, after }) => {
      const file = files.get(fileKey(base, path));
      if (after === null || file === undefined) return after === null && file === undefined;
      if (file.sha === after.split(":")[1]) return true;
      return (parts.get(path)?.runs ?? []).every(({ added }) => `\n${file.text}\n`.includes(`\n${added.join("\n")}\n`));
    });
  };
  return commits.flatMap((theirs) =>
    ours.filter((base) => holds(base, theirs)).map((base): [string, string] => [base, theirs]),
  );
}

/** What two commits have in common: where a lost branch left the rest in one place, that place; else git knows. */
function createMergeBase(git: Git, { unreachable, lookup: { isAncestor } }: AbsorbFacts) {
  let questions = MOST_QUESTIONS;
  return async (ours: string, theirs: string): Promise<string | null> => {
    const left = leavings(theirs, unreachable);
    const [only] = left;
    if (left.size === 1 && only !== undefined && (only === ours || isAncestor(only, ours))) return only;
    if (left.size === 0 || questions-- <= 0) return null;
    const { exitCode, stdout } = await git.run(["merge-base", ours, theirs], { allow: [1] });
    return exitCode === 0 ? stdout.trim() : null;
  };
}

/** The first reachable commits below a lost one. */
function leavings(tip: string, unreachable: ReadonlyMap<string, Commit>): Set<string> {
  const found = new Set<string>();
  const seen = new Set([tip]);
  const open = [tip];
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    for (const parent of unreachable.get(sha)?.parents ?? []) {
      if (!unreachable.has(parent)) found.add(parent);
      else if (!seen.has(parent)) {
        seen.add(parent);
        open.push(parent);
      }
    }
  }
  return found;
}

function isOpen({ verdict }: Verdict): boolean {
  return verdict === "lost" || verdict === "at_risk";
}

function supersede(verdict: Verdict, by: string, reason: string): Verdict {
  return { ...verdict, verdict: "superseded", reason, replacedBy: by };
}

/** What lies below an absorbed commit went with it. */
function spread(absorbed: Map<string, string>, { unreachable }: AbsorbFacts): void {
  for (const [sha, base] of [...absorbed]) {
    for (const below of reachable(sha, unreachable)) if (!absorbed.has(below)) absorbed.set(below, base);
  }
}
