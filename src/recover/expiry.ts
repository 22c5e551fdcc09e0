import type { ConfigValue } from "../git/config-values.ts";
import type { Git } from "../git/git.ts";

const DAY_SECONDS = 86_400;

/** How long `git gc` keeps what no ref reaches, in seconds; null for ever. */
export interface Lifetimes {
  /** An entry in a reflog. */
  readonly logged: number | null;
  /** An object that no reflog names, from when it was written. */
  readonly unlogged: number | null;
}

/**
 * Reads the clone's settings (https://git-scm.com/docs/git-gc#_configuration); git's defaults are 30 days and
 * two weeks. Settings for single refs (`gc.<pattern>.…`) are not looked at.
 * @param now seconds since 1970
 */
export async function readLifetimes(git: Git, config: readonly ConfigValue[], now: number): Promise<Lifetimes> {
  const read = (key: string, fallback: number) => {
    // Only git can read what stands there; where nothing does, it need not be started.
    const isSet = config.some((value) => value.key === key.toLowerCase());
    return isSet ? readLifetime(git, key, fallback, now) : fallback;
  };
  const [logged, unlogged] = await Promise.all([
    read("gc.reflogExpireUnreachable", 30 * DAY_SECONDS),
    read("gc.pruneExpire", 14 * DAY_SECONDS),
  ]);
  return { logged, unlogged };
}

async function readLifetime(git: Git, key: string, fallback: number, now: number): Promise<number | null> {
  // git turns "3 weeks ago" and the like into the moment before which things expire; 0 stands for never.
  const read = await git.run(["config", "--type=expiry-date", "--get", key], { allow: [1] });
  if (read.exitCode === 1) return fallback;
  const moment = Number(read.stdout.trim());
  return moment === 0 ? null : Math.max(0, now - moment);
}

/**
 * When `git gc` may delete a commit, in seconds since 1970; null for never or not known. Pure.
 * @param named when a log last named it; @param written when its object was written
 */
export function expiresAt(lifetimes: Lifetimes, named: number | undefined, written: number | undefined): number | null {
  const [start, lifetime] = named === undefined ? [written, lifetimes.unlogged] : [named, lifetimes.logged];
  return start === undefined || lifetime === null ? null : start + lifetime;
}
