import { describe, expect, test } from "vitest";
import { availableGits } from "../support/gits.ts";
import {
  expectBranch,
  expectCommit,
  expectNoCommit,
  expectRefused,
  type GuardedGround,
  guardedGround,
  subjects,
  switchAway,
} from "../support/guarded-ground.ts";
import type { TestRepository } from "../support/repository.ts";

/** The session's branch has two commits, the base one more; the first of the branch conflicts with it where told. */
function diverged(ground: GuardedGround, conflicting = false): TestRepository {
  const { clone, work } = ground;
  work.commit("mine one", conflicting ? { "shared.txt": "mine\n" } : { "one.txt": "1\n" });
  work.commit("mine two", { "two.txt": "2\n" });
  clone.commit("theirs", { "shared.txt": "theirs\n" });
  return work;
}

function resolve(work: TestRepository): void {
  work.write("shared.txt", "both\n");
  work.git("add", "shared.txt");
}

describe.each(availableGits())("with the $name git, on the expected branch", (git) => {
  test("a rebase goes through, and ends on the branch", () => {
    const work = diverged(guardedGround(git));
    work.git("rebase", "-q", "main");
    expect(subjects(work, "main..feat/x")).toEqual(["mine one", "mine two"]);
    expect(work.branch()).toBe("feat/x");
  });

  test("a rebase may run commands that commit", () => {
    const work = diverged(guardedGround(git));
    work.git("rebase", "-q", "--exec", "git commit -q --allow-empty -m between", "main");
    expect(subjects(work, "main..feat/x")).toEqual(["mine one", "between", "mine two", "between"]);
  });

  test("a rebase that stops at a conflict is continued", () => {
    const work = diverged(guardedGround(git), true);
    expect(work.tryGit(["rebase", "main"]).exitCode).toBe(1);
    resolve(work);
    work.git("rebase", "--continue");
    expect(subjects(work, "main..feat/x")).toEqual(["mine one", "mine two"]);
  });

  test("a commit may be made while a rebase has stopped", () => {
    const work = diverged(guardedGround(git), true);
    expect(work.tryGit(["rebase", "main"]).exitCode).toBe(1);
    resolve(work);
    work.git("commit", "-q", "-m", "settled");
    work.git("rebase", "--continue");
    expect(subjects(work, "main..feat/x")).toEqual(["settled", "mine two"]);
  });

  test("a rebase that stopped is aborted, and all is as before", () => {
    const work = diverged(guardedGround(git), true);
    const before = work.snapshot();
    expect(work.tryGit(["rebase", "main"]).exitCode).toBe(1);
    work.git("rebase", "--abort");
    expect(work.snapshot()).toBe(before);
  });

  test("a rebase that stopped skips a commit", () => {
    const work = diverged(guardedGround(git), true);
    expect(work.tryGit(["rebase", "main"]).exitCode).toBe(1);
    work.git("rebase", "--skip");
    expect(subjects(work, "main..feat/x")).toEqual(["mine two"]);
  });

  test("patches are applied, and a series that fails is aborted", () => {
    const { clone, work } = guardedGround(git);
    clone.git("switch", "-q", "-c", "patches");
    clone.commit("patch one", { "patched.txt": "1\n" });
    clone.commit("patch two", { "shared.txt": "patched\n" });
    const patches = clone
      .git("format-patch", "-o", "../patches", "main")
      .split("\n")
      .map((name) => `${clone.path}/${name}`);
    work.git("am", "-q", ...patches);
    expect(subjects(work, "main..feat/x")).toEqual(["patch one", "patch two"]);
    work.git("reset", "-q", "--hard", "main");
    work.commit("in the way", { "shared.txt": "mine\n" });
    const before = work.snapshot();
    expect(work.tryGit(["am", ...patches]).exitCode).not.toBe(0);
    expect(subjects(work, "main..feat/x")).toEqual(["in the way", "patch one"]);
    work.git("am", "--abort");
    expect(work.snapshot()).toBe(before);
  });

  test("a merge with a conflict is concluded by a commit", () => {
    const work = diverged(guardedGround(git), true);
    expect(work.tryGit(["merge", "main"]).exitCode).toBe(1);
    resolve(work);
    work.git("commit", "-q", "-m", "merged");
    expect(work.git("rev-parse", "HEAD^2")).toBe(work.git("rev-parse", "main"));
  });

  test("a merge with a conflict is aborted", () => {
    const work = diverged(guardedGround(git), true);
    const before = work.snapshot();
    expect(work.tryGit(["merge", "main"]).exitCode).toBe(1);
    work.git("merge", "--abort");
    expect(work.snapshot()).toBe(before);
  });

  test("a range is cherry-picked, continued after a conflict, or aborted as a whole", () => {
    const { clone, work } = guardedGround(git);
    clone.git("switch", "-q", "-c", "source");
    clone.commit("pick one", { "picked.txt": "1\n" });
    clone.commit("pick two", { "shared.txt": "picked\n" });
    clone.commit("pick three", { "three.txt": "3\n" });
    work.commit("in the way", { "shared.txt": "mine\n" });
    const before = work.snapshot();
    expect(work.tryGit(["cherry-pick", "main..source"]).exitCode).toBe(1);
    work.git("cherry-pick", "--abort");
    expect(work.snapshot()).toBe(before);
    expect(work.tryGit(["cherry-pick", "main..source"]).exitCode).toBe(1);
    resolve(work);
    work.git("cherry-pick", "--continue");
    expect(subjects(work, "main..feat/x")).toEqual(["in the way", "pick one", "pick two", "pick three"]);
  });

  test("a bisect checks out what it likes, takes no commit, and ends on the branch", () => {
    const { work } = guardedGround(git);
    for (const n of [1, 2, 3, 4]) work.commit(`step ${n}`);
    work.git("bisect", "start", "HEAD", "HEAD~4");
    work.git("bisect", "good");
    expect(expectNoCommit(work)).toContain("git bisect reset");
    work.git("bisect", "reset");
    expect(work.branch()).toBe("feat/x");
    expectCommit(work);
  });

  test("work is stashed and brought back, also on another branch", () => {
    const { work } = guardedGround(git);
    work.write("shared.txt", "edited\n");
    work.git("stash");
    switchAway(work);
    work.git("stash", "pop");
    expect(work.read("shared.txt")).toBe("edited\n");
    expect(work.branch()).toBe("astray");
  });
});

