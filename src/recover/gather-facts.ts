import type { Commit, DiffRequest, FileChange, Patch } from "../domain/history.ts";
import { readChanges, readPatches } from "../git/changes.ts";
import type { Repository } from "../git/repository.ts";
import type { Facts } from "./facts.ts";
import { authorKey } from "./lookup.ts";
import { replacementsSince } from "./naming.ts";
import type { Observation } from "./observation.ts";
import { patchesWanted } from "./patches-wanted.ts";
import { listReplacements, reachedFrom } from "./reachability.ts";

/** Reads what verdicts on these commits need: what may have replaced them, changes, patches. */
export async function gatherFacts(observation: Observation, commits: readonly Commit[]): Promise<Facts> {
  const { repository, entries, sources, roots, namings, unreachable, objectTimes } = observation;
  const { git } = repository;
  const lost = new Set(unreachable.map(({ sha }) => sha));
  const since = replacementsSince(commits, namings, objectTimes);
  // Whoever amends, rebases or picks leaves the new commit in a log: these count also when their dates lie.
  const named = sources.candidates.filter((sha) => !lost.has(sha) && (namings.get(sha)?.last ?? 0) >= since);
  const { recent, others } = await listReplacements(git, since, named, roots);
  const replacements = [...recent, ...others];
  const authors = new Set(commits.map(authorKey));
  const comparable = replacements.filter((commit) => commit.parents.length < 2 || authors.has(authorKey(commit)));
  const changes = await readChangesOf(repository, commits, comparable);
  const amends = entries.flatMap(({ before, after, message }) =>
    before !== null && after !== null && message.startsWith("commit (amend)") ? [[before, after] as const] : [],
  );
  const heldByHead = reachedFrom(roots.heads, unreachable);
  const patches = new Map<string, Patch>();
  const facts: Facts = {
    ...{ commits, unreachable, replacements, replacementsInOrder: recent.length },
    ...{ namings, amends, changes, patches, heldByHead },
  };
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
  const compared = [...commits, ...(paths.length === 0 ? [] : replacements)];
  return new Map([...own, ...theirs].map((changes, i) => [compared[i]?.sha ?? "", changes]));
}
