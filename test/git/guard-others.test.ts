import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AvailableGit, availableGits } from "../support/gits.ts";
import {
  bypasses,
  countFullGuards,
  expectBranch,
  expectCommit,
  expectNoCommit,
  expectRefused,
  failure,
  guardedGround,
  switchAway,
} from "../support/guarded-ground.ts";
import type { TestRepository } from "../support/repository.ts";

/** Branches `many/1` to `many/<count>`, loose, all on one commit. */
function makeBranches(repository: TestRepository, count: number): void {
  const head = repository.head();
  const input = Array.from({ length: count }, (_, i) => `create refs/heads/many/${i + 1} ${head}\n`).join("");
  const { exitCode, stderr } = repository.tryGit(["update-ref", "--stdin"], { input });
  expect([exitCode, stderr]).toEqual([0, ""]);
}

/** A ground in which the session of `work` expects `feat/x`, but its worktree has been switched away. */
function astray(git: AvailableGit, ...initArguments: string[]) {
  const ground = guardedGround(git, ...initArguments);
  ground.work.commit("worked");
  switchAway(ground.work);
  return ground;
}

describe.each(availableGits())("with the $name git, in a worktree that was switched away", (git) => {
  test("fetching 100 new branches starts no full guard", () => {
    const ground = astray(git);
    const { origin, work } = ground;
    const head = origin.git("rev-parse", "main");
    const input = Array.from({ length: 100 }, (_, i) => `create refs/heads/new/${i} ${head}\n`).join("");
    expect(origin.tryGit(["update-ref", "--stdin"], { input }).exitCode).toBe(0);
    const started = countFullGuards(ground);
    // Without the housekeeping that a current git starts afterwards: it prunes the branches that it has packed.
    work.git("-c", "maintenance.auto=false", "fetch", "-q", "origin");
    expect(work.git("for-each-ref", "--format=x", "refs/remotes/origin/new").split("\n")).toHaveLength(100);
    expect(started()).toBe(0);
    expectNoCommit(work);
    expect(started()).toBeGreaterThan(0);
  });

  test.each([
    ["pack-refs", "--all"],
    ["gc", "-q"],
  ])("git %s %s packs 50 branches", (...command) => {
    const { work } = astray(git);
    makeBranches(work, 50);
    const before = work.refs();
    expect(failure(work.tryGit(command))).toBe(null);
    expect(work.refs()).toBe(before);
    expectNoCommit(work);
    // Packed as it is now, a branch can still not be deleted from here.
    expectRefused(work, ["branch", "-D", "many/7"]);
  });

  test("a worktree is added, adopted, and removed", () => {
    const { work } = astray(git);
    const added = work.addWorktree("added", "feat/added", "main");
    expectCommit(added);
    work.git("worktree", "remove", "--force", added.path);
    expect(work.git("worktree", "list")).not.toContain("added");
  });
});

describe.each(availableGits())("with the $name git, on the right branch", (git) => {
  test("commits, amendments and a rebase start no full guard", () => {
    const ground = guardedGround(git);
    const { clone, work } = ground;
    const started = countFullGuards(ground);
    for (const n of [1, 2, 3]) work.commit(`step ${n}`);
    work.git("commit", "-q", "--amend", "-m", "step three");
    clone.commit("nobody's, in the main checkout");
    work.git("rebase", "-q", "main");
    work.git("reset", "-q", "--soft", "HEAD~1");
    expect(started()).toBe(0);
  });

  test("two processes commit at once, each in its own worktree", async () => {
    const { clone, work } = guardedGround(git);
    const script = "for i in 1 2 3 4 5; do git commit -q --allow-empty -m $i || exit 1; done";
    const running = [clone, work].map((place) => place.start("sh", ["-c", script]).finished);
    expect((await Promise.all(running)).map(failure)).toEqual([null, null]);
    for (const place of [clone, work]) expect(place.git("log", "--format=%s", "-5")).toBe("5\n4\n3\n2\n1");
  });

  test("two processes that commit at once on the wrong branch are both refused", async () => {
    const { clone, work } = guardedGround(git);
    expectBranch(clone, "not/here");
    switchAway(work);
    const before = clone.refs();
    const running = [clone, work].map((place) => place.start("git", ["commit", "--allow-empty", "-m", "no"]).finished);
    expect((await Promise.all(running)).map(({ exitCode }) => exitCode)).toEqual([1, 1]);
    expect(clone.refs()).toBe(before);
  });
});

