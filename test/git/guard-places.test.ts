import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AvailableGit, availableGits, isAtLeast } from "../support/gits.ts";
import {
  arm,
  expectBranch,
  expectCommit,
  expectNoCommit,
  expectRefused,
  failure,
  guardedGround,
  switchAway,
} from "../support/guarded-ground.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

function groundWith(git: AvailableGit) {
  return createGround(git.bin === undefined ? {} : { git: git.bin });
}

/** An empty directory beside the clone, with its environment. */
function beside(repository: TestRepository, name: string): TestRepository {
  const place = repository.at(join(dirname(repository.path), name));
  mkdirSync(place.path);
  return place;
}

describe.each(availableGits())("with the $name git, the guard holds in", (git) => {
  test("a repository just begun: the first commit, also on a protected branch, and no second there", () => {
    const fresh = beside(groundWith(git).clone, "fresh");
    fresh.git("init", "-q", "-b", "main");
    arm(fresh, "--protect", "main");
    fresh.git("commit", "-q", "--allow-empty", "-m", "first");
    expect(expectNoCommit(fresh)).toContain("protected");
  });

  test("a main checkout whose files are elsewhere (core.worktree)", () => {
    const { clone } = groundWith(git);
    const there = beside(clone, "elsewhere");
    clone.git("config", "core.worktree", there.path);
    arm(clone);
    Object.assign(there.env, { GIT_DIR: join(clone.path, ".git") });
    there.git("reset", "-q", "--hard");
    expectBranch(there, "feat/x");
    expectNoCommit(there);
    there.git("switch", "-q", "-c", "feat/x");
    expectCommit(there);
  });

  test("a main checkout that is named by options, from another directory", () => {
    const { clone, directory } = groundWith(git);
    arm(clone);
    expectBranch(clone, "feat/x");
    const named = [`--git-dir=${join(clone.path, ".git")}`, `--work-tree=${clone.path}`];
    const outside = clone.at(directory);
    const before = clone.snapshot();
    for (const verify of ["--verify", "--no-verify"]) {
      const { exitCode, stderr } = outside.tryGit([...named, "commit", verify, "--allow-empty", "-m", "no"]);
      expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining("feat/x")]);
    }
    expect(clone.snapshot()).toBe(before);
    clone.git("switch", "-q", "-c", "feat/x");
    outside.git(...named, "commit", "-q", "--allow-empty", "-m", "yes");
    expect(clone.git("log", "-1", "--format=%s")).toBe("yes");
  });

  test("a subdirectory, and a path with blanks, quotes and a line break", () => {
    const { clone } = guardedGround(git);
    const odd = clone.addWorktree("odd 'quoted'\nand broken", "feat/odd");
    mkdirSync(join(odd.path, "sub"));
    const sub = odd.at(join(odd.path, "sub"));
    expectCommit(sub);
    switchAway(odd);
    expectNoCommit(sub);
  });

  test("a worktree beside one whose path is the beginning of its own", () => {
    const { clone } = guardedGround(git);
    const short = clone.addWorktree("odd", "feat/short");
    const long = clone.addWorktree("odd\n/tail", "feat/long");
    expectCommit(short);
    expectCommit(long);
    long.git("-c", "core.hooksPath=/dev/null", "checkout", "-q", "--ignore-other-worktrees", "feat/short");
    expectNoCommit(long);
  });

  test("a submodule only once it is set up itself", () => {
    const { clone, origin } = groundWith(git);
    clone.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", origin.path, "part");
    clone.git("commit", "-q", "-m", "with a part");
    arm(clone);
    expectBranch(clone, "feat/x");
    expectNoCommit(clone);
    const part = clone.at(join(clone.path, "part"));
    expectCommit(part);
    arm(part);
    expectBranch(part, "feat/part");
    expectNoCommit(part);
    part.git("switch", "-q", "-c", "feat/part");
    expectCommit(part);
    expectNoCommit(clone);
  });

  test("a sparse checkout", () => {
    const { work } = guardedGround(git);
    work.commit("deep", { "deep/er/file.txt": "x\n" });
    work.git("sparse-checkout", "set", "nothing");
    expectCommit(work);
    switchAway(work);
    expectNoCommit(work);
  });

  test("a shallow clone", () => {
    const { clone, origin } = groundWith(git);
    clone.commit("second");
    clone.git("push", "-q", "origin", "main");
    clone.at(dirname(clone.path)).git("clone", "-q", "--depth=1", `file://${origin.path}`, "shallow");
    const shallow = clone.at(join(dirname(clone.path), "shallow"));
    arm(shallow);
    const work = shallow.addWorktree("shallow-work", "feat/x");
    expectCommit(work);
    switchAway(work);
    expectNoCommit(work);
  });

  test("worktrees of a bare repository", () => {
    const { clone, origin } = groundWith(git);
    clone.at(dirname(clone.path)).git("clone", "-q", "--bare", origin.path, "bare.git");
    const bare = clone.at(join(dirname(clone.path), "bare.git"));
    arm(bare);
    const work = bare.addWorktree("bare-work", "feat/x");
    expectCommit(work);
    switchAway(work);
    expectNoCommit(work);
    bare.git("branch", "made-in-bare", "main");
    expect(expectRefused(bare, ["branch", "-f", "feat/x", "main"])).toContain("another session");
  });

  test("branches whose names are no UTF-8", () => {
    const { work } = guardedGround(git);
    // Through a shell: Node cannot give a program such an argument.
    const make = 'git switch -q -c "$(printf "odd/caf\\351")" && git commit -q --allow-empty -m "on it"';
    work.run("sh", ["-c", `git config core.hooksPath /dev/null; ${make}; git config --unset core.hooksPath`]);
    expectNoCommit(work);
    expectBranch(work, "odd/caf\xe9");
    expectCommit(work);
    expectBranch(work, "odd/caf\xe8");
    expectNoCommit(work);
    const before = work.snapshot();
    expect(failure(work.tryGit(["pack-refs", "--all"]))).toBe(null);
    expect(work.snapshot()).toBe(before);
  });

  test("a worktree whose session file and copy are gone: no commit, and one command brings it back", () => {
    const { work } = guardedGround(git);
    expectCommit(work);
    work.git("clean", "-q", "-fdx");
    rmSync(join(work.git("rev-parse", "--absolute-git-dir"), "bulkhead-worktree"), { recursive: true });
    expect(expectNoCommit(work)).toContain("worktree --adopt");
    const { exitCode } = work.tryGit(["commit", "-q", "--allow-empty", "-m", "x"], {
      env: { BRANCH_GUARD_ALLOW_UNKNOWN: "1" },
    });
    expect(exitCode).toBe(0);
    expect(work.bulkhead(["worktree", "--adopt"]).exitCode).toBe(0);
    expectCommit(work);
  });
});

