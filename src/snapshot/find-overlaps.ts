import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readTreePairs } from "../git/changes.ts";
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
  const works = await observeWorks(place, sessions);
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

/** Which files each work touches. Four processes, however many works there are. */
async function observeWorks({ git, base }: OverlapPlace, sessions: readonly SessionWork[]): Promise<ObservedWork[]> {
  const shared = base === null ? sessions.map(() => null) : await sharedCommits(git, base, sessions);
  const starts = sessions.map(({ head }, i) => shared[i] ?? head);
  const named = [base ?? "HEAD", ...starts, ...sessions.map(({ tree }) => tree)].map((name) => `${name}^{tree}`);
  const [ofBase = "", ...trees] = (await git.text(["rev-parse", ...named])).split("\n");
  const pairs = sessions.map((_, i) => ({ from: trees[i] ?? "", to: trees[sessions.length + i] ?? "" }));
  const left = shared.map((commit, i) =>
    commit === null || commit === base ? null : { from: trees[i] ?? "", to: ofBase },
  );
  const changes = await readTreePairs(git, [...pairs, ...left.filter((pair) => pair !== null)]);
  let next = sessions.length;
  return sessions.map((session, i) => {
    const files = (changes[i] ?? []).map(({ path }) => path);
    const onBase = new Set(left[i] === null ? [] : (changes[next++] ?? []).map(({ path }) => path));
    return {
      ...session,
      tree: trees[sessions.length + i] ?? "",
      files,
      moved: files.filter((path) => onBase.has(path)),
    };
  });
}

/** Where each work left the base. One process, and one more for each that has merged it in between. */
async function sharedCommits(git: Git, base: string, sessions: readonly SessionWork[]): Promise<(string | null)[]> {
  const heads = [...new Set(sessions.map(({ head }) => head))];
  const listed = await git.text(["rev-list", "--parents", ...heads, "--not", base]);
  const parents = new Map(listed.split("\n").map((line) => [line.split(" ", 1)[0] ?? "", line.split(" ").slice(1)]));
  const found = new Map<string, string | null>();
  for (const head of heads) {
    const [edge, ...others] = edges(head, parents);
    found.set(head, others.length === 0 ? (edge ?? null) : await mergeBase(git, base, head));
  }
  return sessions.map(({ head }) => found.get(head) ?? null);
}

/** The first commits on each way down from a head that the base has, too. */
function edges(head: string, parents: ReadonlyMap<string, readonly string[]>): string[] {
  const [seen, found] = [new Set<string>(), new Set<string>()];
  const open = [head];
  for (let commit = open.pop(); commit !== undefined; commit = open.pop()) {
    if (seen.has(commit)) continue;
    seen.add(commit);
    const above = parents.get(commit);
    if (above === undefined) found.add(commit);
    else open.push(...above);
  }
  return [...found];
}

async function mergeBase(git: Git, base: string, head: string): Promise<string | null> {
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
  const files = works.map(({ tree, head }, i) => {
    const file = join(scratch, `commit-${i}`);
    writeFileSync(file, `tree ${tree}\nparent ${head}\nauthor ${SIGNATURE}\ncommitter ${SIGNATURE}\n\n`);
    return file;
  });
  const store = ["hash-object", "-t", "commit", "-w", "--no-filters", "--stdin-paths"];
  const input = files.map((file) => `${file}\n`).join("");
  return (await git.text(store, { mode: "write", env, input })).split("\n");
}