describe.each(availableGits())("with the $name git, another session's branch", (git) => {
  test("is not moved or deleted from the main checkout, although nobody has it checked out", () => {
    const { clone } = astray(git);
    expect(expectRefused(clone, ["branch", "-f", "feat/x", "main"])).toContain("another session");
    expectRefused(clone, ["branch", "-D", "feat/x"]);
    expectRefused(clone, ["branch", "-m", "feat/x", "mine"]);
    expectRefused(clone, ["update-ref", "refs/heads/feat/x", "main"]);
    expectRefused(clone, ["update-ref", "-d", "refs/heads/feat/x"]);
    expectRefused(clone, ["fetch", "-q", ".", "+main:feat/x"]);
    clone.git("switch", "-q", "feat/x");
    expectNoCommit(clone);
    expectRefused(clone, ["commit", "--amend", "--no-verify", "-m", "no"]);
  });

  test("is not moved from the main checkout either where its file was written by hand", () => {
    const { clone, work } = guardedGround(git);
    switchAway(work);
    clone.git("branch", "by-hand");
    expectBranch(work, "by-hand");
    clone.git("switch", "-q", "by-hand");
    expectNoCommit(clone);
  });

  test("is not moved by a push into this clone", () => {
    const { clone, directory } = astray(git);
    const sender = clone.at(join(directory, "sender"));
    clone.at(directory).git("clone", "-q", clone.path, "sender");
    sender.git("switch", "-q", "feat/x");
    sender.git("commit", "-q", "--allow-empty", "-m", "from elsewhere");
    const before = clone.refs();
    for (const refspec of ["feat/x", "+main:feat/x", ":feat/x"]) {
      const { exitCode, stderr } = sender.tryGit(["push", "origin", refspec]);
      expect([refspec, exitCode === 0, stderr]).toEqual([refspec, false, expect.stringContaining("another session")]);
    }
    expect(clone.refs()).toBe(before);
    sender.git("push", "-q", "origin", "HEAD:nobodys");
    expect(clone.git("rev-parse", "nobodys")).toBe(sender.head());
  });

  test("and a protected one still follow their remote, and nothing else", () => {
    const ground = astray(git, "--protect", "main");
    const { clone, directory, origin, work } = ground;
    expectBranch(work, "main");
    origin.git("fetch", "-q", clone.path, "main:main");
    clone.git("switch", "-q", "-c", "topic");
    const local = clone.commit("made here");
    clone.git("remote", "add", "self", ".");
    clone.git("remote", "add", "again", `file://${clone.path}`);
    for (const args of [["."], ["self"], ["again"], ["--depth", "9", "."], [clone.path]]) {
      expectRefused(clone, ["fetch", "-q", ...args, "topic:main"]);
      expectRefused(clone, ["fetch", "-q", ...args, "refs/heads/topic:refs/heads/main"]);
    }
    expectRefused(clone, ["branch", "-f", "main", "topic"]);
    const other = clone.at(join(directory, "other"));
    clone.at(directory).git("clone", "-q", origin.path, "other");
    const landed = other.commit("landed");
    other.git("push", "-q", "origin", "main", "HEAD:refs/heads/deep/main");
    // Another branch of the remote is not the one to follow, whatever it is called.
    expectRefused(clone, ["fetch", "-q", "origin", "deep/main:main"]);
    clone.git("fetch", "-q", "origin", "deep/main:refs/remotes/origin/deep/main");
    expectRefused(clone, ["update-ref", "refs/heads/main", landed]);
    clone.git("fetch", "-q", "origin", "main:main");
    expect(clone.git("rev-parse", "main")).toBe(landed);
    expect(clone.head()).toBe(local);
  });
});

describe.each(availableGits())("with the $name git, SKIP_BRANCH_GUARD", (git) => {
  const skip = { env: { SKIP_BRANCH_GUARD: "1" } };

  test("lets a commit pass, warns, and is put on record once for each command", () => {
    const { work } = astray(git, "--protect", "astray");
    const { exitCode, stderr } = work.tryGit(["commit", "--allow-empty", "-m", "skipped"], skip);
    expect(exitCode).toBe(0);
    expect(stderr.match(/SKIP_BRANCH_GUARD is set/g)).toHaveLength(1);
    expect(bypasses(work)).toMatchObject([{ worktree: work.path, command: "git commit --allow-empty -m skipped" }]);
    expect(work.tryGit(["commit", "--allow-empty", "-m", "again"], skip).exitCode).toBe(0);
    expect(bypasses(work).map(({ command }) => command.split(" ").at(-1))).toEqual(["skipped", "again"]);
  });

  test("records a rebase once, however many commits it makes", () => {
    const { clone, work } = astray(git);
    for (const n of [1, 2, 3]) {
      expect(
        work.tryGit(["-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", `${n}`]).exitCode,
      ).toBe(0);
    }
    clone.commit("theirs");
    expect(failure(work.tryGit(["rebase", "-q", "main"], skip))).toBe(null);
    expect(bypasses(work).map(({ command }) => command)).toEqual(["git rebase -q main"]);
  });

  test("records nothing where nothing would be refused", () => {
    const { work } = guardedGround(git);
    expect(work.tryGit(["commit", "--allow-empty", "-m", "right"], skip)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(bypasses(work)).toEqual([]);
  });
});

test("without its settings or its program the guard refuses in a plain sentence, and commits nothing", () => {
  const [git] = availableGits();
  if (git === undefined) throw new Error("there is no git");
  const { clone, work } = guardedGround(git);
  switchAway(work);
  const home = join(clone.path, ".git", "bulkhead");
  writeFileSync(join(home, "guard.mjs"), "this is no program");
  expectRefusedSaying(work, "");
  clone.run("rm", [join(home, "guard.mjs")]);
  expectRefusedSaying(work, "could not be started");
  clone.run("rm", [join(home, "guard.conf")]);
  expectRefusedSaying(work, "incomplete");
});

function expectRefusedSaying(work: TestRepository, text: string): void {
  const before = work.snapshot();
  const { exitCode, stderr } = work.tryGit(["commit", "--allow-empty", "-m", "no"]);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(text)]);
  expect(work.snapshot()).toBe(before);
}
