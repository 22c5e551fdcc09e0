import { diffLines, type Replaced } from "../domain/line-diff.ts";
import { readChanges } from "../git/changes.ts";
import type { Git } from "../git/git.ts";
import { type FileContent, fileKey, readFilesAt } from "../git/objects.ts";

/** A merge that is thought through, not made. */
export interface TrialMerge {
  /** What both sides have in common. */
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** A merge beyond this many files is left unproven. */
const MOST_FILES = 500;

/**
 * Those of the merges that would leave ours as it is: for every path that theirs changed, ours has made the same change. git's
 * own `merge-tree` would say so too, but it freshens the times of objects that it meets, packs among them: by these times
 * `git gc`, and this scan, tell how old lost work is.
 */
export async function listNoOps(git: Git, merges: readonly TrialMerge[]): Promise<TrialMerge[]> {
  if (merges.length === 0) return [];
  const changes = await readChanges(
    git,
    merges.map(({ base, theirs }) => ({ commit: theirs, against: [base] })),
  );
  const paths = (i: number) => (changes[i] ?? []).map(({ path }) => path);
  const small = merges.flatMap((merge, i) => (paths(i).length > MOST_FILES ? [] : [{ merge, i }]));
  const wanted = small.flatMap(({ merge: { base, ours, theirs }, i }) =>
    paths(i).flatMap((path) => [base, ours, theirs].map((commit) => ({ commit, path }))),
  );
  // A path with a line feed cannot be asked for: what is unknown is a change.
  const files = await readFilesAt(
    git,
    wanted.filter(({ path }) => !path.includes("\n")),
  );
  return small.flatMap(({ merge, i }) => (paths(i).every((path) => isSame(merge, path, files)) ? [merge] : []));
}

function isSame({ base, ours, theirs }: TrialMerge, path: string, files: ReadonlyMap<string, FileContent>): boolean {
  if (path.includes("\n")) return false;
  const [before, mine, other] = [base, ours, theirs].map((commit) => files.get(fileKey(commit, path)));
  // Not a file there (a submodule, say), or deleted on their side.
  if (other === undefined) return before !== undefined && mine === undefined;
  if (mine === undefined) return false;
  if (mine.sha === other.sha) return true;
  if (before === undefined || [before, mine, other].some(({ text }) => text.includes("\0"))) return false;
  return holdsChange(before.text, mine.text, other.text);
}

/** Whether every change that theirs made to a text has been made in ours, in the same place. Pure. */
export function holdsChange(base: string, ours: string, theirs: string): boolean {
  const lines = base.split("\n");
  const [mine, other] = [diffLines(lines, ours.split("\n")), diffLines(lines, theirs.split("\n"))];
  if (mine === null || other === null) return false;
  return other.every((change) => mine.some((candidate) => covers(candidate, change)));
}

/** Whether one change does at least what another does: lines next to it may have changed since. */
function covers(mine: Replaced, other: Replaced): boolean {
  if (mine.at > other.at || mine.at + mine.removed < other.at + other.removed) return false;
  if (mine.at === other.at && mine.removed === other.removed && mine.added.join("\n") === other.added.join("\n"))
    return true;
  return other.added.length > 0 && `\n${mine.added.join("\n")}\n`.includes(`\n${other.added.join("\n")}\n`);
}
