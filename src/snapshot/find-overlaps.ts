import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readTreeChanges } from "../git/changes.ts";
import type { Git } from "../git/git.ts";
import { findConflicts, type MergePair } from "../git/merge-many.ts";
import { commonLayout } from "../layout/paths.ts";
import { meetingPairs, type Overlap, type Party, type Work } from "./overlap.ts";
import { pathText } from "./worktree-changes.ts";

/** The work of a session: what its `HEAD` names, and the tree of its files as they are now (a commit's name for its own). */
export interface SessionWork extends Party {
  readonly head: string;
  readonly tree: string;
}

export interface OverlapPlace {
  readonly git: Git;
  readonly commonDir: string;
  /** Where the base is; null when nothing tells. */
  readonly base: string | null;
  readonly now: Date;
}

/** Of nobody: these commits are for comparing, and gone when it is done. */
const SIGNATURE = "Bulkhead <overlaps@bulkhead.invalid> 0 +0000";

/**
 * Finds which sessions touch the same files, and which of them would conflict, with each other or with the base. Everything
 * that has to be written for that goes into an object directory of its own.
 * @throws BulkheadError `GIT_FAILED`
 */
export async function findOverlaps(place: OverlapPlace, sessions: readonly SessionWork[]): Promise<Overlap[]> {
  const works = await Promise.all(sessions.map((session) => observeWork(place, session)));
  // Several sessions in one worktree share all their files: that is told elsewhere.
  const pairs = meetingPairs(works).filter(({ a, b }) => works[a]?.worktree !== works[b]?.worktree);
  const behind = place.base === null ? [] : works.filter(({ moved }) => moved.length > 0);
  if (pairs.length + behind.length === 0) return [];
  return inScratch(place, async (scratch, env) => {
    const commits = await writeCommits(place.git, scratch, env, works);
    const sides: { pair: MergePair; overlap: Omit<Overlap, "conflicts"> }[] = [
      ...pairs.map(({ a, b, files }) => ({
        pair: { ours: commits[a] ?? "", theirs: commits[b] ?? "" },
        overlap: { ...common(place), between: partiesOf(works, a, b), with_base: false, files: files.map(pathText) },
      })),
      ...behind.map((work) => ({
        pair: { ours: place.base ?? "", theirs: commits[works.indexOf(work)] ?? "" },
        overlap: { ...common(place), between: [partyOf(work)], with_base: true, files: work.moved.map(pathText) },
      })),
    ];
    const conflicts = await findConflicts(
      place.git,
      sides.map(({ pair }) => pair),
      env,
    );
    const found = sides.map(({ overlap }, i) => ({ ...overlap, conflicts: (conflicts[i] ?? []).map(pathText) }));
    // That the base moved in files that one works on, too, is no news as long as it merges.
    return found.filter((overlap) => !overlap.with_base || overlap.conflicts.length > 0);
  });
}

interface ObservedWork extends Work, SessionWork {
  /** Files that the base, too, has changed since this work left it. */
  readonly moved: readonly string[];
}

async function observeWork({ git, base }: OverlapPlace, session: SessionWork): Promise<ObservedWork> {
  const { head, tree } = session;
  const shared = base === null ? null : await mergeBase(git, base, head);
  const paths = async (from: string, to: string) => (await readTreeChanges(git, from, to)).map(({ path }) => path);
  const files = await paths(shared ?? head, tree);
  if (base === null || shared === null || shared === base) return { ...session, files, moved: [] };
  const onBase = new Set(await paths(shared, base));
  return { ...session, files, moved: files.filter((path) => onBase.has(path)) };
}

async function mergeBase(git: Git, base: string, head: string): Promise<string | null> {
  if (base === head) return base;
  return (await git.run(["merge-base", base, head], { allow: [1] })).stdout.trim() || null;
}

function common({ now }: OverlapPlace) {
  return { since: now.toISOString() };
}

function partiesOf(works: readonly Party[], a: number, b: number): Party[] {
  return [works[a], works[b]].flatMap((work) => (work === undefined ? [] : [partyOf(work)]));
}

function partyOf({ session, item, worktree }: Party): Party {
  return { session, item, worktree };
}

/** An object directory of its own, which sees the clone's objects and goes afterwards. */
async function inScratch<T>(
  { commonDir }: OverlapPlace,
  work: (directory: string, env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const { cache } = commonLayout(commonDir);
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, "overlaps-"));
  const objects = join(commonDir, "objects");
  try {
    return await work(directory, {
      GIT_OBJECT_DIRECTORY: directory,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(objects),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** git takes a path with a colon (or a semicolon on Windows) for two, unless it is quoted as in C. */
function quoted(path: string): string {
  return /[:;"\n]/.test(path) ? JSON.stringify(path) : path;
}

/** A commit of each work's tree on top of its `HEAD`, all in one process. */
async function writeCommits(
  git: Git,
  scratch: string,
  env: Readonly<Record<string, string>>,
  works: readonly SessionWork[],
): Promise<string[]> {
  const named = works.map(({ tree }) => `${tree}^{tree}`);
  const trees = (await git.text(["rev-parse", ...named])).split("\n");
  const files = works.map(({ head }, i) => {
    const file = join(scratch, `commit-${i}`);
    writeFileSync(file, `tree ${trees[i]}\nparent ${head}\nauthor ${SIGNATURE}\ncommitter ${SIGNATURE}\n\n`);
    return file;
  });
  const store = ["hash-object", "-t", "commit", "-w", "--no-filters", "--stdin-paths"];
  const input = files.map((file) => `${file}\n`).join("");
  return (await git.text(store, { mode: "write", env, input })).split("\n");
}
