import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openClone } from "../src/app/clone.ts";
import { snapshotWorktree } from "../src/app/snapshot.ts";
import { findConflicts } from "../src/git/merge-many.ts";
import { openRepository } from "../src/git/repository.ts";
import { findOverlaps } from "../src/snapshot/find-overlaps.ts";
import { createGround, type TestRepository } from "../test/support/repository.ts";
import type { Comparison } from "./harness/comparison.ts";

const FILES = 20_000;
const SESSIONS = 10;
const ROUNDS = 9;

/** What the keeper pays: snapshots within a process that runs already, beside `git status`; and all overlaps, beside one bare merge. */
export async function bench(): Promise<Comparison[]> {
  return [...(await snapshots()), await overlaps()];
}

async function snapshots(): Promise<Comparison[]> {
  const { clone } = createGround();
  for (let i = 0; i < FILES; i++) {
    const directory = join(clone.path, `d${i % 200}`);
    if (i < 200) mkdirSync(directory);
    writeFileSync(join(directory, `f${i}.txt`), `${i}\n`.repeat(20));
  }
  clone.git("add", "-A");
  clone.git("commit", "-q", "-m", "files");
  const opened = await openClone({ directory: clone.path, env: clone.env });
  const place = { path: clone.path, gitDir: join(clone.path, ".git") };
  await opened.settings();
  const take = () => timed(async () => void (await snapshotWorktree(opened, place, "bench")));
  const status = { name: "git status", sample: () => timed(async () => void (await statusOf(clone))) };
  let edits = 0;
  const edit = () => {
    edits++;
    for (let i = 0; i < 20; i++) clone.write(`d${i}/f${i}.txt`, `edit ${edits}\n`);
    clone.write(`new${edits}.txt`, `untracked ${edits}\n`);
  };
  return [
    {
      title: `a snapshot of ${FILES.toLocaleString("en")} files, 21 of them changed since the last`,
      contenders: [
        status,
        {
          name: "snapshot",
          sample: () => {
            edit();
            return take();
          },
        },
      ],
      rounds: ROUNDS,
      bars: [{ of: "snapshot", than: "git status", most: 1.3 }],
    },
    {
      title: `the same, nothing changed since the last`,
      contenders: [status, { name: "snapshot", sample: take }],
      rounds: ROUNDS,
      bars: [{ of: "snapshot", than: "git status", most: 1.05 }],
    },
  ];
}

/** As git's own `status` reads what a snapshot has to see. */
async function statusOf(clone: TestRepository): Promise<void> {
  await clone.start("git", ["status", "--porcelain", "--untracked-files=all"], { check: true }).finished;
}

async function overlaps(): Promise<Comparison> {
  const { clone } = createGround();
  for (let i = 0; i < 200; i++) clone.write(`f${i}.txt`, `${i}\n`.repeat(50));
  clone.git("add", "-A");
  clone.git("commit", "-q", "-m", "files");
  const base = clone.head();
  const works = Array.from({ length: SESSIONS }, (_, i) => {
    clone.git("switch", "-q", "-c", `feat/${i}`, base);
    clone.commit(`work ${i}`, { "f0.txt": `of ${i}\n`, [`f${i + 1}.txt`]: `own ${i}\n` });
    const head = clone.head();
    return { session: `s${i}`, item: null, worktree: `/w/${i}`, head, tree: head };
  });
  const { git, commonDir } = await openRepository(clone.path, { env: clone.env });
  const pairs = works.flatMap(({ head: ours }, i) => works.slice(i + 1).map(({ head: theirs }) => ({ ours, theirs })));
  return {
    title: `overlaps of ${SESSIONS} sessions, ${pairs.length} pairs`,
    contenders: [
      {
        name: "one bare git merge-tree --stdin",
        sample: () => timed(async () => void (await findConflicts(git, pairs, {}))),
      },
      {
        name: "overlaps",
        sample: () => timed(async () => void (await findOverlaps({ git, commonDir, base, now: new Date() }, works))),
      },
    ],
    rounds: ROUNDS,
    bars: [{ of: "overlaps", than: "one bare git merge-tree --stdin", most: 3 }],
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
