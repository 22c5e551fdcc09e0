import type { Commit, ReflogEntry } from "../domain/history.ts";
import { expiresAt, type Lifetimes } from "./expiry.ts";
import type { Facts, Verdict } from "./facts.ts";
import type { Observation } from "./observation.ts";
import { reachedFrom } from "./reachability.ts";
import type { Stack } from "./stacks.ts";

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

/** Adds to each verdict what is known of the commit: what it changed, who lost it, until when it is kept. Pure. */
export function describeFindings(
  verdicts: readonly Verdict[],
  stacks: readonly Stack[],
  facts: Facts | null,
  observation: Observation,
  lifetimes: Lifetimes,
): Finding[] {
  const { namings, objectTimes, unreachable, seen, roots, worktrees } = observation;
  const paths = new Map(worktrees.map(({ id, path }) => [id, path]));
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
      lostBy: left === null ? null : { entry: left, worktree: paths.get(left.worktree) ?? "" },
      expiresAt: kept ? null : expiresAt(lifetimes, namings.get(sha)?.last, objectTimes.get(sha)),
      stack,
    };
  });
}
