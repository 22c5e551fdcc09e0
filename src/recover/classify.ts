import type { Commit } from "../domain/history.ts";
import { type Facts, shortSha, type Verdict, type VerdictKind } from "./facts.ts";
import { absorbers, createLookup, type Lookup } from "./lookup.ts";
import { findReplacement } from "./replacement.ts";
import { findSquash, listRanges, type Range } from "./squash.ts";
import { isStash, isStashPart } from "./stash-shape.ts";

/**
 * Judges every commit. What cannot be shown to be elsewhere is lost. Parts of stashes get no verdict. Pure:
 * same facts, same verdicts.
 */
export function classify(facts: Facts): Verdict[] {
  const lookup = createLookup(facts);
  const verdicts = new Map<string, Verdict>();
  const parts = new Set<string>();
  for (const commit of facts.commits) {
    if (!isStash(commit, lookup.bySha)) continue;
    for (const part of commit.parents.slice(1)) parts.add(part);
    verdicts.set(commit.sha, judgeStash(commit, lookup));
  }
  const work = facts.commits.filter((c) => !verdicts.has(c.sha) && !parts.has(c.sha) && !isStashPart(c));
  for (const commit of work) {
    const verdict = judgeAlone(commit, facts, lookup);
    if (verdict !== null) verdicts.set(commit.sha, verdict);
  }
  for (const range of listRanges(facts, lookup)) judgeTogether(range, facts, lookup, verdicts);
  for (const { sha } of work) if (!verdicts.has(sha)) verdicts.set(sha, judgeLeft(sha, facts));
  return facts.commits.flatMap(({ sha }) => {
    const verdict = verdicts.get(sha);
    return verdict === undefined ? [] : [{ ...verdict, replacedBy: lastReplacement(verdict, verdicts) }];
  });
}

function verdictOf(sha: string, verdict: VerdictKind, reason: string): Verdict {
  return { sha, verdict, reason, replacedBy: null, notReturned: [] };
}

function judgeStash(stash: Commit, lookup: Lookup): Verdict {
  const sameTree = lookup.byTree.get(stash.tree) ?? [];
  const changes = lookup.changesOf(stash.sha);
  const holder = [...sameTree, ...absorbers(changes, lookup)].find((other) => lookup.mayReplace(other, stash));
  // Untracked files are in the third parent only: no other commit's tree speaks for them.
  if (stash.parents.length === 2) {
    if (changes.length === 0) return verdictOf(stash.sha, "trivial", "dropped stash without changes");
    if (holder !== undefined) {
      const reason = `dropped stash; ${shortSha(holder.sha)} holds the same content`;
      return { ...verdictOf(stash.sha, "superseded", reason), replacedBy: holder.sha };
    }
  }
  return verdictOf(stash.sha, "stash", "dropped stash");
}

function judgeAlone(commit: Commit, facts: Facts, lookup: Lookup): Verdict | null {
  if (commit.parents.length > 1) {
    if (facts.patches.get(commit.sha)?.digest === "") return verdictOf(commit.sha, "trivial", "clean merge");
  } else if (lookup.changesOf(commit.sha).length === 0) {
    return verdictOf(commit.sha, "trivial", "empty commit");
  }
  const replacement = findReplacement(commit, facts, lookup);
  if (replacement === null) return null;
  const { by, reason, notReturned } = replacement;
  return { sha: commit.sha, verdict: "superseded", reason, replacedBy: by.sha, notReturned };
}

/** What squashing, or taking a change back again, explains about the commits of a run that are not yet explained. */
function judgeTogether(range: Range, facts: Facts, lookup: Lookup, verdicts: Map<string, Verdict>): void {
  const open = range.members.filter(({ sha }) => !verdicts.has(sha));
  if (open.length === 0) return;
  if (range.net.length === 0 && open.length === range.members.length) {
    for (const { sha } of open) verdicts.set(sha, verdictOf(sha, "trivial", "net-zero: undone by the commits on top"));
    return;
  }
  const squash = findSquash(range, facts, lookup);
  if (squash === null) return;
  const reason = `squashed into ${shortSha(squash.sha)}`;
  for (const { sha } of open) verdicts.set(sha, { ...verdictOf(sha, "superseded", reason), replacedBy: squash.sha });
}

function judgeLeft(sha: string, { heldByHead }: Facts): Verdict {
  if (heldByHead.has(sha)) return verdictOf(sha, "at_risk", "only the detached HEAD of a worktree holds it");
  return verdictOf(sha, "lost", "no ref reaches it, and no other commit has its changes");
}

/** Follows amends of amends to the commit that stands today. */
function lastReplacement(verdict: Verdict, verdicts: ReadonlyMap<string, Verdict>): string | null {
  const seen = new Set<string>();
  let last = verdict.replacedBy;
  for (let next = last; next !== null && !seen.has(next); next = verdicts.get(next)?.replacedBy ?? null) {
    seen.add(next);
    last = next;
  }
  return last;
}