// Older gits know no reftable: then nothing is listed here, and says so.
const withReftable = availableGits().filter((git) => isAtLeast(git, "2.45"));
if (withReftable.length === 0) process.stderr.write("Reftable repositories are not tried: no git here knows them.\n");

for (const git of withReftable) {
  test(`with the ${git.name} git, the guard holds in a reftable repository`, () => {
    const fresh = beside(groundWith(git).clone, "reftable");
    fresh.git("init", "-q", "-b", "main", "--ref-format=reftable");
    fresh.commit("first");
    arm(fresh);
    const work = fresh.addWorktree("reftable-work", "feat/x");
    expectCommit(work);
    switchAway(work);
    expectNoCommit(work);
    work.git("switch", "-q", "--detach", "feat/x");
    expectNoCommit(work);
    work.git("switch", "-q", "feat/x");
    expectCommit(work);
    // Its logs are no files: a rename, who moved HEAD, and a worktree that was never used are known all the same.
    fresh.git("branch", "-m", "feat/x", "feat/y");
    work.git("branch", "-m", "feat/z");
    expect(work.bulkheadJson(["expect"]).json).toMatchObject({ expected_branch: "feat/z", agrees: true });
    expectCommit(work);
    work.git("switch", "-q", "astray");
    expect(expectNoCommit(work)).toContain("Ada Tester moved HEAD from 'feat/z' to 'astray'");
    fresh.git("worktree", "add", "-q", "--no-checkout", "-b", "feat/unused", join(fresh.path, "..", "unused"));
    const unused = fresh.at(join(fresh.path, "..", "unused"));
    unused.git("read-tree", "-u", "-m", "HEAD");
    expectCommit(unused);
  });
}
