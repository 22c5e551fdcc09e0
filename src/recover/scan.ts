import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Commit } from "../domain/history.ts";
import { typed } from "../domain/invocation.ts";
import { readChanges } from "../git/changes.ts";
import type { ConfigValue } from "../git/config-values.ts";
import type { Git } from "../git/git.ts";
import { readFilesAt } from "../git/objects.ts";
import type { Repository } from "../git/repository.ts";
import { judgeAbsorbed, judgeShipped, type Shipped } from "./absorbed.ts";
import { listBases } from "./bases.ts";
import { classify } from "./classify.ts";
import { readLifetimes } from "./expiry.ts";
import type { Facts, Verdict } from "./facts.ts";
import { describeFindings, type FileStat, type Finding, type WhoWorked } from "./findings.ts";
import { gatherFacts } from "./gather-facts.ts";
import { createLookup, type Lookup } from "./lookup.ts";
import type { Observation } from "./observation.ts";
import { observe } from "./observe.ts";
import { isOwnCommit } from "./own-commits.ts";
import { listReachable, reachedFrom } from "./reachability.ts";
import { filesToAsk, settleMissing } from "./returned.ts";
import type { WorktreeDirectory } from "./roots.ts";
import { buildStacks, type Stack } from "./stacks.ts";
import { findStagedBlobs, type StagedBlob } from "./staged-blobs.ts";

export interface ScanOptions {
  /** Only what was last in use within so many hours; null for everything. */
  readonly windowHours: number | null;
  /** Look at packed objects, too, for commits that no log names, however many there are. */
  readonly deep: boolean;
  /** Guess the paths of staged content that no commit has. */
  readonly blobs: boolean;
  /** Seconds since 1970. */
  readonly now: number;
  /** Merged pull requests, as far as this clone shipped them. */
  readonly shipped: readonly Shipped[];
  /** git's configuration. */
  readonly config: () => Promise<readonly ConfigValue[]>;
  /** Asked for once something was found: reading sessions costs a database. */
  readonly whoWorked: () => Promise<WhoWorked>;
  /** Worktrees that are removed, and whose logs are still there. */
  readonly removed: readonly WorktreeDirectory[];
  /** Judge also what is kept from `git gc`, whatever the window: whether it still needs to be. */
  readonly judgeRescued: boolean;
  /** Whose identity counts as one's own, besides what git is set up with. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Scan {
  /** How many commits were looked at. */
  readonly scanned: number;
  readonly windowHours: number | null;
  /** Children before parents. */
  readonly findings: readonly Finding[];
  /** Whether a commit that was kept from `git gc` is still lost, as far as it was judged. */
  readonly stillLost: (sha: string) => boolean;
  readonly stacks: readonly DescribedStack[];
  /** Unreachable commits that are older than the window; they were not judged. */
  readonly older: number;
  /** Staged, but in no commit. */
  readonly blobs: readonly StagedBlob[];
  /** Packed objects that were not looked at. */
  readonly unread: number;
  /** Whether history is cut: a shallow clone. */
  readonly shallow: boolean;
}

/** A stack, with what all of its commits together would bring back. */
export interface DescribedStack {
  readonly tip: string;
  /** Tip first. */
  readonly commits: readonly string[];
  /** As people know them. */
  readonly paths: readonly string[];
  readonly insertions: number;
  readonly deletions: number;
  /** The same by files. */
  readonly stat: readonly FileStat[];
}

