import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AvailableGit, availableGits } from "../support/gits.ts";
import { arm } from "../support/guarded-ground.ts";
import { createGround, TestRepository } from "../support/repository.ts";

describe.each(availableGits())("git bulkhead on $name", (git: AvailableGit) => {
  const ground = () => {
    const made = createGround(git.bin === undefined ? {} : { git: git.bin });
    arm(made.clone);
    return made;
  };

  test("works in the main checkout, in a linked worktree, and in a directory of either", () => {
    const { clone } = ground();
    const work = clone.addWorktree("work", "feat/x");
    for (const at of [clone, work]) {
      mkdirSync(join(at.path, "sub dir", "deep"), { recursive: true });
      for (const below of ["", "sub dir", "sub dir/deep"]) {
        const here = new TestRepository(join(at.path, below), at.env);
        const { exitCode, stdout } = here.tryGit(["bulkhead", "status", "--json"]);
        expect([exitCode, JSON.parse(stdout).worktree]).toEqual([0, at.path]);
      }
    }
  });

  test("keeps words as they are, and -C where it is said from", () => {
    const { clone } = ground();
    const work = clone.addWorktree("work", "feat/x");
    work.git("branch", "it's $(a) branch".replaceAll(" ", "-"));
    const { stdout } = new TestRepository(join(work.path, ".git", "..", ".."), work.env).tryGit([
      ...["-C", clone.path, "bulkhead", "-C", work.path, "expect", "it's-$(a)-branch", "--json"],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ expected_branch: "it's-$(a)-branch", current_branch: "feat/x" });
  });

  test("says help where git keeps --help for itself, and passes exit codes on", () => {
    const { clone } = ground();
    expect(clone.tryGit(["bulkhead", "help"]).stdout).toContain("Usage: bulkhead <command> [options]");
    expect(clone.tryGit(["bulkhead", "help", "start"]).stdout).toContain("Usage: bulkhead start");
    const wrong = clone.tryGit(["bulkhead", "no-such-thing"]);
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      2,
      "bulkhead: 'no-such-thing' is not a bulkhead command.\nRun: git bulkhead help\n",
    ]);
  });

  test("works after the clone was moved, without node on the PATH", () => {
    const { clone } = ground();
    const moved = new TestRepository(`${clone.path} moved`, clone.env);
    renameSync(clone.path, moved.path);
    const { exitCode, stdout } = moved.tryGit(["bulkhead", "status", "--json"], {
      env: { PATH: git.bin === undefined ? "/usr/bin:/bin" : `${git.bin}:/usr/bin:/bin` },
    });
    expect([exitCode, JSON.parse(stdout).worktree]).toEqual([0, moved.path]);
  });

  test("is one sentence and a next step when the program is gone", () => {
    const { clone } = ground();
    const conf = join(clone.path, ".git", "bulkhead", "guard.conf");
    const text = clone.read(".git/bulkhead/guard.conf");
    writeFileSync(conf, text.replace(/^cli=.*$/m, "cli='/gone/dist/cli.js'"));
    const { exitCode, stdout, stderr } = clone.tryGit(["bulkhead", "status"]);
    expect([exitCode, stdout]).toEqual([3, ""]);
    expect(stderr).toContain("bulkhead: its program is no longer where it was: /gone/dist/cli.js\n");
    expect(stderr.trim().split("\n")).toHaveLength(2);
  });

  test("is gone after init --remove", () => {
    const { clone } = ground();
    clone.bulkhead(["init", "--remove"]);
    expect(clone.tryGit(["bulkhead", "status"]).stderr).toContain("'bulkhead' is not a git command");
    rmSync(clone.path, { recursive: true });
  });
});
