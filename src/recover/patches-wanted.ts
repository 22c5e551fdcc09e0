import type { DiffRequest } from "../domain/history.ts";
import { type Facts, pathKey } from "./facts.ts";
import { authorKey, createLookup } from "./lookup.ts";
import { listRanges, rangeKey, squashCandidates } from "./squash.ts";

/**
 * The diffs that the verdicts need, by the key under which the facts hold them. Reading the patch of every
 * reachable commit would be slow; only those that can match are asked for. Pure.
 */
export function patchesWanted(facts: Facts): Map<string, DiffRequest> {
  const lookup = createLookup(facts);
  const wanted = new Map<string, DiffRequest>();
  const want = (commit: string) => wanted.set(commit, { commit });
  for (const commit of facts.commits) {
    want(commit.sha);
    const paths = pathKey(lookup.changesOf(commit.sha));
    const alike = [lookup.byPaths.get(paths), lookup.byAuthor.get(authorKey(commit)), lookup.amendsOf(commit.sha)];
    for (const other of alike.flatMap((found) => found ?? [])) want(other.sha);
  }
  for (const range of listRanges(facts, lookup)) {
    const key = rangeKey(range);
    const [base] = range.members[0]?.parents ?? [];
    const candidates = squashCandidates(range, lookup);
    if (key === null || base === undefined || candidates.length === 0) continue;
    wanted.set(key, { commit: range.tip.sha, against: [base] });
    for (const { sha } of candidates) want(sha);
  }
  return wanted;
}