/** Finds and judges what no ref reaches. Changes nothing; starts the same few processes however much there is. */
export async function scan(repository: Repository, options: ScanOptions): Promise<Scan> {
  const { windowHours, now } = options;
  const from = windowHours === null ? Number.NEGATIVE_INFINITY : now - windowHours * 3600;
  const deep = options.deep || windowHours === null;
  const observation = await observe(repository, { from, deep }, options);
  const { sources, unreachable, namings, seen, provenance } = observation;
  const blobs = findStagedBlobs(observation, { from, paths: options.blobs });
  // A commit whose time nobody knows is not one that is too old.
  const inWindow = (sha: string) => (seen.get(sha) ?? namings.get(sha)?.last ?? now) >= from;
  const work = unreachable.filter((commit) => !isOwnCommit(commit));
  const rescued = options.judgeRescued
    ? reachedFrom(observation.roots.rescue === null ? [] : [observation.roots.rescue], unreachable)
    : new Set<string>();
  const commits = work.filter(({ sha }) => inWindow(sha) || rescued.has(sha));
  const strangers = commits.filter(({ sha }) => provenance.upstream.has(sha));
  const judged = await judge(
    observation,
    commits.filter(({ sha }) => !provenance.upstream.has(sha)),
    options,
  );
  const verdicts = inOrder(commits, [
    ...judged.verdicts,
    ...strangers.map(({ sha }) => judgeUpstream(sha, observation)),
  ]);
  const open = openOf(verdicts);
  const keeps = ({ sha, verdict, missing }: Verdict) => open.has(sha) || verdict === "stash" || missing.length > 0;
  const kept = new Set(verdicts.filter(keeps).map(({ sha }) => sha));
  const all = [...verdicts.filter(({ sha }) => inWindow(sha)), ...sources.gone.filter(inWindow).map(judgeGone)];
  const stacks = buildStacks(unreachable, openOf(all));
  const lifetimes = all.length === 0 ? null : await readLifetimes(repository.git, observation.config, now);
  const whoWorked = stacks.length === 0 ? () => null : await options.whoWorked();
  const findings =
    lifetimes === null ? [] : describeFindings(all, stacks, judged.facts, observation, lifetimes, whoWorked);
  return {
    scanned: sources.candidates.length + sources.gone.length,
    windowHours,
    findings,
    stacks: describeStacks(stacks, findings),
    older: work.filter(({ sha }) => !inWindow(sha)).length,
    stillLost: (sha) => kept.has(sha),
    blobs: await blobs,
    unread: sources.unread,
    shallow: observation.shallow,
  };
}

/** The verdicts on one's own commits: by what commits hold, then by what only a merge or a closer look can show. */
async function judge(
  observation: Observation,
  commits: readonly Commit[],
  { shipped }: ScanOptions,
): Promise<{ verdicts: Verdict[]; facts: Facts | null }> {
  if (commits.length === 0) return { verdicts: [], facts: null };
  const { repository, unreachable, refs, config, roots } = observation;
  const { git } = repository;
  const facts = await gatherFacts(observation, commits);
  const lookup = createLookup(facts);
  const bySha = new Map(unreachable.map((commit) => [commit.sha, commit]));
  const first = judgeShipped(classify(facts, lookup), shipped, bySha);
  const stacks = buildStacks(unreachable, openOf(first));
  const heads = roots.heads.filter((sha) => !bySha.has(sha));
  const bases = listBases(refs, config, heads);
  const [absorbed, files, given] = await Promise.all([
    judgeAbsorbed(git, { bases, unreachable: bySha, lookup, patches: facts.patches }, stacks, first),
    readFilesAt(git, filesToAsk(first, lookup)),
    readGiven(git, first),
  ]);
  const settled = settleMissing(absorbed, files, given, facts, lookup).map((verdict) =>
    nameKeeper(verdict, observation),
  );
  return { verdicts: await withoutReachable(observation, settled, lookup), facts };
}

/** All content that a commit gave to some path, where something seems to be missing from it: it may have been renamed. */
async function readGiven(git: Git, verdicts: readonly Verdict[]): Promise<Map<string, Set<string>>> {
  const lacking = verdicts.filter(({ missing }) => missing.some(({ hunk }) => hunk === null));
  const commits = [...new Set(lacking.map(({ replacedBy }) => replacedBy))].filter((sha) => sha !== null);
  const changes = await readChanges(
    git,
    commits.map((commit) => ({ commit })),
  );
  const blobs = changes.map((given) => new Set(given.map(({ after }) => after?.split(":")[1] ?? "")));
  return new Map(commits.map((sha, i) => [sha, blobs[i] ?? new Set()]));
}

