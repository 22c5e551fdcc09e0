/** Overlaps of work: pure. */

/** A session's work as it is now, uncommitted work included. */
export interface Work {
  /** The short form of its id, which tells those compared apart. */
  readonly session: string;
  readonly item: string | null;
  readonly worktree: string;
  /** Files in which it differs from where it left the base. */
  readonly files: readonly string[];
}

export interface Party {
  readonly session: string;
  readonly item: string | null;
  readonly worktree: string;
}

/** Two sessions that touch the same files, or one and the base. */
export interface Overlap {
  readonly between: readonly Party[];
  /** Whether the other side is the base, which has moved on. */
  readonly with_base: boolean;
  readonly files: readonly string[];
  /** Of these, the files in which they would conflict if both were merged now. */
  readonly conflicts: readonly string[];
  /** ISO 8601: when it was first seen. */
  readonly since: string;
}

/** What a round of comparing found. */
export interface OverlapReport {
  /** ISO 8601 */
  readonly at: string;
  /** What was compared: as long as it is the same, so are the overlaps. */
  readonly of: string;
  readonly overlaps: readonly Overlap[];
}

/** Pairs of indices whose files meet, with the files. */
export function meetingPairs(works: readonly Pick<Work, "files">[]): { a: number; b: number; files: string[] }[] {
  const byFile = new Map<string, number[]>();
  works.forEach(({ files }, i) => {
    for (const file of files) byFile.set(file, [...(byFile.get(file) ?? []), i]);
  });
  const pairs = new Map<string, { a: number; b: number; files: string[] }>();
  for (const [file, touching] of byFile) {
    for (const [at, a] of touching.entries()) {
      for (const b of touching.slice(at + 1)) {
        const pair = pairs.get(`${a} ${b}`) ?? { a, b, files: [] };
        pair.files.push(file);
        pairs.set(`${a} ${b}`, pair);
      }
    }
  }
  return [...pairs.values()].sort((one, other) => one.a - other.a || one.b - other.b);
}

/** Keeps, of overlaps that were seen before, since when they are. The same: between the same parties, in one file at least. */
export function carrySince(found: readonly Overlap[], before: readonly Overlap[]): Overlap[] {
  return found.map((overlap) => {
    const known = before.filter(
      (old) => keyOf(old) === keyOf(overlap) && old.files.some((file) => overlap.files.includes(file)),
    );
    return { ...overlap, since: known.map(({ since }) => since).sort()[0] ?? overlap.since };
  });
}

function keyOf({ between, with_base }: Overlap): string {
  return `${between
    .map(({ session }) => session)
    .sort()
    .join(" ")} ${with_base}`;
}

/** The overlaps that concern a worktree. */
export function overlapsOf(worktree: string, overlaps: readonly Overlap[]): Overlap[] {
  return overlaps.filter(({ between }) => between.some((party) => party.worktree === worktree));
}

/** Who else, which files, since when. @param worktree whose view it is */
export function overlapInWords(worktree: string, overlap: Overlap): string {
  const other = overlap.between.find((party) => party.worktree !== worktree);
  const alone = overlap.with_base || other === undefined;
  const who = alone ? "the base" : `${nameOf(other)} in ${other.worktree}`;
  const verb = overlap.conflicts.length > 0 ? "would conflict with" : "touches the same files as";
  return `${verb} ${who}: ${filesInWords(overlap)}`;
}

/** The same from nobody's view. */
export function pairInWords(overlap: Overlap): string {
  const names = [...overlap.between.map(nameOf), ...(overlap.with_base ? ["the base"] : [])];
  const verb = overlap.conflicts.length > 0 ? "would conflict" : "touch the same files";
  return `${names.join(" and ")} ${verb}: ${filesInWords(overlap)}`;
}

function nameOf({ item, session }: Party): string {
  return item ?? session;
}

function filesInWords({ files, conflicts, since }: Overlap): string {
  const named = conflicts.length > 0 ? conflicts : files;
  const shown = named.slice(0, 3).join(", ") + (named.length > 3 ? ` and ${named.length - 3} more` : "");
  return `${shown} (since ${since.slice(11, 16)} UTC)`;
}
