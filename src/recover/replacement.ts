import type { Commit, FileChange, LineRun, PatchPart } from "../domain/history.ts";
import { type Facts, partsByPath, shortSha } from "./facts.ts";
import { absorberCandidates, absorbs, authorKey, holdersOfAll, type Lookup, pick } from "./lookup.ts";
import { isLogged } from "./rewrites.ts";

/** A commit that holds another's work, and how that is known. */
export interface Replacement {
  readonly by: Commit;
  readonly reason: string;
}

/** What a reflog calls an act that makes a new commit out of an existing one. */
const REWRITES =
  /^(?:commit \((?:amend|cherry-pick)\)|cherry-pick|rebase|pull .*\((?:pick|reword|edit|fixup|squash|finish)|am\b)/;

/** Finds the commit that took over all that this one held; the surest evidence first. Pure. */
export function findReplacement(commit: Commit, facts: Facts, lookup: Lookup): Replacement | null {
  const patch = facts.patches.get(commit.sha)?.digest ?? "";
  const samePatch = (other: Commit) => patch !== "" && facts.patches.get(other.sha)?.digest === patch;
  const amended = pick(commit, lookup.amendsOf(commit.sha), lookup, (other) => overlaps(commit, other, lookup));
  if (amended !== null) {
    const evidence = samePatch(amended) ? "same patch" : "the reflog says so";
    return { by: amended, reason: `${describe(amended, facts)}: ${evidence}` };
  }
  const same = pick(commit, patch === "" ? [] : lookup.byPatch.get(patch), lookup);
  if (same !== null) return { by: same, reason: `${describe(same, facts)}: same patch` };
  const relatives = lookup.byAuthor.get(authorKey(commit));
  const copy = pick(commit, relatives, lookup, (other) => isCopy(commit, other, facts, lookup));
  if (copy !== null) return { by: copy, reason: `${describe(copy, facts)}: same author and date` };
  return findHolder(commit, relatives, facts, lookup);
}

/** A commit that was made by itself, and holds all of the work all the same. */
function findHolder(
  commit: Commit,
  relatives: readonly Commit[] | undefined,
  facts: Facts,
  lookup: Lookup,
): Replacement | null {
  const changes = lookup.changesOf(commit.sha);
  const absorbing = pick(commit, absorberCandidates(changes, lookup), lookup, (o) => absorbs(o, changes, lookup));
  if (absorbing !== null) return { by: absorbing, reason: `${shortSha(absorbing.sha)} holds the same content` };
  const isLater = (other: Commit) => other.commitTime >= commit.commitTime;
  const tree = pick(commit, lookup.byTree.get(commit.tree), lookup, isLater);
  if (tree !== null) return { by: tree, reason: `${shortSha(tree.sha)} holds the same tree` };
  const whole = pick(
    commit,
    relatives,
    lookup,
    (other) => other.subject === commit.subject && contains(other, commit, facts, lookup),
  );
  if (whole !== null)
    return { by: whole, reason: `${describe(whole, facts)}: same author and date, and all of the change` };
  const formatted = pick(commit, sameFirstPath(changes, lookup), lookup, (other) =>
    isFormatted(other, commit, facts, lookup),
  );
  if (formatted !== null) {
    return { by: formatted, reason: `${shortSha(formatted.sha)} makes the same change, white space aside` };
  }
  const [last, ...others] = holdersOfAll(commit, changes, lookup) ?? [];
  if (last === undefined) return null;
  const more = others.length === 1 ? "another commit" : `${others.length} other commits`;
  return { by: last, reason: `${shortSha(last.sha)} and ${more} hold the same content` };
}

function sameFirstPath(changes: readonly FileChange[], lookup: Lookup): readonly Commit[] {
  const lists = changes.map(({ path }) => lookup.byPath.get(path) ?? []);
  return lists.reduce((least, list) => (list.length < least.length ? list : least), lists[0] ?? []);
}

/**
 * Whether a rewriting act made the other commit out of this one, keeping author and date. Scripts and agents make several
 * commits in one second, so the date proves little: a log must say which commits were rewritten, or that the other one
 * was made by a rewriting act while no further commit can have been its origin. Then it may be changed.
 */
function isCopy(commit: Commit, other: Commit, facts: Facts, lookup: Lookup): boolean {
  if (!overlaps(commit, other, lookup)) return false;
  const origins = originsOf(other, facts, lookup);
  if (isLogged(other.sha, commit.sha, facts.rewrites)) {
    const logged = origins.filter(({ sha }) => isLogged(other.sha, sha, facts.rewrites));
    return isNearest(commit, other, logged, facts, lookup);
  }
  const birth = facts.namings.get(other.sha)?.birth?.message ?? "";
  if (!REWRITES.test(birth) || facts.rewrites.madeBy.has(other.sha)) return false;
  return (
    other.subject === commit.subject &&
    origins.every(
      ({ sha }) =>
        sha === commit.sha || isLogged(commit.sha, sha, facts.rewrites) || isLogged(sha, commit.sha, facts.rewrites),
    )
  );
}

/** Commits of the same author and date that stood before the other one. */
function originsOf(other: Commit, facts: Facts, lookup: Lookup): readonly Commit[] {
  const relatives = lookup.byAuthor.get(authorKey(other)) ?? [];
  return relatives
    .slice(0, 200)
    .filter((c) => c.sha !== other.sha && !isLogged(c.sha, other.sha, facts.rewrites) && lookup.mayReplace(other, c));
}

/** Whether none of the possible origins is more like the other commit than this one is. */
function isNearest(commit: Commit, other: Commit, origins: readonly Commit[], facts: Facts, lookup: Lookup): boolean {
  if (origins.length < 2) return true;
  const likeness = (origin: Commit) => {
    const same = facts.patches.get(origin.sha)?.digest === facts.patches.get(other.sha)?.digest ? 1_000_000 : 0;
    const subject = origin.subject === other.subject ? 1000 : 0;
    return same + subject + sharedRuns(origin, other, facts);
  };
  const mine = likeness(commit);
  return origins.every(
    (origin) => origin.sha === commit.sha || likeness(origin) <= mine || contains(other, commit, facts, lookup),
  );
}

function sharedRuns(a: Commit, b: Commit, facts: Facts): number {
  const parts = partsByPath(facts.patches.get(b.sha));
  let shared = 0;
  for (const [path, part] of partsByPath(facts.patches.get(a.sha))) {
    const there = new Set((parts.get(path)?.runs ?? []).map(runKey));
    shared += part.runs.filter((run) => there.has(runKey(run))).length;
  }
  return shared;
}

function runKey({ removed, added }: LineRun): string {
  return `${removed.join("\n")}\0${added.join("\n")}`;
}

function overlaps(commit: Commit, other: Commit, lookup: Lookup): boolean {
  const paths = new Set(lookup.changesOf(commit.sha).map(({ path }) => path));
  return lookup.changesOf(other.sha).some(({ path }) => paths.has(path));
}

/** Whether the other commit has every path of this one, and in each every run of lines. */
function contains(other: Commit, commit: Commit, facts: Facts, lookup: Lookup): boolean {
  const theirs = new Map(lookup.changesOf(other.sha).map((change) => [change.path, change]));
  const [mine, parts] = [partsByPath(facts.patches.get(commit.sha)), partsByPath(facts.patches.get(other.sha))];
  return lookup.changesOf(commit.sha).every(({ path, after }) => {
    const there = theirs.get(path);
    if (there === undefined) return false;
    if (there.after === after) return true;
    const [own, other] = [mine.get(path), parts.get(path)];
    if (own === undefined || other === undefined || own.runs.length === 0) return false;
    return own.digest === other.digest || own.runs.every((run) => holdsRun(other, run));
  });
}

function holdsRun(part: PatchPart, run: LineRun): boolean {
  return part.runs.some(({ removed, added }) => includesLines(added, run.added) && includesLines(removed, run.removed));
}

/** Whether some lines stand among others, one behind the other. */
function includesLines(lines: readonly string[], wanted: readonly string[]): boolean {
  return wanted.length === 0 || `\n${lines.join("\n")}\n`.includes(`\n${wanted.join("\n")}\n`);
}

/** Whether the other commit is this one, made again by the same author once it was formatted. */
function isFormatted(other: Commit, commit: Commit, facts: Facts, lookup: Lookup): boolean {
  if (other.authorEmail !== commit.authorEmail || other.commitTime < commit.commitTime) return false;
  const parts = partsByPath(facts.patches.get(other.sha));
  const mine = partsByPath(facts.patches.get(commit.sha));
  if (mine.size === 0 || mine.size !== lookup.changesOf(commit.sha).length) return false;
  return [...mine].every(([path, { spaceless }]) => spaceless !== "" && parts.get(path)?.spaceless === spaceless);
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
