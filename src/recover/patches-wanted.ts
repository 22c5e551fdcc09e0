import type { Commit, DiffRequest } from "../domain/history.ts";
import { type Facts, pathKey } from "./facts.ts";
import { authorKey, createLookup, type Lookup } from "./lookup.ts";
import { listRanges, rangeKey, squashCandidates } from "./squash.ts";
import { isStash } from "./stash-shape.ts";

/**
 * The diffs that the verdicts need, by the key under which the facts hold them. Reading the patch of every
 * reachable commit would be slow; only those that can match are asked for. Pure.
 */
export function patchesWanted(facts: Facts): Map<string, DiffRequest> {
  const lookup = createLookup(facts);
  const wanted = new Map<string, DiffRequest>();
  const want = ({ sha }: Commit) => wanted.has(sha) || wanted.set(sha, { commit: sha });
  const asked = new Set<readonly Commit[]>();
  const wantAll = (group: readonly Commit[] | undefined) => {
    // Groups are shared by all their members: each is gone through once.
    if (group === undefined || asked.has(group)) return;
    asked.add(group);
    for (const other of group) want(other);
  };
  for (const commit of facts.commits) {
    if (isStash(commit, lookup.bySha)) {
      wanted.set(commit.sha, { commit: commit.sha, against: commit.parents.slice(0, 1) });
      continue;
    }
    want(commit);
    for (const other of lookup.amendsOf(commit.sha)) want(other);
    wantAll(lookup.byPaths.get(pathKey(lookup.changesOf(commit.sha))));
    wantAll(lookup.byAuthor.get(authorKey(commit)));
    wantFormatted(commit, lookup, want);
  }
  for (const range of listRanges(facts, lookup)) wantRange(range, lookup, wanted, want);
  for (const stash of facts.untracked.keys()) {
    const third = lookup.bySha.get(stash)?.parents[2];
    if (third !== undefined) wanted.set(third, { commit: third });
  }
  return wanted;
}

/** A commit that was made again, once it was formatted, has the same author and follows within an hour. */
const SOON_SECONDS = 3600;

function wantFormatted(commit: Commit, lookup: Lookup, want: (commit: Commit) => unknown): void {
  const [first] = lookup.changesOf(commit.sha);
  for (const other of (lookup.byPath.get(first?.path ?? "") ?? []).slice(0, 48)) {
    const after = other.commitTime - commit.commitTime;
    if (other.authorEmail === commit.authorEmail && after >= 0 && after <= SOON_SECONDS) want(other);
  }
}

function wantRange(
  range: ReturnType<typeof listRanges>[number],
  lookup: Lookup,
  wanted: Map<string, DiffRequest>,
  want: (commit: Commit) => unknown,
): void {
  const key = rangeKey(range);
  const [base] = range.members[0]?.parents ?? [];
  const candidates = squashCandidates(range, lookup);
  if (key === null || base === undefined || candidates.length === 0) return;
  wanted.set(key, { commit: range.tip.sha, against: [base] });
  for (const other of candidates) want(other);
}
