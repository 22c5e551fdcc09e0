import type { BranchName } from "../domain/names.ts";
import type { ConfigValue } from "../git/config-values.ts";
import {
  configuredBranches,
  findRemote,
  listRemotes,
  pushDestination,
  pushRemoteOf,
  type Remote,
  upstreamOf,
} from "../git/push-target.ts";
import { isSameRepository, parseRemoteUrl, type RemoteRepository, sshHostOf } from "../github/remote-url.ts";

/** A remote, and the repositories that its addresses name: what is fetched may be another one than what is pushed to. */
export interface WiredRemote extends Remote {
  readonly fetches: RemoteRepository | null;
  readonly pushes: RemoteRepository | null;
}

/** Where a local branch may have its head: a branch of a repository, reached through a remote. */
export interface Head {
  readonly remote: string;
  readonly branch: BranchName;
  readonly repository: RemoteRepository;
}

/** Everything that git's configuration says about where branches come from and go to. */
export interface Wiring {
  readonly config: readonly ConfigValue[];
  readonly remotes: readonly WiredRemote[];
  /** A remote given by name or URL. */
  readonly remote: (nameOrUrl: string) => WiredRemote;
}

/** @param hostOf the host behind a name that ssh knows */
export async function readWiring(
  config: readonly ConfigValue[],
  apiUrl: string | undefined,
  hostOf: (sshHost: string) => Promise<string>,
): Promise<Wiring> {
  const given = config.flatMap(({ key, value }) => (/^branch\..+\.(remote|pushremote)$/s.test(key) ? [value] : []));
  const names = new Set(listRemotes(config).map(({ name }) => name));
  const all = [...names, ...given.filter((name) => !names.has(name) && name !== ".")].map((name) =>
    findRemote(config, name),
  );
  const asked = [
    ...new Set(all.flatMap(({ fetchUrl, pushUrl }) => [fetchUrl, pushUrl]).flatMap((url) => sshHostOf(url) ?? [])),
  ];
  const hosts = new Map(await Promise.all(asked.map(async (host) => [host, await hostOf(host)] as const)));
  const parse = (url: string) => parseRemoteUrl(url, apiUrl, (host) => hosts.get(host) ?? host);
  const wire = (remote: Remote): WiredRemote => ({
    ...remote,
    fetches: parse(remote.fetchUrl),
    pushes: parse(remote.pushUrl),
  });
  const wired = new Map(all.map((remote) => [remote.name, wire(remote)]));
  return {
    config,
    remotes: [...names].flatMap((name) => wired.get(name) ?? []),
    remote: (name) => wired.get(name) ?? wire(findRemote(config, name)),
  };
}

/**
 * Where a local branch's head may be, the likeliest first: where `git push` would put it, what it tracks, the branch of
 * its own name. Pure.
 * @param isBase whether a name is that of a base: a branch that was only cut from one tracks it, and is none of it
 * @param isLocal whether there is a local branch of a name: what has one of its own is not another's head
 */
export function headsOf(
  branch: BranchName,
  wiring: Wiring,
  fallback: string,
  isBase: (name: BranchName) => boolean,
  isLocal: (name: BranchName) => boolean,
): Head[] {
  const upstream = upstreamOf(wiring.config, branch);
  const tracked = upstream !== null && "branch" in upstream && !belongsToAnother(upstream.branch) ? upstream : null;
  const remote = pushRemoteOf(wiring.config, branch, tracked?.remote ?? null, fallback);
  const destination = pushDestination(wiring.config, branch, remote);
  const places = [
    destination !== null && belongsToAnother(destination.branch) ? null : destination,
    tracked,
    { remote, branch },
    ...(tracked === null || tracked.remote === remote ? [] : [{ remote: tracked.remote, branch }]),
  ];
  const heads: Head[] = [];
  for (const place of places) {
    const repository = place === null ? null : wiring.remote(place.remote).pushes;
    if (place === null || repository === null) continue;
    const known = heads.some((head) => head.branch === place.branch && isSameRepository(head.repository, repository));
    if (!known) heads.push({ ...place, repository });
  }
  return heads;

  function belongsToAnother(name: BranchName): boolean {
    return name !== branch && (isBase(name) || isLocal(name));
  }
}

/** Number of the pull request that a branch was made of, as `gh pr checkout` notes it. */
export function pullOf(branch: BranchName, { config }: Wiring): { remote: string; pull: number } | null {
  const upstream = upstreamOf(config, branch);
  return upstream !== null && "pull" in upstream ? upstream : null;
}

/** Local branches that may be another repository's or another name's head. */
export function wiredBranches({ config }: Wiring): BranchName[] {
  return configuredBranches(config);
}

/** The remote through which a repository is pushed to; null where none leads there. */
export function remoteFor(repository: RemoteRepository, { remotes }: Wiring): WiredRemote | null {
  return remotes.find(({ pushes }) => pushes !== null && isSameRepository(pushes, repository)) ?? null;
}
