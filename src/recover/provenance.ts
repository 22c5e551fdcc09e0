import type { Commit, ReflogEntry } from "../domain/history.ts";

/** Whose unreachable commits are: made or pushed here, or only ever fetched. */
export interface Provenance {
  /** Came by fetch, went by fetch, and was never committed or pushed here. By commit: the ref that had it, if a log says. */
  readonly upstream: ReadonlyMap<string, string | null>;
}

export interface ProvenanceFacts {
  readonly entries: readonly ReflogEntry[];
  /** Children before parents. */
  readonly unreachable: readonly Commit[];
  /** Emails of everyone who moved a ref here, or is set up to commit here. */
  readonly identities: ReadonlySet<string>;
  readonly hasRemotes: boolean;
}

const FETCHED = /^(?:fetch|clone)\b|^pull\b.*: (?:fast-forward|forced-update|storing head)|^pull\b.*: Fast-forward/i;
const PUSHED = /^update by push/;
/** Acts that make commits. */
const COMMITTED = /^(?:commit|cherry-pick|revert|rebase|am|merge|pull)\b/;
/** Acts of theirs that only move to a commit which is there already. */
const MOVED = /\(start\)|\(abort\)|\(finish\)|checkout |Fast-forward|fast-forward/;

/**
 * Tells commits that only a remote lost from one's own. Whoever committed it here, or overwrote it by a push from here, makes
 * a commit one's own; so does a push before any fetch. What no log tells of is a stranger's only when neither its author nor
 * its committer ever worked in this clone. Acts that merely move (a checkout, a reset) tell nothing. Pure.
 */
export function tellProvenance(facts: ProvenanceFacts): Provenance {
  const bySha = new Map(facts.unreachable.map((commit) => [commit.sha, commit]));
  const fetchedBy = new Map<string, string>();
  const own = new Set<string>();
  const fetched = (tip: string, ref: string) =>
    walk(tip, bySha, (sha) => !own.has(sha) && !fetchedBy.has(sha) && fetchedBy.set(sha, ref).has(sha));
  // The sort is stable: lines of one log that share a second keep their order.
  for (const { ref, before, after, message } of [...facts.entries].sort((a, b) => a.at - b.at)) {
    if (PUSHED.test(message)) {
      if (after !== null) walk(after, bySha, (sha) => !own.has(sha) && !fetchedBy.has(sha) && own.add(sha).has(sha));
      if (before !== null) overwrite(before, after, bySha, own);
    } else if (ref.startsWith("refs/remotes/") || FETCHED.test(message)) {
      // The first line of a log that was cut: what it replaced had come the same way.
      if (before !== null && ref.startsWith("refs/remotes/")) fetched(before, ref);
      if (after !== null) fetched(after, ref);
    } else if (after !== null && COMMITTED.test(message) && !MOVED.test(message)) own.add(after);
  }
  const upstream = new Map<string, string | null>();
  for (const commit of facts.unreachable) {
    if (own.has(commit.sha)) continue;
    const ref = fetchedBy.get(commit.sha) ?? null;
    if (ref !== null || isStranger(commit, facts)) upstream.set(commit.sha, ref);
  }
  return { upstream };
}

/** A push from here that took commits off a remote makes their loss one's own. */
function overwrite(before: string, after: string | null, bySha: ReadonlyMap<string, Commit>, own: Set<string>): void {
  const kept = new Set<string>();
  if (after !== null) walk(after, bySha, (sha) => !kept.has(sha) && kept.add(sha).has(sha));
  const seen = new Set<string>();
  walk(before, bySha, (sha) => {
    if (seen.has(sha) || kept.has(sha)) return false;
    seen.add(sha);
    own.add(sha);
    return true;
  });
}

function isStranger({ authorEmail, committerEmail }: Commit, { identities, hasRemotes }: ProvenanceFacts): boolean {
  return hasRemotes && !identities.has(authorEmail) && !identities.has(committerEmail);
}

/** Visits a commit and what it stands on, as far as `visit` says to go on. */
function walk(tip: string, bySha: ReadonlyMap<string, Commit>, visit: (sha: string) => boolean): void {
  const open = [tip];
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    const commit = bySha.get(sha);
    if (commit === undefined || !visit(sha)) continue;
    for (const parent of commit.parents) open.push(parent);
  }
}
