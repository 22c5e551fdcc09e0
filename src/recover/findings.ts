import { type Commit, type PatchPart, pathText, type ReflogEntry } from "../domain/history.ts";
import { expiresAt, type Lifetimes } from "./expiry.ts";
import type { Facts, Verdict } from "./facts.ts";
import type { Observation } from "./observation.ts";
import { reachedFrom } from "./reachability.ts";
import type { Stack } from "./stacks.ts";

/** The session that was at work where and when something was lost. */
export interface Worker {
  readonly session: string;
  readonly item: string | null;
}

/** Who was at work in a worktree at a time (seconds since 1970); null where nobody is known to have been. */
export type WhoWorked = (worktree: string, at: number) => Worker | null;

export interface LostBy {
  readonly entry: ReflogEntry;
  /** Path of the worktree where it happened. */
  readonly worktree: string;
  readonly worker: Worker | null;
}

/** What happened to one file. */
export interface FileStat {
  /** As people know it. */
  readonly path: string;
  readonly insertions: number;
  readonly deletions: number;
}

/** One commit that no ref reaches, with all that is known of it. */
export interface Finding extends Verdict {
  /** Null when the object is gone. */
  readonly commit: Commit | null;
  /** As people know them; of a stash, its untracked files too. */
  readonly paths: readonly string[];
  readonly insertions: number;
  readonly deletions: number;
  /** The same by files. */
  readonly stat: readonly FileStat[];
  /** Seconds since 1970; null when not known. */
  readonly lastSeen: number | null;
  /** The act that lost it, and the path of the worktree where that happened. */
  readonly lostBy: LostBy | null;
  /** When `git gc` may delete it, in seconds since 1970; null for never, or not known. */
  readonly expiresAt: number | null;
  /** The ref that had it, where a remote let go of it and a log says so. */
  readonly upstreamOf: string | null;
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
  whoWorked: WhoWorked,
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
    const commit = bySha.get(sha) ?? null;
    const untracked = facts?.untracked.get(sha) ?? [];
    const patches = [sha, ...(untracked.length > 0 ? [commit?.parents[2] ?? ""] : [])].map((of) =>
      facts?.patches.get(of),
    );
    const count = (side: "insertions" | "deletions") => patches.reduce((sum, patch) => sum + (patch?.[side] ?? 0), 0);
    const stack = stackOf.get(sha) ?? null;
    // Work went on from a commit below; what lost it is what lost the tip.
    const left = namings.get(stack ?? "")?.left ?? namings.get(sha)?.left ?? null;
    const kept = verdict.verdict === "at_risk" || rescued.has(sha) || observation.savedIn.has(sha);
    return {
      ...verdict,
      commit,
      paths: [...(facts?.changes.get(sha) ?? []), ...untracked].map(({ path }) => pathText(path)),
      notReturned: verdict.notReturned.map(pathText),
      missing: verdict.missing.map((part) => ({ ...part, path: pathText(part.path) })),
      insertions: count("insertions"),
      deletions: count("deletions"),
      stat: patches.flatMap((patch) => (patch?.parts ?? []).map(statOf)),
      upstreamOf: verdict.verdict === "upstream" ? (observation.provenance.upstream.get(sha) ?? null) : null,
      lastSeen: seen.get(sha) ?? namings.get(sha)?.last ?? null,
      lostBy: left === null ? null : tellLoss(left, paths.get(left.worktree) ?? "", whoWorked),
      expiresAt: kept ? null : expiresAt(lifetimes, namings.get(sha)?.last, objectTimes.get(sha)),
      stack,
    };
  });
}

function statOf({ path, runs }: PatchPart): FileStat {
  const count = (side: "added" | "removed") => runs.reduce((sum, run) => sum + run[side].length, 0);
  return { path: pathText(path), insertions: count("added"), deletions: count("removed") };
}

function tellLoss(entry: ReflogEntry, worktree: string, whoWorked: WhoWorked): LostBy {
  return { entry, worktree, worker: whoWorked(worktree, entry.at) };
}