/** Nothing is called lost before it was asked for in a way that clocks cannot mislead. */
async function withoutReachable(observation: Observation, verdicts: Verdict[], lookup: Lookup): Promise<Verdict[]> {
  const { repository, holding } = observation;
  const open = [...openOf(verdicts)];
  const commitGraph = hasCommitGraph(repository);
  if (open.length === 0 || !(commitGraph || sawWrongClock(lookup))) return verdicts;
  const reachable = await listReachable(repository.git, open, { holding, commitGraph });
  return verdicts.filter(({ sha }) => !reachable.has(sha));
}

function hasCommitGraph({ commonDir }: Repository): boolean {
  const info = join(commonDir, "objects", "info");
  return existsSync(join(info, "commit-graph")) || existsSync(join(info, "commit-graphs"));
}

/**
 * A walk by dates finds all that is reachable while no reachable commit is older than its parents. Not all of them were looked
 * at; where a commit-graph makes the exact question cheap, it is always asked.
 */
function sawWrongClock({ bySha, stands }: Lookup): boolean {
  return [...bySha.values()].some(
    ({ sha, parents, commitTime }) =>
      stands(sha) && parents.some((parent) => (bySha.get(parent)?.commitTime ?? 0) > commitTime),
  );
}

function describeStacks(stacks: readonly Stack[], findings: readonly Finding[]): DescribedStack[] {
  const bySha = new Map(findings.map((finding) => [finding.sha, finding]));
  return stacks.map(({ tip, commits }) => {
    const members = commits.flatMap((sha) => bySha.get(sha) ?? []);
    return {
      ...{ tip, commits },
      paths: [...new Set(members.flatMap(({ paths }) => paths))],
      insertions: members.reduce((sum, { insertions }) => sum + insertions, 0),
      deletions: members.reduce((sum, { deletions }) => sum + deletions, 0),
      stat: addUp(members.flatMap(({ stat }) => stat)),
    };
  });
}

function addUp(stats: readonly FileStat[]): FileStat[] {
  const byPath = new Map<string, FileStat>();
  for (const { path, insertions, deletions } of stats) {
    const sum = byPath.get(path) ?? { path, insertions: 0, deletions: 0 };
    byPath.set(path, { path, insertions: sum.insertions + insertions, deletions: sum.deletions + deletions });
  }
  return [...byPath.values()];
}

function openOf(verdicts: readonly Verdict[]): Set<string> {
  const open = verdicts.filter(({ verdict }) => verdict === "lost" || verdict === "at_risk");
  return new Set(open.map(({ sha }) => sha));
}

function inOrder(commits: readonly Commit[], verdicts: readonly Verdict[]): Verdict[] {
  const bySha = new Map(verdicts.map((verdict) => [verdict.sha, verdict]));
  return commits.flatMap(({ sha }) => bySha.get(sha) ?? []);
}

function nameKeeper(verdict: Verdict, { keptBy, savedIn }: Observation): Verdict {
  const saved = savedIn.get(verdict.sha);
  if (saved !== undefined && verdict.verdict === "lost") {
    return { ...verdict, reason: `only a removed worktree has it: ${typed(`recover --restore ${saved}`)}` };
  }
  const ref = keptBy.get(verdict.sha);
  if (ref === undefined || verdict.verdict !== "lost") return verdict;
  return { ...verdict, reason: `only ${ref} reaches it, where nobody works, and no other commit has its changes` };
}

function judgeUpstream(sha: string, { provenance, shallow }: Observation): Verdict {
  const ref = provenance.upstream.get(sha) ?? null;
  const reason = shallow
    ? "it was fetched, and history is cut here"
    : ref === null
      ? "no log here names it, and nobody who made it ever worked in this clone"
      : `it was fetched with ${ref.replace(/^refs\/(?:remotes|heads)\//, "")}, and a fetch let go of it`;
  return { sha, verdict: "upstream", reason, replacedBy: null, notReturned: [], missing: [] };
}

function judgeGone(sha: string): Verdict {
  const reason = "a reflog names it, but git has deleted the object";
  return { sha, verdict: "gone", reason, replacedBy: null, notReturned: [], missing: [] };
}
