import type { Commit, DiffRequest, FileChange, Patch, ReflogEntry } from "../domain/history.ts";
import { readChanges, readPatches } from "../git/changes.ts";
import type { Repository } from "../git/repository.ts";
import { classify } from "./classify.ts";
import { expiresAt, readLifetimes } from "./expiry.ts";
import type { Facts, Verdict } from "./facts.ts";
import { authorKey } from "./lookup.ts";
import { collectNamings, lastSeen, type Naming, replacementsSince } from "./naming.ts";
import { isOwnCommit } from "./own-commits.ts";
import { patchesWanted } from "./patches-wanted.ts";
import { listReplacements, listUnreachable, reachedFrom } from "./reachability.ts";
import { listWorktreeDirectories, type Roots, readRoots } from "./roots.ts";
import { readObjectTimes, readSources, type Sources } from "./sources.ts";
import { buildStacks, type Stack } from "./stacks.ts";

export interface ScanOptions {
  /** Only what was last in use within so many hours; null for everything. */
  readonly windowHours: number | null;
  /** Look at packed objects, too, for commits that no log names. */
  readonly deep: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

/** One commit that no ref reaches, with all that is known of it. */
export interface Finding extends Verdict {
  /** Null when the object is gone. */
  readonly commit: Commit | null;
  readonly paths: readonly string[];
  readonly insertions: number;
  readonly deletions: number;
  /** Seconds since 1970; null when not known. */
  readonly lastSeen: number | null;
  /** The act that lost it, and the path of the worktree where that happened. */
  readonly lostBy: { readonly entry: ReflogEntry; readonly worktree: string } | null;
  /** When `git gc` may delete it, in seconds since 1970; null for never, or not known. */
  readonly expiresAt: number | null;
  /** Tip of the (first) stack that it is part of. */
  readonly stack: string | null;
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
  const { git, commonDir } = repository;
  const sources = await readSources(repository, options.deep);
  const worktrees = await listWorktreeDirectories(commonDir);
  const roots = await readRoots(repository, worktrees, sources.reflogs.entries);
  const unreachable = await listUnreachable(git, sources.candidates, roots);
  const namings = collectNamings(sources.reflogs.entries);
  const unnamed = unreachable.filter(({ sha }) => !namings.has(sha)).map(({ sha }) => sha);
  const objectTimes = await readObjectTimes(commonDir, unnamed);
  const seen = lastSeen(unreachable, namings, objectTimes);
  const from = options.windowHours === null ? Number.NEGATIVE_INFINITY : options.now - options.windowHours * 3600;
  // A commit whose time nobody knows is not one that is too old.
  const inWindow = (sha: string) => (seen.get(sha) ?? namings.get(sha)?.last ?? options.now) >= from;
  const work = unreachable.filter((commit) => !isOwnCommit(commit));
  const commits = work.filter(({ sha }) => inWindow(sha));
  const gone = sources.gone.filter(inWindow);
  const context = { repository, sources, roots, namings, objectTimes, unreachable, commits };
  const facts = commits.length === 0 ? null : await gatherFacts(context);
  const verdicts = [...(facts === null ? [] : classify(facts)), ...gone.map(judgeGone)];
  const chosen = verdicts.filter(({ verdict }) => verdict === "lost" || verdict === "at_risk");
  const stacks = buildStacks(unreachable, new Set(chosen.map(({ sha }) => sha)));
  const details = { ...context, facts, stacks, seen, pathOf: pathsById(worktrees) };
  return {
    scanned: sources.candidates.length + sources.gone.length,
    windowHours: options.windowHours,
    findings: verdicts.length === 0 ? [] : await describe(verdicts, details, options.now),
    stacks,
    older: work.length - commits.length,
  };
}

function judgeGone(sha: string): Verdict {
  const reason = "a reflog names it, but git has deleted the object";
  return { sha, verdict: "gone", reason, replacedBy: null, notReturned: [] };
}

interface Context {
  readonly repository: Repository;
  readonly sources: Sources;
  readonly roots: Roots;
  readonly namings: ReadonlyMap<string, Naming>;
  readonly objectTimes: ReadonlyMap<string, number>;
  readonly unreachable: readonly Commit[];
  readonly commits: readonly Commit[];
}

async function gatherFacts(context: Context): Promise<Facts> {
  const { repository, sources, roots, namings, unreachable, commits, objectTimes } = context;
  const { git } = repository;
  const lost = new Set(unreachable.map(({ sha }) => sha));
  const since = replacementsSince(commits, namings, objectTimes);
  // Whoever amends, rebases or picks leaves the new commit in a log: these count also when their dates lie.
  const named = sources.candidates.filter((sha) => !lost.has(sha) && (namings.get(sha)?.last ?? 0) >= since);
  const replacements = await listReplacements(git, since, named, roots);
  const authors = new Set(commits.map(authorKey));
  const comparable = replacements.filter((commit) => commit.parents.length < 2 || authors.has(authorKey(commit)));
  const changes = await readChangesOf(repository, commits, comparable);
  const amends = sources.reflogs.entries.flatMap(({ before, after, message }) =>
    before !== null && after !== null && message.startsWith("commit (amend)") ? [[before, after] as const] : [],
  );
  const heldByHead = reachedFrom(roots.heads, unreachable);
  const patches = new Map<string, Patch>();
  const facts: Facts = { commits, unreachable, replacements, namings, amends, changes, patches, heldByHead };
  const wanted = [...patchesWanted(facts)];
  const read = await readPatches(
    git,
    wanted.map(([, request]) => request),
  );
  return { ...facts, patches: new Map(read.map((patch, i) => [wanted[i]?.[0] ?? "", patch])) };
}

async function readChangesOf(
  { git }: Repository,
  commits: readonly Commit[],
  replacements: readonly Commit[],
): Promise<Map<string, readonly FileChange[]>> {
  // A merge shows nothing by itself: it is compared with the branch that it was made on.
  const request = ({ sha, parents }: Commit): DiffRequest =>
    parents.length > 1 ? { commit: sha, against: parents.slice(0, 1) } : { commit: sha };
  const own = await readChanges(git, commits.map(request));
  const paths = [...new Set(own.flat().map(({ path }) => path))];
  const theirs = paths.length === 0 ? [] : await readChanges(git, replacements.map(request), paths);
  const entries = [...commits, ...(paths.length === 0 ? [] : replacements)];
  return new Map([...own, ...theirs].map((changes, i) => [entries[i]?.sha ?? "", changes]));
}

type PathOf = (worktree: string | null) => string;

function pathsById(worktrees: readonly { id: string | null; path: string }[]): PathOf {
  const paths = new Map(worktrees.map(({ id, path }) => [id, path]));
  return (id) => paths.get(id) ?? "";
}

interface Details extends Context {
  readonly facts: Facts | null;
  readonly stacks: readonly Stack[];
  readonly seen: ReadonlyMap<string, number>;
  readonly pathOf: PathOf;
}

async function describe(verdicts: readonly Verdict[], details: Details, now: number): Promise<Finding[]> {
  const { repository, namings, objectTimes, unreachable, facts, seen, roots, stacks, pathOf } = details;
  const lifetimes = await readLifetimes(repository.git, now);
  const bySha = new Map(unreachable.map((commit) => [commit.sha, commit]));
  const rescued = reachedFrom(roots.rescue === null ? [] : [roots.rescue], unreachable);
  const stackOf = new Map<string, string>();
  for (const { tip, commits } of stacks) {
    for (const sha of commits) if (!stackOf.has(sha)) stackOf.set(sha, tip);
  }
  return verdicts.map((verdict) => {
    const { sha } = verdict;
    const patch = facts?.patches.get(sha);
    const stack = stackOf.get(sha) ?? null;
    const left = namings.get(sha)?.left ?? namings.get(stack ?? "")?.left ?? null;
    const kept = verdict.verdict === "at_risk" || rescued.has(sha);
    return {
      ...verdict,
      commit: bySha.get(sha) ?? null,
      paths: facts?.changes.get(sha)?.map(({ path }) => path) ?? [],
      insertions: patch?.insertions ?? 0,
      deletions: patch?.deletions ?? 0,
      lastSeen: seen.get(sha) ?? namings.get(sha)?.last ?? null,
      lostBy: left === null ? null : { entry: left, worktree: pathOf(left.worktree) },
      expiresAt: kept ? null : expiresAt(lifetimes, namings.get(sha)?.last, objectTimes.get(sha)),
      stack,
    };
  });
}
