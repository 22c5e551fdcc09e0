import { readReflogs } from "../git/reflogs.ts";
import type { Repository } from "../git/repository.ts";
import { classify } from "./classify.ts";
import { readLifetimes } from "./expiry.ts";
import type { Verdict } from "./facts.ts";
import { describeFindings, type Finding } from "./findings.ts";
import { gatherFacts } from "./gather-facts.ts";
import { collectNamings, lastSeen } from "./naming.ts";
import type { Observation } from "./observation.ts";
import { isOwnCommit } from "./own-commits.ts";
import { listUnreachable } from "./reachability.ts";
import { listWorktreeDirectories, readRoots } from "./roots.ts";
import { readObjectTimes, readSources } from "./sources.ts";
import { buildStacks, type Stack } from "./stacks.ts";

export interface ScanOptions {
  /** Only what was last in use within so many hours; null for everything. */
  readonly windowHours: number | null;
  /** Look at packed objects, too, for commits that no log names. */
  readonly deep: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

export interface Scan {
  /** How many commits were looked at. */
  readonly scanned: number;
  readonly windowHours: number | null;
  /** Children before parents. */
  readonly findings: readonly Finding[];
  readonly stacks: readonly Stack[];
  /** Unreachable commits that are older than the window; they were not judged. */
  readonly older: number;
}

/** Finds and judges what no ref reaches. Changes nothing; starts the same few processes however much there is. */
export async function scan(repository: Repository, options: ScanOptions): Promise<Scan> {
  const observation = await observe(repository, options.deep);
  const { sources, unreachable, namings, seen } = observation;
  const from = options.windowHours === null ? Number.NEGATIVE_INFINITY : options.now - options.windowHours * 3600;
  // A commit whose time nobody knows is not one that is too old.
  const inWindow = (sha: string) => (seen.get(sha) ?? namings.get(sha)?.last ?? options.now) >= from;
  const work = unreachable.filter((commit) => !isOwnCommit(commit));
  const commits = work.filter(({ sha }) => inWindow(sha));
  const facts = commits.length === 0 ? null : await gatherFacts(observation, commits);
  const verdicts = [...(facts === null ? [] : classify(facts)), ...sources.gone.filter(inWindow).map(judgeGone)];
  const lost = verdicts.filter(({ verdict }) => verdict === "lost" || verdict === "at_risk");
  const stacks = buildStacks(unreachable, new Set(lost.map(({ sha }) => sha)));
  const lifetimes = verdicts.length === 0 ? null : await readLifetimes(repository.git, options.now);
  return {
    scanned: sources.candidates.length + sources.gone.length,
    windowHours: options.windowHours,
    findings: lifetimes === null ? [] : describeFindings(verdicts, stacks, facts, observation, lifetimes),
    stacks,
    older: work.length - commits.length,
  };
}

async function observe(repository: Repository, deep: boolean): Promise<Observation> {
  const { git, commonDir } = repository;
  const [reflogs, worktrees] = await Promise.all([readReflogs(repository), listWorktreeDirectories(commonDir)]);
  const { entries } = reflogs;
  const [sources, roots] = await Promise.all([
    readSources(repository, reflogs, deep),
    readRoots(repository, worktrees, entries),
  ]);
  const unreachable = await listUnreachable(git, sources.candidates, roots);
  const namings = collectNamings(entries);
  const unnamed = unreachable.filter(({ sha }) => !namings.has(sha)).map(({ sha }) => sha);
  const objectTimes = await readObjectTimes(commonDir, unnamed);
  const seen = lastSeen(unreachable, namings, objectTimes);
  return { repository, worktrees, entries, sources, roots, namings, objectTimes, seen, unreachable };
}

function judgeGone(sha: string): Verdict {
  const reason = "a reflog names it, but git has deleted the object";
  return { sha, verdict: "gone", reason, replacedBy: null, notReturned: [] };
}
