import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { listFiles } from "../support/file-listing.ts";
import type { TestRepository } from "../support/repository.ts";
import { gitDirOf, WorktreeGround } from "./ground.ts";

const COUNTER = fileURLToPath(new URL("../support/effect-steps.mjs", import.meta.url));
/** With `BULKHEAD_ALL_STEPS=1` each road is ended at each single step, not at every few. */
const ALL = process.env.BULKHEAD_ALL_STEPS === "1";

/** A ground that can be put back as it was, at the same place. */
class Stage {
  readonly ground = new WorktreeGround();
  /** What has to be there in the end. */
  before: unknown = null;
  readonly #copy: string;

  constructor(prepare: (ground: WorktreeGround) => unknown) {
    const { clone } = this.ground;
    clone.commit("ignore", { ".gitignore": ".env*\nnode_modules/\n" });
    clone.git("push", "-q");
    clone.write(".env", "A=1\n");
    clone.write("node_modules/dep/index.js", "1");
    clone.write("node_modules/.bin/dep", "1");
    this.before = prepare(this.ground);
    this.#copy = join(this.ground.ground.directory, "copy");
    copyTree(clone.path, this.#copy);
  }

  reset(): void {
    rmSync(this.ground.clone.path, { recursive: true });
    copyTree(this.#copy, this.ground.clone.path);
  }

  /** Runs a command whose steps are counted. */
  async run(args: readonly string[], env: Record<string, string>) {
    // The cache of compiled code is written at its first use only: its steps are none of the command's.
    const options = { env: { NODE_OPTIONS: `--import=${COUNTER}`, NODE_DISABLE_COMPILE_CACHE: "1", ...env } };
    return this.ground.clone.startBulkhead(["worktree", ...args, "--json"], options).finished;
  }

  /** What the command does, step by step. */
  async steps(args: readonly string[]): Promise<string[]> {
    const log = join(this.ground.ground.directory, "steps");
    const { exitCode, stdout } = await this.run(args, { BULKHEAD_STEPS_LOG: log });
    if (exitCode !== 0) throw new Error(stdout);
    this.reset();
    return readFileSync(log, "utf8").trimEnd().split("\n");
  }

  /** What nobody would ever take away again. */
  leftovers(): string[] {
    const { clone } = this.ground;
    const listed = [".git/bulkhead", ".git/worktrees", ".worktrees"].flatMap((room) => {
      const directory = this.ground.path(room);
      return existsSync(directory) ? readdirSync(directory, { recursive: true }).map((name) => `${room}/${name}`) : [];
    });
    const trash = this.ground.run("--trash").json.kept as { id: string }[];
    const kept = trash.map(({ id }) => `refs/bulkhead/trash/${id}`);
    const refs = clone.git("for-each-ref", "--format=%(refname)", "refs/bulkhead/trash").split("\n").filter(Boolean);
    return [
      // What a killed snapshot left goes with the next one.
      ...listed.filter(
        (name) =>
          !/\/snapshot[^/]*\.tmp$/.test(name) &&
          /\.tmp$|\.lock$|journal\.json|\/lock\.|\/locked$|\.bulkhead-|\.going-/.test(name),
      ),
      ...refs.filter((ref) => !kept.includes(ref)),
    ];
  }
}

function copyTree(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

/** Fills a worktree with everything that could be lost. */
function fill(worktree: TestRepository): void {
  worktree.write("README.md", "stashed\n");
  worktree.git("stash", "-q");
  worktree.commit("unpushed", { "mine.txt": "mine\n" });
  worktree.write("staged.txt", "staged\n");
  worktree.git("add", "staged.txt");
  worktree.write("staged.txt", "and changed again\n");
  worktree.write("new.txt", "new\n");
  worktree.write(".env.local", "only here\n");
}

/** Every byte of the worktree `x`, and of what belongs to it. */
function everything({ clone }: WorktreeGround): unknown {
  const worktree = clone.at(join(clone.path, ".worktrees", "x"));
  const files = ["HEAD", "index", "logs/HEAD"].map((name) => readFileSync(join(gitDirOf(worktree), name), "latin1"));
  const head = worktree.git("symbolic-ref", "HEAD");
  return [
    listFiles(worktree.path),
    files,
    worktree.git("rev-parse", head),
    clone.git("stash", "list", "--format=%H %gs"),
  ];
}

function isWhole({ ground, before }: Stage): void {
  if (!existsSync(ground.path(".worktrees", "x", ".git"))) {
    expect(ground.run("--restore", "x").json.error).toBeUndefined();
  }
  expect(everything(ground)).toEqual(before);
}

function isMade({ ground }: Stage, item = "k"): void {
  const made = ground.run(item);
  expect(made).toMatchObject({ exitCode: 0, json: { path: ground.path(".worktrees", item), branch: `feat/${item}` } });
  const worktree = ground.clone.at(made.json.path);
  expect(worktree.git("status", "--porcelain")).toBe("");
  expect(JSON.parse(worktree.read(".session.json"))).toMatchObject({ expectedBranch: `feat/${item}` });
  const shared = ["node_modules/dep/index.js", "node_modules/.bin/dep"].map((name) => worktree.read(name));
  expect([worktree.read(".env"), ...shared]).toEqual(["A=1\n", "1", "1"]);
}

interface Road {
  readonly args: readonly string[];
  /** Ended at every so many steps, unless all are asked for. */
  readonly every: number;
  /** Gives what has to be there in the end. */
  readonly prepare: (ground: WorktreeGround) => unknown;
  readonly check: (stage: Stage) => void;
}

function filled(ground: WorktreeGround): unknown {
  fill(ground.make("x"));
  return everything(ground);
}

const ROADS: Record<string, Road> = {
  creation: { args: ["k"], every: 9, prepare: () => null, check: isMade },
  removal: { args: ["--cleanup", "--sd-key", "x", "--force"], every: 7, prepare: filled, check: isWhole },
  restoration: {
    args: ["--restore", "x"],
    every: 6,
    prepare: (ground) => {
      const before = filled(ground);
      ground.run("--cleanup", "--sd-key", "x", "--force");
      ground.clone.git("branch", "-q", "-D", "feat/x");
      ground.clone.git("stash", "drop", "-q");
      return before;
    },
    check: isWhole,
  },
  "making anew": {
    args: ["x", "--force"],
    every: 17,
    prepare: (ground) => {
      const worktree = ground.make("x");
      worktree.git("switch", "-q", "-c", "else");
      fill(worktree);
      return everything(ground);
    },
    check: (stage) => {
      const { ground } = stage;
      const there = existsSync(ground.path(".worktrees", "x", ".git"));
      const branch = there ? ground.clone.at(ground.path(".worktrees", "x")).git("branch", "--show-current") : null;
      if (branch !== "else") {
        isMade(stage, "x");
        ground.run("--cleanup", "--sd-key", "x");
        const [, old] = ground.run("--trash").json.kept as { id: string }[];
        expect(ground.run("--restore", old?.id ?? "none").json.error).toBeUndefined();
      }
      expect(everything(ground)).toEqual(stage.before);
    },
  },
};

/** Each road with its steps: what is done at one, and that the next command makes good what is left. */
async function atEachStep(
  { args, every, prepare, check }: Road,
  act: (stage: Stage, step: string, at: string) => Promise<void>,
) {
  const stage = new Stage(prepare);
  const steps = await stage.steps(args);
  for (let n = 1; n <= steps.length; n += ALL ? 1 : every) {
    const at = `step ${n} of ${steps.length}: ${steps[n - 1]}`;
    await act(stage, String(n), at);
    // Any command about worktrees puts right what is left.
    expect(stage.ground.run("--list").json.error, at).toBeUndefined();
    tryAt(at, () => check(stage));
    expect(stage.leftovers(), at).toEqual([]);
    stage.reset();
  }
}

/** All steps take minutes. */
const TIMEOUT = ALL ? 3_600_000 : 180_000;

describe("ended by SIGKILL at a step of its own,", () => {
  for (const [what, road] of Object.entries(ROADS)) {
    it(`a ${what} is finished or taken back by the next command, and nothing is lost`, {
      timeout: TIMEOUT,
    }, async () => {
      await atEachStep(road, async (stage, step, at) => {
        expect((await stage.run(road.args, { BULKHEAD_STEPS_KILL: step })).exitCode, at).toBeNull();
      });
    });
  }
});

describe("where the disk is full from a step on,", () => {
  for (const [what, road] of Object.entries(ROADS)) {
    it(`a ${what} says so, and is taken back, or finished when there is room`, { timeout: TIMEOUT }, async () => {
      await atEachStep({ ...road, every: road.every * 2 }, async (stage, step, at) => {
        const { exitCode, stdout } = await stage.run(road.args, { BULKHEAD_STEPS_FULL: step });
        const { error } = JSON.parse(stdout) as { error?: { code: string } };
        expect([0, 3, 4], at).toContain(exitCode);
        expect(error?.code ?? "", at).not.toBe("INTERNAL");
      });
    });
  }
});

/** Says at which step an assertion failed. */
function tryAt(at: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new Error(at, { cause });
  }
}
