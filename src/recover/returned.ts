import type { Commit, FileChange, LineRun } from "../domain/history.ts";
import { type FileContent, fileKey } from "../git/objects.ts";
import { type Facts, type Missing, partsByPath, type Verdict } from "./facts.ts";
import { changeKey, type Lookup } from "./lookup.ts";

/** Of a path's later commits, so many are asked whether they hold what another lacks. */
const MOST_HOLDERS = 8;

/** A file to be looked at: in a commit that may hold what another one dropped. */
export interface FileRequest {
  readonly commit: string;
  readonly path: string;
}

/** Paths of a superseded commit whose change its replacement does not have, or not so. Pure. */
export function listNotReturned(commit: Commit, by: string, facts: Facts, lookup: Lookup): string[] {
  const theirs = new Map(lookup.changesOf(by).map((change) => [change.path, change]));
  const [mine, parts] = [partsByPath(facts.patches.get(commit.sha)), partsByPath(facts.patches.get(by))];
  return lookup.changesOf(commit.sha).flatMap(({ path, after }) => {
    if (theirs.get(path)?.after === after) return [];
    const own = mine.get(path)?.digest;
    return own !== undefined && own === parts.get(path)?.digest ? [] : [path];
  });
}

/**
 * What of a superseded commit is neither in its replacement nor, as far as changes tell, elsewhere: whole files, and runs of
 * lines in whose place the replacement has nothing. Lines that were edited did come back. Pure.
 */
export function listMissing(
  commit: Commit,
  by: string,
  notReturned: readonly string[],
  facts: Facts,
  lookup: Lookup,
): Missing[] {
  const wanted = new Set(notReturned);
  const byHand = facts.rewrites.amends.has(commit.sha);
  const theirs = new Map(lookup.changesOf(by).map((change) => [change.path, change]));
  const [mine, parts] = [partsByPath(facts.patches.get(commit.sha)), partsByPath(facts.patches.get(by))];
  return lookup.changesOf(commit.sha).flatMap((change): Missing[] => {
    const { path } = change;
    if (!wanted.has(path) || addsNothing(change, mine.get(path)?.runs) || isElsewhere(commit, change, lookup))
      return [];
    if (!theirs.has(path)) return [{ path, hunk: null, alarm: true }];
    const there = parts.get(path)?.runs ?? [];
    return (mine.get(path)?.runs ?? [])
      .filter((run) => saysSomething(run) && !there.some((other) => isCounterpart(run, other)))
      .map(({ line, added }) => ({
        path,
        hunk: { line, lines: added.length, text: firstWords(added) },
        alarm: !byHand,
      }));
  });
}

/** Taking something away, or changing a file's mode, leaves nothing that could be lost. */
function addsNothing({ before, after }: FileChange, runs: readonly LineRun[] | undefined): boolean {
  if (after === null) return true;
  if (before?.split(":")[1] === after.split(":")[1]) return true;
  return before !== null && runs !== undefined && runs.length > 0 && runs.every(({ added }) => added.length === 0);
}

/** Whether some commit that stands gave the path or another one the same content. */
function isElsewhere(commit: Commit, change: FileChange, lookup: Lookup): boolean {
  const holds = ({ sha }: Commit) => sha !== commit.sha && lookup.stands(sha);
  if ((lookup.byChange.get(changeKey(change)) ?? []).some(holds)) return true;
  return (lookup.byBlob.get(change.after ?? "") ?? []).some(holds);
}

function saysSomething({ added }: LineRun): boolean {
  return added.some((line) => /\w/.test(line));
}

function firstWords(lines: readonly string[]): string {
  return (lines.find((line) => /\w/.test(line)) ?? "").trim();
}

/** Whether one run of lines took the place of another: it shares a line with it, or stands between the same neighbours. */
function isCounterpart(run: LineRun, other: LineRun): boolean {
  const words = (lines: readonly string[]) => lines.map((line) => line.trim()).filter((line) => /\w/.test(line));
  const shares = (mine: readonly string[], theirs: readonly string[]) => {
    const set = new Set(words(theirs));
    return words(mine).some((line) => set.has(line));
  };
  if (shares(run.added, other.added) || shares(run.removed, other.removed)) return true;
  const same = (a: string, b: string) => a.trim() === b.trim();
  return same(run.above, other.above) && same(run.below, other.below);
}

/** Which files tell whether what seems missing is there all the same: inherited from a base, or in a later commit. Pure. */
export function filesToAsk(verdicts: readonly Verdict[], lookup: Lookup): FileRequest[] {
  return verdicts.flatMap(({ missing, replacedBy }) =>
    missing.flatMap(({ path }) => (path.includes("\n") ? [] : holdersOf(path, replacedBy, lookup))),
  );
}

function holdersOf(path: string, replacedBy: string | null, lookup: Lookup): FileRequest[] {
  const later = (lookup.byPath.get(path) ?? []).filter(({ sha }) => lookup.stands(sha)).slice(0, MOST_HOLDERS);
  const commits = new Set([...(replacedBy === null ? [] : [replacedBy]), ...later.map(({ sha }) => sha)]);
  return [...commits].map((commit) => ({ commit, path }));
}

/**
 * Takes back what the files show to be there. Pure.
 * @param given by replacement: the content that it gave to paths of whatever name
 */
export function settleMissing(
  verdicts: readonly Verdict[],
  files: ReadonlyMap<string, FileContent>,
  given: ReadonlyMap<string, ReadonlySet<string>>,
  facts: Facts,
  lookup: Lookup,
): Verdict[] {
  return verdicts.map((verdict) => {
    if (verdict.missing.length === 0) return verdict;
    const blobs = new Map(lookup.changesOf(verdict.sha).map(({ path, after }) => [path, after?.split(":")[1]]));
    const parts = partsByPath(facts.patches.get(verdict.sha));
    const missing = verdict.missing.filter(({ path, hunk }) => {
      if (hunk === null && given.get(verdict.replacedBy ?? "")?.has(blobs.get(path) ?? "")) return false;
      const runs = (parts.get(path)?.runs ?? []).filter((run) => hunk === null || run.line === hunk.line);
      return !holdersOf(path, verdict.replacedBy, lookup).some(({ commit }) => {
        const file = files.get(fileKey(commit, path));
        if (file === undefined) return false;
        return file.sha === blobs.get(path) || holdsAll(file.text, runs);
      });
    });
    return { ...verdict, missing };
  });
}

function holdsAll(text: string, runs: readonly LineRun[]): boolean {
  const telling = runs.filter(saysSomething);
  return telling.length > 0 && telling.every(({ added }) => `\n${text}\n`.includes(`\n${added.join("\n")}\n`));
}
