import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGround, type TestRepository } from "../test/support/repository.ts";
import type { Comparison } from "./harness/comparison.ts";
import { timeGit } from "./harness/hooked-repositories.ts";

const FILES = 20_000;
const MODULE_FILES = 50_000;
const LISTED = 50;

/** Making, removing and listing worktrees, beside what git alone takes for it. */
export function bench(): Comparison[] {
  return [creation(), removal(), listing()];
}

function repository(files: number): TestRepository {
  const { clone } = createGround();
  clone.git("config", "gc.auto", "0");
  for (let i = 0; i < files; i++) {
    const directory = join(clone.path, `d${i % 200}`);
    if (i < 200) mkdirSync(directory);
    writeFileSync(join(directory, `f${i}.txt`), `${i}\n`.repeat(20));
  }
  clone.write(".gitignore", "node_modules/\n");
  clone.git("add", "-A");
  clone.git("commit", "-q", "-m", "files");
  clone.git("push", "-q");
  const { exitCode, stderr } = clone.bulkhead(["init", "--no-scripts"]);
  if (exitCode !== 0) throw new Error(stderr);
  return clone;
}

function creation(): Comparison {
  const [bare, armed] = [repository(FILES), repository(FILES)];
  bare.bulkhead(["init", "--remove"]);
  return {
    title: `making a worktree of ${FILES.toLocaleString("en")} files`,
    rounds: 5,
    contenders: [
      {
        name: "git fetch, git worktree add, node",
        sample(round) {
          const path = join(bare.path, ".worktrees", `w${round}`);
          const took =
            timeGit(bare, ["fetch", "-q", "origin", "main"]) +
            timeGit(bare, ["worktree", "add", "-q", "--no-track", "-b", `w${round}`, path, "origin/main"]) +
            timed(() => spawnSync(process.execPath, ["-e", "0"]).status ?? 1);
          bare.git("worktree", "remove", "--force", path);
          return took;
        },
      },
      {
        name: "bulkhead worktree",
        sample(round) {
          const took = timed(() => armed.bulkhead(["worktree", `w${round}`]).exitCode);
          armed.git("worktree", "remove", "--force", join(armed.path, ".worktrees", `w${round}`));
          return took;
        },
      },
    ],
    bars: [{ of: "bulkhead worktree", than: "git fetch, git worktree add, node", most: 1.15 }],
  };
}

function removal(): Comparison {
  const clone = repository(FILES);
  const path = (name: string) => join(clone.path, ".worktrees", name);
  const fill = (name: string) => {
    clone.git("worktree", "add", "-q", "--no-track", "-b", name, path(name), "origin/main");
    for (let i = 0; i < MODULE_FILES; i++) {
      const directory = join(path(name), "node_modules", `m${i % 500}`);
      if (i < 500) mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, `f${i}.js`), `${i}\n`);
    }
  };
  return {
    title: `removing a worktree of ${FILES.toLocaleString("en")} files and ${MODULE_FILES.toLocaleString("en")} of node_modules`,
    rounds: 3,
    contenders: [
      {
        name: "git worktree remove --force",
        sample(round) {
          fill(`g${round}`);
          return timeGit(clone, ["worktree", "remove", "--force", path(`g${round}`)]);
        },
      },
      {
        name: "bulkhead worktree --cleanup",
        sample(round) {
          fill(`b${round}`);
          const took = timed(() => clone.bulkhead(["worktree", "--cleanup", "--sd-key", `b${round}`]).exitCode);
          clone.run("rm", ["-rf", join(clone.path, ".git", "bulkhead", "trash")]);
          return took;
        },
      },
    ],
    bars: [{ of: "bulkhead worktree --cleanup", than: "git worktree remove --force", most: 0.2 }],
  };
}

function listing(): Comparison {
  const clone = repository(500);
  const paths = Array.from({ length: LISTED }, (_, i) => join(clone.path, ".worktrees", `w${i}`));
  for (const [i, path] of paths.entries())
    clone.git("worktree", "add", "-q", "--no-track", "-b", `w${i}`, path, "main");
  return {
    title: `listing ${LISTED} worktrees`,
    rounds: 5,
    contenders: [
      {
        name: "git status in each, two at a time",
        sample: () =>
          timed(() => {
            const script = "xargs -0 -n 1 -P 2 sh -c 'git -C \"$1\" status --porcelain >/dev/null' sh";
            return clone.run("sh", ["-c", script], { input: paths.join("\0") }).exitCode;
          }),
      },
      { name: "bulkhead worktree --list", sample: () => timed(() => clone.bulkhead(["worktree", "--list"]).exitCode) },
    ],
    bars: [{ of: "bulkhead worktree --list", than: "git status in each, two at a time", most: 3 }],
  };
}

function timed(work: () => number | null): number {
  const start = process.hrtime.bigint();
  const exitCode = work();
  if (exitCode !== 0) throw new Error(`exited ${exitCode}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}
