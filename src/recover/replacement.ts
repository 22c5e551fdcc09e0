import type { Commit } from "../domain/history.ts";
import { type Facts, shortSha } from "./facts.ts";
import { absorbers, authorKey, type Lookup } from "./lookup.ts";

/** A commit that holds another's work, and how that is known. */
export interface Replacement {
  readonly by: Commit;
  readonly reason: string;
  readonly notReturned: readonly string[];
}

/** What a reflog calls an act that makes a new commit out of an existing one. */
const REWRITES =
  /^(?:commit \((?:amend|cherry-pick)\)|cherry-pick|rebase|pull .*\((?:pick|reword|edit|fixup|squash|finish)|am\b)/;
/** Those of them that may give it another subject. */
const NEW_SUBJECT = /\((?:amend|reword|edit|fixup|squash)\)/;
/** And one that makes a commit out of nothing but the index. */
const FRESH = /^commit(?: \((?:initial|merge)\))?:/;

/** Finds the commit that took over all that this one held; the surest evidence first. Pure. */
export function findReplacement(commit: Commit, facts: Facts, lookup: Lookup): Replacement | null {
  const patch = facts.patches.get(commit.sha)?.digest ?? "";
  const same = pick(commit, patch === "" ? [] : lookup.byPatch.get(patch), lookup);
  if (same !== null) return { by: same, reason: `${describe(same, facts)}: same patch`, notReturned: [] };
  const amended = lookup.amendsOf(commit.sha).filter((other) => overlaps(commit, other, lookup));
  const sameAuthor = (lookup.byAuthor.get(authorKey(commit)) ?? []).filter(
    (other) => keepsAuthorDate(commit, other, facts, lookup) && overlaps(commit, other, lookup),
  );
  const rewritten = pick(commit, [...amended, ...sameAuthor], lookup);
  if (rewritten !== null) {
    const notReturned = listNotReturned(commit, rewritten, facts, lookup);
    const evidence = amended.includes(rewritten) ? "the reflog says so" : "same author and date";
    return { by: rewritten, reason: `${describe(rewritten, facts)}: ${evidence}${edited(notReturned)}`, notReturned };
  }
  const absorbing = pick(commit, absorbers(lookup.changesOf(commit.sha), lookup), lookup);
  if (absorbing === null) return null;
  return { by: absorbing, reason: `${shortSha(absorbing.sha)} holds the same content`, notReturned: [] };
}

function pick(commit: Commit, candidates: readonly Commit[] | undefined, lookup: Lookup): Commit | null {
  return candidates?.find((other) => lookup.mayReplace(other, commit)) ?? null;
}

/**
 * Whether the other commit was made from this one, keeping its author date. Scripts and agents make several
 * commits in one second, so the date alone proves little: the log must show that the other was made from an existing
 * commit (or show nothing: it was fetched), under the same subject unless that act changes it, and its patch must not
 * be that of a third commit, whose rewritten form it then is.
 */
function keepsAuthorDate(commit: Commit, other: Commit, facts: Facts, lookup: Lookup): boolean {
  const birth = facts.namings.get(other.sha)?.birth?.message ?? "";
  if (FRESH.test(birth)) return false;
  if (other.subject !== commit.subject && !(REWRITES.test(birth) && NEW_SUBJECT.test(birth))) return false;
  const samePatch = lookup.byPatch.get(facts.patches.get(other.sha)?.digest ?? "") ?? [];
  return !samePatch.some(
    (third) => third.sha !== commit.sha && authorKey(third) === authorKey(other) && lookup.mayReplace(other, third),
  );
}

function overlaps(commit: Commit, other: Commit, lookup: Lookup): boolean {
  const paths = new Set(lookup.changesOf(commit.sha).map(({ path }) => path));
  return lookup.changesOf(other.sha).some(({ path }) => paths.has(path));
}

/** Paths of a commit whose change its edited form does not have, or not so. */
function listNotReturned(commit: Commit, other: Commit, facts: Facts, lookup: Lookup): string[] {
  const theirs = new Map(lookup.changesOf(other.sha).map((change) => [change.path, change]));
  const parts = new Set(facts.patches.get(other.sha)?.parts);
  const mine = lookup.changesOf(commit.sha);
  const myParts = facts.patches.get(commit.sha)?.parts ?? [];
  return mine.flatMap(({ path, after }, i) => {
    const there = theirs.get(path);
    if (there === undefined) return [path];
    // The parts stand in the order of the paths; where a path takes two parts, none can be told apart.
    const part = myParts.length === mine.length ? myParts[i] : undefined;
    return there.after === after || (part !== undefined && parts.has(part)) ? [] : [path];
  });
}

function edited(notReturned: readonly string[]): string {
  return notReturned.length === 0 ? "" : `, but edited: ${notReturned.join(", ")}`;
}

/** How the replacement came to be, in the words of the log that saw it made. */
function describe({ sha }: Commit, { namings }: Facts): string {
  const birth = namings.get(sha)?.birth?.message ?? "";
  const act = /^commit \(amend\)/.test(birth)
    ? "amended"
    : /^(?:rebase|pull .*\()/.test(birth)
      ? "rebased"
      : /cherry-pick/.test(birth)
        ? "cherry-picked"
        : "taken over";
  return `${act} as ${shortSha(sha)}`;
}
