import type { Commit, DiffRequest, FileChange, Patch } from "../domain/history.ts";
import { readChanges } from "../git/changes.ts";
import type { Git } from "../git/git.ts";
import { readPatches } from "../git/patches.ts";
import type { Facts } from "./facts.ts";
import { authorKey } from "./lookup.ts";
import { replacementsSince } from "./naming.ts";
import type { Observation } from "./observation.ts";
import { patchesWanted } from "./patches-wanted.ts";
import { listNamed, listRecent, reachedFrom } from "./reachability.ts";
import { collectRewrites } from "./rewrites.ts";
import { isStash } from "./stash-shape.ts";

/** Reads what verdicts on these commits need: what may have replaced them, changes, patches. */
export async function gatherFacts(observation: Observation, commits: readonly Commit[]): Promise<Facts> {
  const { repository, entries, roots, namings, unreachable } = observation;
  const { git } = repository;
  const lost = new Map(unreachable.map((commit) => [commit.sha, commit]));
  const replacements = await listReplacements(observation, commits, lost);
  const authors = new Set(commits.map(authorKey));
  // A merge shows what it brought, which is others' work; a live stash shows what was put into it.
  const held = new Set(roots.held);
  const comparable = replacements.filter(
    (commit) => commit.parents.length < 2 || authors.has(authorKey(commit)) || held.has(commit.sha),
  );
  const changes = await readChangesOf(git, commits, comparable, lost);
  const known = new Map([...lost, ...replacements.map((commit) => [commit.sha, commit] as const)]);
  const facts: Facts = {
    ...{ commits, unreachable, replacements, namings, ...changes },
    rewrites: collectRewrites(entries, lost, known),
    patches: new Map<string, Patch>(),
    heldByHead: reachedFrom(roots.heads, unreachable),
  };
  const wanted = [...patchesWanted(facts)];
  const read = await readPatches(
    git,
    wanted.map(([, request]) => request),
  );
  return { ...facts, patches: new Map(read.map((patch, i) => [wanted[i]?.[0] ?? "", patch])) };
}

async function listReplacements(
  { repository, sources, roots, holding, namings, objectTimes }: Observation,
  commits: readonly Commit[],
  lost: ReadonlyMap<string, Commit>,
): Promise<Commit[]> {
  const since = replacementsSince(commits, namings, objectTimes);
  const recent = await listRecent(repository.git, since, roots, holding);
  const listed = new Set(recent.map(({ sha }) => sha));
  // Whoever amends, rebases or picks leaves the new commit in a log: these count also when their dates lie.
  const named = sources.candidates.filter((sha) => (namings.get(sha)?.last ?? 0) >= since && !lost.has(sha));
  const others = await listNamed(
    repository.git,
    named.filter((sha) => !listed.has(sha)),
  );
  return [...recent, ...others].filter(({ sha }) => !lost.has(sha));
}

async function readChangesOf(
  git: Git,
  commits: readonly Commit[],
  replacements: readonly Commit[],
  lost: ReadonlyMap<string, Commit>,
): Promise<{ changes: Map<string, readonly FileChange[]>; untracked: Map<string, readonly FileChange[]> }> {
  // A merge shows nothing by itself: it is compared with the branch that it was made on.
  const request = ({ sha, parents }: Commit): DiffRequest =>
    parents.length > 1 ? { commit: sha, against: parents.slice(0, 1) } : { commit: sha };
  const stashes = commits.filter((commit) => isStash(commit, lost));
  const asked = new Map(commits.map((commit) => [commit.sha, request(commit)]));
  for (const part of stashes.flatMap(({ parents }) => parents.slice(1))) asked.set(part, { commit: part });
  const own = await readChanges(git, [...asked.values()]);
  const paths = [...new Set(own.flat().map(({ path }) => path))];
  const theirs = paths.length === 0 ? [] : await readChanges(git, replacements.map(request), paths);
  const compared = [...asked.keys(), ...(paths.length === 0 ? [] : replacements.map(({ sha }) => sha))];
  const changes = new Map([...own, ...theirs].map((found, i) => [compared[i] ?? "", found]));
  const untracked = stashes.flatMap(({ sha, parents: [, , third] }) =>
    third === undefined ? [] : [[sha, changes.get(third) ?? []] as const],
  );
  return { changes, untracked: new Map(untracked) };
}
