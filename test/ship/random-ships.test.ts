import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MERGE_METHODS } from "../../src/github/pull-request.ts";
import { exitCodeOf } from "../../src/ship/result.ts";
import type { Fault } from "../support/github/faults.ts";
import { createGitHubGround, type GitHubGround } from "../support/github/ground.ts";
import { overSsh } from "../support/github/local-ssh.ts";
import { type Death, mortalShip } from "../support/github/mortal.ts";
import { moveRemoteBase } from "../support/github/ship-ground.ts";
import type { TestRepository } from "../support/repository.ts";

/** Another seed each time; the one that failed is in the failure, and `BULKHEAD_SEED` repeats it. */
const SEED = Number(process.env.BULKHEAD_SEED ?? Math.floor(Math.random() * 2 ** 31));
const PULLS = 20;
/** So many of the branches are checked out, each in a worktree with work of its own beside it. */
const WORKTREES = 6;
/** Ships that something happens to, for each pull request at most: then it is left in peace. */
const TROUBLED = 3;

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { below, of: <T>(items: readonly T[]): T => items[below(items.length)] as T };
}

/** Every file of a worktree with its bytes, and which branch it is on. */
function bytesOf(at: TestRepository): string {
  const walk = (directory: string): string[] =>
    readdirSync(directory)
      .sort()
      .flatMap((name) => {
        const path = join(directory, name);
        const stat = lstatSync(path);
        if (stat.isDirectory()) return name === ".git" ? [] : walk(path);
        if (name === ".git") return [];
        const content = stat.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
        return [`${path} ${stat.mode} ${createHash("sha256").update(content).digest("hex")}`];
      });
  return [...walk(at.path), at.branch(), at.git("ls-files", "--stage")].join("\n");
}

interface Work {
  readonly number: number;
  readonly branch: string;
  readonly place: TestRepository | null;
  troubles: number;
}

async function openPulls(ground: GitHubGround): Promise<Work[]> {
  const { clone, repository } = ground;
  clone.git("switch", "-q", "-c", "elsewhere");
  clone.write("mine.txt", "never committed\n");
  const works: Work[] = [];
  for (let number = 1; number <= PULLS; number++) {
    const branch = `r/${number}`;
    const blob = clone.run("git", ["hash-object", "-w", "--stdin"], { input: `${number}\n` }).stdout.trim();
    const listed = `${clone.git("ls-tree", "refs/heads/main")}\n100644 blob ${blob}\tr${number}.txt\n`;
    const tree = clone.run("git", ["mktree"], { input: listed }).stdout.trim();
    const commit = clone.git("commit-tree", tree, "-p", "refs/heads/main", "-m", `work ${number}`);
    clone.git("branch", "-q", branch, commit);
  }
  clone.git("push", "-q", "--no-verify", repository.path, "refs/heads/r/*:refs/heads/r/*");
  for (let number = 1; number <= PULLS; number++) {
    const branch = `r/${number}`;
    await repository.openPull({ head: branch });
    let place: TestRepository | null = null;
    if (number <= WORKTREES) {
      const path = join(ground.directory, `w${number}`);
      clone.git("worktree", "add", "-q", path, branch);
      place = clone.at(path);
      place.write(`untracked ${number}.txt`, "mine\n");
    }
    works.push({ number, branch, place, troubles: 0 });
  }
  return works;
}

type Random = ReturnType<typeof randomFrom>;

/** What happens to a ship: it dies, GitHub stumbles, or somebody else is quicker. */
async function trouble(ground: GitHubGround, random: Random): Promise<Death | null> {
  const { github, repository } = ground;
  const strike = (fault: Fault) => {
    github.inject({ ...fault, skip: random.below(2) });
    return null;
  };
  const anything = /^(QUERY|PUT|GET|PATCH) /;
  const status = random.of([500, 502, 503, 409, 403, 405]);
  switch (random.below(7)) {
    case 0:
    case 1:
      return { at: random.below(28), side: random.of(["before", "after"] as const) };
    case 2:
      return strike({ on: /^PUT .*\/merge$/, acts: true, answer: "drop" });
    case 3:
      return strike({ on: anything, answer: { status, message: "Server Error" } });
    case 4:
      return strike({ on: anything, acts: true, answer: random.of(["drop" as const, { status, message: "Odd" }]) });
    case 5:
      await moveRemoteBase(ground, `others-${random.below(2 ** 30)}.txt`);
      return null;
    default:
      repository.settings.deleteBranchOnMerge = random.below(2) === 0;
      repository.asyncMergeReads = random.of([null, 1]);
      return null;
  }
}

test(`twenty pull requests, whatever happens to their ships, are merged once each, and no worktree changes (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  const ground = await createGitHubGround();
  const { clone, repository } = ground;
  const works = await openPulls(ground);
  const env = overSsh(ground);
  const places = [clone, ...works.flatMap(({ place }) => place ?? [])];
  const before = places.map(bytesOf);
  const waiting = [...works];
  while (waiting.length > 0) {
    const work = random.of(waiting);
    const death = work.troubles++ < TROUBLED ? await trouble(ground, random) : null;
    const target = random.below(2) === 0 ? { number: work.number } : { branch: work.branch as never };
    const at = work.place !== null && random.below(2) === 0 ? work.place : clone;
    const request = { target, method: random.of([null, null, ...MERGE_METHODS]) };
    const { ending } = await mortalShip(ground, at, request, death, env);
    ground.github.forgetFaults();
    const merged = repository.pulls.get(work.number)?.merged !== null;
    if (ending !== null && "message" in ending && merged) {
      expect([SEED, ending.message]).not.toEqual([SEED, expect.stringMatching(/not merged|nothing was/i)]);
    }
    if (ending !== null && "result" in ending && exitCodeOf(ending.result) === 0) {
      expect([SEED, work.number, ending.result.merge.state]).toEqual([SEED, work.number, "merged"]);
      waiting.splice(waiting.indexOf(work), 1);
    } else
      expect([SEED, work.number, work.troubles < TROUBLED + 4, ending]).toMatchObject([
        SEED,
        work.number,
        true,
        ending,
      ]);
  }
  for (const { number, branch, place } of works) {
    const brought = await repository.bare.git(["log", "--format=%H", "refs/heads/main", "--", `r${number}.txt`]);
    expect([SEED, number, brought.split("\n").length]).toEqual([SEED, number, 1]);
    expect([SEED, branch, await repository.bare.commitOf(`refs/heads/${branch}`)]).toEqual([SEED, branch, null]);
    const local = clone.tryGit(["rev-parse", "-q", "--verify", `refs/heads/${branch}`]).exitCode === 0;
    expect([SEED, branch, local]).toEqual([SEED, branch, place !== null]);
  }
  expect([SEED, clone.git("rev-parse", "refs/heads/main")]).toEqual([
    SEED,
    await repository.bare.commitOf("refs/heads/main"),
  ]);
  expect([SEED, places.map(bytesOf)]).toEqual([SEED, before]);
}, 900_000);