describe.each(availableGits())("with the $name git, elsewhere than on the expected branch", (git) => {
  test("a rebase does not begin", () => {
    const work = diverged(guardedGround(git));
    switchAway(work);
    const before = work.snapshot();
    expectRefused(work, ["rebase", "main"]);
    expect(work.snapshot()).toBe(before);
  });

  test("a rebase that names the expected branch goes there first, and passes", () => {
    const work = diverged(guardedGround(git));
    switchAway(work);
    work.git("rebase", "-q", "main", "feat/x");
    expect(work.branch()).toBe("feat/x");
    expect(subjects(work, "main..feat/x")).toEqual(["mine one", "mine two"]);
  });

  test("a detached HEAD takes no commit, and leads back to the branch", () => {
    const { work } = guardedGround(git);
    work.git("switch", "-q", "--detach");
    expectNoCommit(work);
    work.git("switch", "-q", "feat/x");
    expectCommit(work);
  });

  test("a detached HEAD takes no commit that is made beside a new branch either", () => {
    const { work } = guardedGround(git);
    work.git("switch", "-q", "--detach");
    const head = work.head();
    const made = work.git("commit-tree", "-p", "HEAD", "-m", "by hand", "HEAD^{tree}");
    const input = `create refs/heads/decoy ${head}\nupdate HEAD ${made} ${head}\n`;
    expect(work.tryGit(["update-ref", "--stdin"], { input }).exitCode).not.toBe(0);
    expect(work.head()).toBe(head);
    expect(work.tryGit(["rev-parse", "-q", "--verify", "refs/heads/decoy"]).exitCode).toBe(1);
  });

  test("nobody's main checkout takes commits on a detached HEAD", () => {
    const { clone } = guardedGround(git);
    clone.git("switch", "-q", "--detach");
    expectCommit(clone);
  });

  test("a branch without a commit gets its first only where it is expected", () => {
    const { work } = guardedGround(git);
    work.git("switch", "-q", "--orphan", "fresh");
    expectRefusedUnborn(work);
    expectBranch(work, "fresh");
    work.git("commit", "-q", "--allow-empty", "-m", "its first");
    expect(subjects(work, "fresh")).toEqual(["its first"]);
  });

  test("the expected branch may be renamed, and goes on taking commits", () => {
    const { work } = guardedGround(git);
    work.git("branch", "-m", "feat/x", "feat/renamed");
    expectCommit(work);
  });

  test.each([
    ["switch", "feat/x"],
    ["checkout", "feat/x"],
    ["switch", "-"],
  ])("the way back is open: %s %s", (...back) => {
    const { work } = guardedGround(git);
    switchAway(work);
    work.git(...back);
    expect(work.branch()).toBe("feat/x");
    expectCommit(work);
  });

  test("no other branch is moved, deleted, renamed or turned into another's name", () => {
    const { work } = guardedGround(git);
    work.git("branch", "bystander", "main");
    switchAway(work);
    expectRefused(work, ["branch", "-f", "bystander", "astray"]);
    expectRefused(work, ["branch", "-D", "bystander"]);
    expectRefused(work, ["branch", "-m", "bystander", "renamed"]);
    expectRefused(work, ["update-ref", "refs/heads/bystander", "astray"]);
    work.git("branch", "created");
  });
});

function expectRefusedUnborn(work: TestRepository): void {
  const before = work.refs();
  for (const option of ["--verify", "--no-verify"]) {
    const { exitCode, stderr } = work.tryGit(["commit", option, "--allow-empty", "-m", "no"]);
    expect([exitCode, stderr]).toEqual([expect.not.stringMatching("^0$"), expect.stringContaining("bulkhead: ")]);
    expect(exitCode).not.toBe(0);
  }
  expect(work.refs()).toBe(before);
}
