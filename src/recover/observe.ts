import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Commit } from "../domain/history.ts";
import type { ConfigValue } from "../git/config-values.ts";
import { readReflogs } from "../git/reflogs.ts";
import { type ListedRef, listRefs } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import { type HoldingRefs, sortRefs } from "./holding-refs.ts";
import { collectNamings, lastSeen } from "./naming.ts";
import type { Observation } from "./observation.ts";
import { tellProvenance } from "./provenance.ts";
import { listUnreachable, reachedFrom } from "./reachability.ts";
import { listWorktreeDirectories, readRoots, type WorktreeDirectory } from "./roots.ts";
import { readObjectTimes, readSources, type SourceOptions } from "./sources.ts";

/** Refs that keep what only a removed worktree has, each named after its place in the trash. */
const TRASH = "refs/bulkhead/trash/";

/** Gathers what is there and what nothing reaches. Starts the same few processes however much there is. */
export async function observe(
  repository: Repository,
  options: SourceOptions,
  {
    env,
    config: readConfig,
    removed,
  }: {
    readonly env: NodeJS.ProcessEnv;
    readonly config: () => Promise<readonly ConfigValue[]>;
    readonly removed: readonly WorktreeDirectory[];
  },
): Promise<Observation> {
  const { git, commonDir } = repository;
  const [reflogs, standing, refs, config] = await Promise.all([
    readReflogs(repository, removed),
    listWorktreeDirectories(commonDir),
    listRefs(git),
    readConfig(),
  ]);
  const { entries } = reflogs;
  const holding = sortRefs(refs, config);
  const [sources, roots] = await Promise.all([
    readSources(repository, reflogs, config, options),
    readRoots(repository, standing, entries),
  ]);
  const trash = refs.filter(({ ref }) => ref.startsWith(TRASH));
  const candidates = [...sources.candidates, ...trash.map(({ sha }) => sha)];
  const listed = await listUnreachable(git, candidates, roots, holding);
  const namings = collectNamings(entries);
  const keptBy = tellKept(listed, holding);
  // Tools keep what they made themselves; what was committed on a branch or a HEAD is somebody's work all the same.
  const work = reachedFrom(
    listed.filter(({ sha }) => namings.get(sha)?.onBranch === true).map(({ sha }) => sha),
    listed,
  );
  const unreachable = listed.filter(({ sha }) => !keptBy.has(sha) || work.has(sha));
  const unnamed = unreachable.filter(({ sha }) => !namings.has(sha)).map(({ sha }) => sha);
  const objectTimes = await readObjectTimes(commonDir, sources.packs, unnamed);
  return {
    ...{
      repository,
      worktrees: [...standing, ...removed],
      config,
      refs,
      holding,
      entries,
      sources,
      roots,
      namings,
      objectTimes,
      unreachable,
      keptBy,
    },
    savedIn: tellSaved(listed, trash),
    seen: lastSeen(unreachable, namings, objectTimes),
    provenance: tellProvenance({
      ...{ entries, unreachable },
      identities: collectIdentities(entries, config, env),
      hasRemotes: config.some(({ key }) => key.startsWith("remote.")),
    }),
    shallow: existsSync(join(commonDir, "shallow")),
  };
}

/** What each removed worktree still has, by commit. */
function tellSaved(commits: readonly Commit[], trash: readonly ListedRef[]): Map<string, string> {
  const saved = new Map<string, string>();
  for (const { ref, sha } of trash) {
    for (const commit of reachedFrom([sha], commits))
      if (!saved.has(commit)) saved.set(commit, ref.slice(TRASH.length));
  }
  return saved;
}

function tellKept(commits: readonly Commit[], { unknown }: HoldingRefs): Map<string, string> {
  const refOf = new Map(unknown.map(({ ref, sha }) => [sha, ref]));
  for (const { sha, parents } of commits) {
    const ref = refOf.get(sha);
    if (ref !== undefined) for (const parent of parents) if (!refOf.has(parent)) refOf.set(parent, ref);
  }
  const listed = new Set(commits.map(({ sha }) => sha));
  return new Map([...refOf].filter(([sha]) => listed.has(sha)));
}

/** Emails of everyone who ever moved a ref here, or is set up to commit here. */
function collectIdentities(
  entries: Observation["entries"],
  config: readonly ConfigValue[],
  env: NodeJS.ProcessEnv,
): Set<string> {
  const configured = config
    .filter(({ key }) => /^(?:user|author|committer)\.email$/.test(key))
    .map(({ value }) => value);
  const given = [env.GIT_AUTHOR_EMAIL, env.GIT_COMMITTER_EMAIL, env.EMAIL].filter((email) => email !== undefined);
  const logged = new Set(entries.map(({ who }) => who));
  const moved = [...logged].map((who) => /<([^>]*)>$/.exec(who)?.[1] ?? "");
  return new Set([...configured, ...given, ...moved].filter((email) => email !== ""));
}
