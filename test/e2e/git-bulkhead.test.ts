import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AvailableGit, availableGits } from "../support/gits.ts";
import { arm } from "../support/guarded-ground.ts";
import { createGround, TestRepository } from "../support/repository.ts";

/** Puts a program where a package manager would, and unless told otherwise has `init` have found it there. */
function installIn(clone: TestRepository, top: string, recorded = true): void {
  const program = join(top, "node_modules/bulkhead/dist/cli.js");
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(join(top, "node_modules/bulkhead/package.json"), "{}");
  const name = "require('node:path').basename(require('node:path').resolve(__dirname, '../../..'))";
  writeFileSync(program, `console.log("the program of " + ${name});`);
  if (recorded) record(clone, "cli", program);
}

/** As if `init` had found something elsewhere. */
function record(clone: TestRepository, name: string, value: string): void {
  const file = join(clone.path, ".git/bulkhead/guard.conf");
  const text = clone.read(".git/bulkhead/guard.conf");
  writeFileSync(file, text.replace(new RegExp(`^${name}=.*$`, "m"), `${name}='${value}'`));
}

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

  test("works in a linked worktree of a clone that was moved, whose program moved along", () => {
    const { clone } = ground();
    const work = clone.addWorktree("work", "feat/x");
    installIn(clone, clone.path);
    const moved = new TestRepository(`${clone.path} moved`, clone.env);
    renameSync(clone.path, moved.path);
    moved.git("worktree", "repair", work.path);
    expect(work.tryGit(["bulkhead", "status"])).toMatchObject({ exitCode: 0, stdout: "the program of clone moved\n" });
  });

  test("runs nothing that a branch brings, or that lies around where it is typed", () => {
    const { clone, directory } = ground();
    const work = clone.addWorktree("work", "feat/x");
    record(clone, "cli", "/gone/cli.js");
    // Beside the clone, in the worktree itself, and as a tracked file of the main checkout.
    for (const at of [directory, work.path, clone.path]) installIn(clone, at, false);
    clone.git("add", "-f", "node_modules");
    clone.git("commit", "-q", "--no-verify", "-m", "bring a program");
    for (const at of [clone, work]) {
      const { exitCode, stdout, stderr } = at.tryGit(["bulkhead", "status"]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
      expect(stderr).toContain("bulkhead: its program is a file that git tracks");
    }
    clone.git("rm", "-r", "-q", "--cached", "node_modules");
    expect(work.tryGit(["bulkhead", "status"]).stdout).toBe("the program of clone\n");
  });

  test("starts a program behind Yarn's loader where it was set up so, and by no file that only stands there", () => {
    const { clone } = ground();
    const work = clone.addWorktree("work", "feat/x");
    installIn(clone, clone.path);
    writeFileSync(join(clone.path, ".pnp.cjs"), "globalThis.plugged = true; console.log('the loader ran');");
    expect(work.tryGit(["bulkhead", "status"]).stdout).toBe("the program of clone\n");
    record(clone, "pnp", join(clone.path, ".pnp.cjs"));
    expect(work.tryGit(["bulkhead", "status"]).stdout).toBe("the loader ran\nthe program of clone\n");
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
