import type { Commit, FileChange } from "../domain/history.ts";
import { type Facts, shortSha, type Verdict, type VerdictKind } from "./facts.ts";
import { absorberCandidates, absorbs, holdersOfAll, type Lookup, pick } from "./lookup.ts";
import { findReplacement } from "./replacement.ts";
import { listMissing, listNotReturned } from "./returned.ts";
import { findSquash, listRanges, type Range } from "./squash.ts";
import { isStash, isStashPart } from "./stash-shape.ts";
import { isToolBackup } from "./tool-backups.ts";

/**
 * Judges every commit. What cannot be shown to be elsewhere is lost. Parts of stashes get no verdict. Pure:
 * same facts, same verdicts.
 */
export function classify(facts: Facts, lookup: Lookup): Verdict[] {
  const verdicts = new Map<string, Verdict>();
  const parts = new Set<string>();
  for (const commit of facts.commits) {
    if (!isStash(commit, lookup.bySha)) continue;
    for (const part of commit.parents.slice(1)) parts.add(part);
    verdicts.set(commit.sha, judgeStash(commit, facts, lookup));
  }
  const work = facts.commits.filter((c) => !verdicts.has(c.sha) && !parts.has(c.sha) && !isStashPart(c));
  for (const commit of work) {
    const verdict = judgeAlone(commit, facts, lookup);
    if (verdict !== null) verdicts.set(commit.sha, verdict);
  }
  for (const range of listRanges(facts, lookup)) judgeTogether(range, facts, lookup, verdicts);
  for (const { sha } of work) if (!verdicts.has(sha)) verdicts.set(sha, judgeLeft(sha, facts));
  const last = createFollower(verdicts);
  return facts.commits.flatMap((commit) => {
    const verdict = verdicts.get(commit.sha);
    return verdict === undefined ? [] : [compared(commit, { ...verdict, replacedBy: last(verdict) }, facts, lookup)];
  });
}

function verdictOf(sha: string, verdict: VerdictKind, reason: string): Verdict {
  return { sha, verdict, reason, replacedBy: null, notReturned: [], missing: [] };
}

/** Evidence of one commit for one leaves room for what was edited; a squash or equal content leaves none. */
const EDITED = /: (?:the reflog says so|same author and date)$/;

function compared(commit: Commit, verdict: Verdict, facts: Facts, lookup: Lookup): Verdict {
  const { replacedBy: by } = verdict;
  if (verdict.verdict !== "superseded" || by === null || !EDITED.test(verdict.reason)) return verdict;
  const notReturned = listNotReturned(commit, by, facts, lookup);
  return { ...verdict, notReturned, missing: listMissing(commit, by, notReturned, facts, lookup) };
}

function judgeStash(stash: Commit, facts: Facts, lookup: Lookup): Verdict {
  const changes = [...lookup.changesOf(stash.sha), ...(facts.untracked.get(stash.sha) ?? [])];
  if (changes.length === 0) return verdictOf(stash.sha, "trivial", "dropped stash without changes");
  const holder = findHolder(stash, changes, lookup);
  if (holder !== null) {
    const reason = `dropped stash; ${shortSha(holder.sha)} holds the same content`;
    return { ...verdictOf(stash.sha, "superseded", reason), replacedBy: holder.sha };
  }
  if (isToolBackup(stash, facts, lookup)) return verdictOf(stash.sha, "backup", "made and dropped by a tool");
  return verdictOf(stash.sha, "stash", "dropped stash");
}

/** Untracked files are in the third parent only: no other commit's tree speaks for them. */
function findHolder(stash: Commit, changes: readonly FileChange[], lookup: Lookup): Commit | null {
  const isLater = (other: Commit) => other.commitTime >= stash.commitTime;
  const tree = stash.parents.length === 2 ? pick(stash, lookup.byTree.get(stash.tree), lookup, isLater) : null;
  if (tree !== null) return tree;
  const one = pick(stash, absorberCandidates(changes, lookup), lookup, (other) => absorbs(other, changes, lookup));
  if (one !== null) return one;
  return holdersOfAll(stash, changes, lookup, isLater)?.[0] ?? null;
}

function judgeAlone(commit: Commit, facts: Facts, lookup: Lookup): Verdict | null {
  if (commit.parents.length > 1) {
    if (facts.patches.get(commit.sha)?.digest === "") return verdictOf(commit.sha, "trivial", "clean merge");
  } else if (lookup.changesOf(commit.sha).length === 0) {
    return verdictOf(commit.sha, "trivial", "empty commit");
  }
  const replacement = findReplacement(commit, facts, lookup);
  if (replacement === null) return null;
  return { ...verdictOf(commit.sha, "superseded", replacement.reason), replacedBy: replacement.by.sha };
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

/** Follows amends of amends to the commit that stands today; each step is walked once, however long the chain. */
function createFollower(verdicts: ReadonlyMap<string, Verdict>): (verdict: Verdict) => string | null {
  const known = new Map<string, string>();
  return ({ replacedBy }) => {
    if (replacedBy === null) return null;
    const path: string[] = [];
    const seen = new Set<string>();
    let last = replacedBy;
    for (let next: string | null = replacedBy; next !== null && !seen.has(next); ) {
      seen.add(next);
      last = known.get(next) ?? next;
      if (known.has(next)) break;
      path.push(next);
      next = verdicts.get(next)?.replacedBy ?? null;
    }
    for (const sha of path) known.set(sha, last);
    return last;
  };
}
