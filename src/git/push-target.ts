/** git's own rules for remotes, and for where a branch comes from and goes to; all of it read from its configuration. Pure. */
import { type BranchName, isBranchName } from "../domain/names.ts";
import { HEADS } from "../domain/ref-names.ts";
import type { ConfigValue } from "./config-values.ts";

/** A remote with its addresses, as git itself would use them. */
export interface Remote {
  readonly name: string;
  readonly fetchUrl: string;
  readonly pushUrl: string;
}

/** A branch on a remote, which may be given by name or by URL. */
export interface RemoteBranch {
  readonly remote: string;
  readonly branch: BranchName;
}

type Config = readonly ConfigValue[];

const settingOf = (config: Config, key: string): string | null =>
  config.findLast((entry) => entry.key === key)?.value ?? null;

/** Every configured remote that has an address. */
export function listRemotes(config: Config): Remote[] {
  const names = new Set<string>();
  for (const { key } of config) {
    const [, name] = /^remote\.(.+)\.url$/s.exec(key) ?? [];
    if (name !== undefined) names.add(name);
  }
  return [...names].map((name) => findRemote(config, name));
}

/** A remote by its name, or by its URL where it has no name: `branch.<b>.remote` may hold either. */
export function findRemote(config: Config, remote: string): Remote {
  // The first address is the one that is fetched from; git pushes to all of them, the first is as good as any.
  const url = config.find((entry) => entry.key === `remote.${remote}.url`)?.value ?? remote;
  const push = config.find((entry) => entry.key === `remote.${remote}.pushurl`)?.value ?? null;
  const fetchUrl = rewrite(config, url, "insteadof");
  if (push !== null) return { name: remote, fetchUrl, pushUrl: rewrite(config, push, "insteadof") };
  // `pushInsteadOf` holds only where no `pushurl` is set, and takes the address as it is written.
  const pushUrl = rewrite(config, url, "pushinsteadof");
  return { name: remote, fetchUrl, pushUrl: pushUrl === url ? fetchUrl : pushUrl };
}

/** `url.<base>.insteadOf`: the longest match wins. */
function rewrite(config: Config, url: string, kind: "insteadof" | "pushinsteadof"): string {
  let best: { base: string; length: number } | null = null;
  for (const { key, value } of config) {
    if (!key.startsWith("url.") || !key.endsWith(`.${kind}`) || !url.startsWith(value)) continue;
    const base = key.slice("url.".length, -`.${kind}`.length);
    if (best === null || value.length > best.length) best = { base, length: value.length };
  }
  return best === null ? url : best.base + url.slice(best.length);
}

/** What a branch tracks: a branch, or a pull request's head as `gh pr checkout` sets it up. Null where it tracks nothing of a remote. */
export function upstreamOf(
  config: Config,
  branch: BranchName,
): (RemoteBranch | { remote: string; pull: number }) | null {
  const remote = settingOf(config, `branch.${branch}.remote`);
  const merge = settingOf(config, `branch.${branch}.merge`);
  if (remote === null || merge === null || remote === ".") return null;
  const [, pull] = /^refs\/pull\/([1-9]\d{0,9})\/head$/.exec(merge) ?? [];
  if (pull !== undefined) return { remote, pull: Number(pull) };
  const name = merge.startsWith(HEADS) ? merge.slice(HEADS.length) : "";
  return isBranchName(name) ? { remote, branch: name } : null;
}

/** The remote that a branch is pushed to. @param tracked the remote of its upstream, where that is more than what it was cut from */
export function pushRemoteOf(config: Config, branch: BranchName, tracked: string | null, fallback: string): string {
  return (
    settingOf(config, `branch.${branch}.pushremote`) ??
    settingOf(config, "remote.pushdefault") ??
    tracked ??
    (settingOf(config, "remote.origin.url") === null ? fallback : "origin")
  );
}

/**
 * Where `git push` would push a branch to: `@{push}`. Null where git would not know, or refuse: with `push.default=simple`
 * a branch whose upstream has another name, say.
 */
export function pushDestination(config: Config, branch: BranchName, remote: string): RemoteBranch | null {
  const mapped = byRefspec(config, branch, remote);
  if (mapped !== null) return { remote, branch: mapped };
  const upstream = upstreamOf(config, branch);
  const tracked = upstream !== null && "branch" in upstream && upstream.remote === remote ? upstream.branch : null;
  switch ((settingOf(config, "push.default") ?? "simple").toLowerCase()) {
    case "nothing":
      return null;
    case "upstream":
    case "tracking":
      return tracked === null ? null : { remote, branch: tracked };
    case "simple":
      return tracked === null || tracked === branch ? { remote, branch } : null;
    default:
      return { remote, branch };
  }
}

/** `remote.<name>.push` comes before `push.default`. */
function byRefspec(config: Config, branch: BranchName, remote: string): BranchName | null {
  for (const { key, value } of config) {
    if (key !== `remote.${remote}.push`) continue;
    const [source = "", target = source] = value.replace(/^\+/, "").split(":");
    const found = mapRef(HEADS + branch, source.startsWith("refs/") ? source : HEADS + source, target);
    const name = (found ?? "").startsWith(HEADS) ? (found ?? "").slice(HEADS.length) : found;
    if (name !== null && isBranchName(name)) return name;
  }
  return null;
}

function mapRef(ref: string, source: string, target: string): string | null {
  if (source === ref) return target === "" ? null : target;
  const [before, after] = source.split("*");
  if (before === undefined || after === undefined) return null;
  if (!ref.startsWith(before) || !ref.endsWith(after) || ref.length < before.length + after.length) return null;
  return target.replace("*", ref.slice(before.length, ref.length - after.length));
}

/** Local branches that the configuration speaks of. */
export function configuredBranches(config: Config): BranchName[] {
  const names = config.flatMap(({ key }) => /^branch\.(.+)\.(?:merge|remote|pushremote)$/s.exec(key)?.[1] ?? []);
  return [...new Set(names)].filter(isBranchName);
}
