import { findObjects, listAllCommits, listLooseObjects, looseObjectTime } from "../git/objects.ts";
import type { Reflogs } from "../git/reflogs.ts";
import type { Repository } from "../git/repository.ts";

/** Everything that may turn out to be a lost commit. */
export interface Sources {
  /** Commits to look at: both sides of every reflog entry, and commits that no log names. */
  readonly candidates: readonly string[];
  /** Names in a reflog whose objects are no longer there. */
  readonly gone: readonly string[];
}

/**
 * Gathers candidates in one process, however many there are.
 * @param deep look at packed objects as well as loose ones for commits that no log names
 */
export async function readSources(repository: Repository, reflogs: Reflogs, deep: boolean): Promise<Sources> {
  const sides = reflogs.entries.flatMap(({ before, after }) => [before, after]).filter((sha) => sha !== null);
  const logged = new Set([...sides, ...reflogs.undated]);
  const loose = deep ? [] : (await listLooseObjects(repository.commonDir)).filter((sha) => !logged.has(sha));
  const found = await findObjects(repository.git, [...logged, ...loose]);
  const commits = found.filter(({ type }) => type === "commit").map(({ sha }) => sha);
  const others = deep ? await listAllCommits(repository.git) : [];
  return {
    candidates: [...new Set([...commits, ...others])],
    // A loose object that vanished in between was never named by anyone.
    gone: found.filter(({ name, type }) => type === null && logged.has(name)).map(({ name }) => name),
  };
}

/** When each of these commits' objects was written, in seconds; what is packed has no time of its own. */
export async function readObjectTimes(commonDir: string, shas: readonly string[]): Promise<Map<string, number>> {
  const times = await Promise.all(shas.map(async (sha) => [sha, await looseObjectTime(commonDir, sha)] as const));
  return new Map(times.flatMap(([sha, time]) => (time === null ? [] : [[sha, time] as const])));
}
