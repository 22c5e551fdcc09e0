import type { ConfigValue } from "../git/config-values.ts";
import { type FoundObject, findObjects, listAllObjects, listLooseObjects, looseObjectTime } from "../git/objects.ts";
import { listPacks, type Pack, type PackIndex, readPackIndex } from "../git/packs.ts";
import type { Reflogs } from "../git/reflogs.ts";
import type { Repository } from "../git/repository.ts";

/** Everything that may turn out to be a lost commit. */
export interface Sources {
  /** Commits to look at: both sides of every reflog entry, and commits that no log names. */
  readonly candidates: readonly string[];
  /** Names in a reflog whose objects are no longer there. */
  readonly gone: readonly string[];
  /** Loose blobs and trees. */
  readonly looseBlobs: readonly string[];
  readonly looseTrees: readonly string[];
  /** The packs that were looked into. */
  readonly packs: readonly PackIndex[];
  /** Packed objects that were not looked at, because there are too many of them. */
  readonly unread: number;
}

export interface SourceOptions {
  /** Seconds since 1970: what was written before is of no interest. */
  readonly from: number;
  /** Look into every pack, however large. */
  readonly deep: boolean;
}

/** So many packed objects are read without being asked for: fewer milliseconds than git takes to start a few times. */
const CHEAP_OBJECTS = 60_000;

/** Gathers candidates in two processes, however many there are. */
export async function readSources(
  repository: Repository,
  reflogs: Reflogs,
  config: readonly ConfigValue[],
  options: SourceOptions,
): Promise<Sources> {
  const { git, commonDir } = repository;
  const sides = reflogs.entries.flatMap(({ before, after }) => [before, after]).filter((sha) => sha !== null);
  const logged = new Set([...sides, ...reflogs.undated]);
  const naming = findObjects(git, [...logged]);
  const [loose, packed] = await Promise.all([listLooseObjects(commonDir), choosePacks(commonDir, config, options)]);
  const lying = new Set(loose);
  const packs = (await Promise.all(packed.chosen)).filter((pack) => pack !== null);
  // Asking for every object is quicker than asking for each by its name.
  const found = options.deep
    ? await listAllObjects(git, (type, sha) => type === "commit" || lying.has(sha))
    : await findObjects(git, unlogged(loose, packs, logged));
  const named = await naming;
  const commits = found.filter(({ sha, type }) => type === "commit" && !logged.has(sha)).map(({ sha }) => sha);
  return {
    candidates: [...named.filter(({ type }) => type === "commit").map(({ sha }) => sha), ...commits],
    gone: named.filter(({ type }) => type === null).map(({ name }) => name),
    looseBlobs: namesOf(found, "blob", lying),
    looseTrees: namesOf(found, "tree", lying),
    packs,
    unread: packed.unread,
  };
}

function unlogged(loose: readonly string[], packs: readonly PackIndex[], logged: ReadonlySet<string>): string[] {
  const names = new Set([...loose, ...packs.flatMap((pack) => pack.names())]);
  return [...names].filter((sha) => !logged.has(sha));
}

function namesOf(found: readonly FoundObject[], wanted: string, among: ReadonlySet<string>): string[] {
  return found.filter(({ sha, type }) => type === wanted && among.has(sha)).map(({ sha }) => sha);
}

/** A pack that was written before the window holds nothing that was written in it. */
async function choosePacks(
  commonDir: string,
  config: readonly ConfigValue[],
  { from, deep }: SourceOptions,
): Promise<{ chosen: Promise<PackIndex | null>[]; unread: number }> {
  const sha256 = config.some(({ key, value }) => key === "extensions.objectformat" && value === "sha256");
  const wanted = (await listPacks(commonDir)).filter(({ writtenAt }) => writtenAt >= from);
  const chosen: Pack[] = [];
  let unread = 0;
  let budget = deep ? Number.POSITIVE_INFINITY : CHEAP_OBJECTS;
  for (const pack of wanted.sort((a, b) => a.objects - b.objects)) {
    if (pack.objects <= budget) chosen.push(pack);
    else unread += pack.objects;
    budget -= Math.min(budget, pack.objects);
  }
  return { chosen: chosen.map((pack) => readPackIndex(pack, sha256 ? 32 : 20)), unread };
}

/**
 * When each of these commits' objects was written, in seconds: for those that no log names. What lies in several places
 * was last of use when the youngest was written.
 */
export async function readObjectTimes(
  commonDir: string,
  packs: readonly PackIndex[],
  shas: readonly string[],
): Promise<Map<string, number>> {
  const times = shas.map(async (sha) => {
    const known = [await looseObjectTime(commonDir, sha), ...packs.map((pack) => pack.writtenAt(sha))];
    return [sha, Math.max(...known.map((time) => time ?? Number.NEGATIVE_INFINITY))] as const;
  });
  return new Map((await Promise.all(times)).filter(([, time]) => Number.isFinite(time)));
}
