import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import { trackingRef } from "../domain/ref-names.ts";
import type { RemoteRepository } from "../github/remote-url.ts";
import type { WiredRemote, Wiring } from "./wiring.ts";

/** The repository into which work is merged, and how this clone reaches it. */
export interface BasePlace {
  /** A remote's name; its URL where there is no remote for it. */
  readonly remote: string;
  readonly url: string;
  readonly repository: RemoteRepository;
  /** The ref in which its branches are tracked here. */
  readonly tracking: (branch: BranchName) => string;
}

/**
 * The repositories that may be the base, the likeliest first. A remote that was chosen (`bulkhead.remote`, or `gh repo
 * set-default`) is the only one; otherwise `upstream` comes before `origin`, and a remote that is the only one will do.
 * @throws BulkheadError `NO_REMOTE`, `NOT_A_GITHUB_REMOTE`
 */
export function basePlaces(wiring: Wiring, chosen: string | null): [BasePlace, ...BasePlace[]] {
  const resolved = wiring.config.findLast(
    ({ key, value }) => /^remote\..+\.gh-resolved$/s.test(key) && value === "base",
  );
  const name = chosen ?? resolved?.key.slice("remote.".length, -".gh-resolved".length) ?? null;
  if (name !== null) {
    const remote = wiring.remotes.find((one) => one.name === name);
    if (remote === undefined) throw new BulkheadError("NO_REMOTE", { remote: name });
    return [placeOf(remote)];
  }
  const usual = ["upstream", "origin"].flatMap((one) => wiring.remotes.find((remote) => remote.name === one) ?? []);
  const [best, ...rest] = usual.filter((remote) => remote.fetches !== null);
  if (best !== undefined) return [placeOf(best), ...rest.map(placeOf)];
  const [only, ...others] = usual.length > 0 ? usual : wiring.remotes;
  if (only === undefined || others.length > 0) throw new BulkheadError("NO_REMOTE", { remote: "origin" });
  return [placeOf(only)];
}

function placeOf({ name, fetchUrl, fetches }: WiredRemote): BasePlace {
  if (fetches === null) {
    throw new BulkheadError("NOT_A_GITHUB_REMOTE", { remote: name, url: withoutUser(fetchUrl) });
  }
  return { remote: name, url: fetchUrl, repository: fetches, tracking: (branch) => trackingRef(name, branch) };
}

/** The repository that a fork comes from, where no remote leads there: reached beside the fork's own address. */
export function parentPlace(fork: BasePlace, parent: string): BasePlace | null {
  const [owner, name] = parent.split("/");
  const own = `${fork.repository.owner}/${fork.repository.name}`;
  const at = fork.url.toLowerCase().lastIndexOf(own.toLowerCase());
  if (owner === undefined || name === undefined || at < 0) return null;
  const url = `${fork.url.slice(0, at)}${parent}${fork.url.slice(at + own.length)}`;
  return {
    remote: url,
    url,
    repository: { ...fork.repository, owner, name },
    tracking: (branch) => `refs/bulkhead/base/${owner}/${name}/${branch}`,
  };
}

/** A user and password in a URL are nobody's to see. */
function withoutUser(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/i, "$1");
}
