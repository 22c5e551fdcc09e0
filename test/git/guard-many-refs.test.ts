import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { availableGits } from "../support/gits.ts";
import {
  expectBranch,
  expectRefused,
  type GuardedGround,
  guardedGround,
  switchAway,
} from "../support/guarded-ground.ts";
import type { TestRepository } from "../support/repository.ts";

/** Starts of git while a command runs, its own and those of hooks. Hooks find git by a path of git's own, so it is git that counts. */
function countGits(repository: TestRepository, ground: GuardedGround, args: string[], env: NodeJS.ProcessEnv = {}) {
  const trace = join(ground.directory, "trace");
  rmSync(trace, { force: true });
  const { exitCode, stderr } = repository.tryGit(args, { env: { ...env, GIT_TRACE: trace } });
  const started = existsSync(trace) ? (readFileSync(trace, "utf8").match(/ built-in: git /g) ?? []).length : 0;
  return { exitCode, stderr, started };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `b${index}`);

/** Branches that the origin has moved on, and the session's worktree is on a wrong branch: every line needs evidence. */
function behindOrigin(ground: GuardedGround, count: number): void {
  const { clone, work } = ground;
  for (const name of names(count)) clone.git("branch", name);
  clone.git("push", "-q", "origin", ...names(count));
  const tip = clone.commit("upstream");
  clone.git("push", "-q", "origin", "main", ...names(count).map((name) => `${tip}:refs/heads/${name}`));
  switchAway(work);
}

describe.each(availableGits())("on git $version", (git) => {
  test("one transaction of many lines costs as many processes as one of few", () => {
    const started = [2, 60].map((count) => {
      const ground = guardedGround(git);
      behindOrigin(ground, count);
      const { clone, work } = ground;
      const tip = clone.head();
      const input = names(count).map((name) => `update refs/heads/${name} ${tip}\n`);
      const trace = join(ground.directory, "trace");
      const { exitCode, stderr } = work.tryGit(["update-ref", "--stdin"], {
        input: input.join(""),
        env: { GIT_TRACE: trace },
      });
      // The remote-tracking refs hold what the branches get: that is no work made here.
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      return (readFileSync(trace, "utf8").match(/ built-in: git /g) ?? []).length;
    });
    expect(started[1]).toBe(started[0]);
    expect(started[1]).toBeLessThanOrEqual(10);
  });

  test("an atomic fetch into many branches starts no git for each", () => {
    const ground = guardedGround(git, "--protect", "b*");
    const { work } = ground;
    for (const name of names(40)) ground.clone.git("branch", name);
    ground.clone.run("git", ["push", "-q", "--no-verify", "origin", ...names(40)]);
    const tip = ground.clone.commit("upstream");
    ground.origin.git("fetch", "-q", ground.clone.path, "main");
    for (const name of names(40)) ground.origin.git("update-ref", `refs/heads/${name}`, tip);
    switchAway(work);
    const fetched = countGits(work, ground, ["fetch", "-q", "--atomic", "origin", "refs/heads/b*:refs/heads/b*"]);
    expect(fetched).toMatchObject({ exitCode: 0 });
    expect(fetched.started).toBeLessThanOrEqual(25);
    expect(new Set(names(40).map((name) => work.git("rev-parse", name)))).toEqual(new Set([tip]));
  });

  test("branches that nobody minds are fetched without asking git for each", () => {
    const ground = guardedGround(git);
    behindOrigin(ground, 12);
    expectBranch(ground.work, "astray");
    const { exitCode, started } = countGits(ground.work, ground, [
      "fetch",
      "-q",
      "origin",
      "refs/heads/b*:refs/heads/b*",
    ]);
    expect(exitCode).toBe(0);
    expect(started).toBeLessThanOrEqual(12);
  });

  test("a fetch that moves many branches while HEAD is astray starts at most one git for each", () => {
    const ground = guardedGround(git);
    behindOrigin(ground, 30);
    const { work, clone } = ground;
    const fetched = countGits(work, ground, ["fetch", "-q", "origin", "refs/heads/b*:refs/heads/b*"]);
    expect(fetched).toMatchObject({ exitCode: 0, stderr: "" });
    expect(fetched.started).toBeLessThanOrEqual(30 + 25);
    expect(new Set(names(30).map((name) => work.git("rev-parse", name)))).toEqual(new Set([clone.head()]));
    // Made here and there on different roots: no fast-forward brings what the origin has.
    clone.run("git", ["push", "-q", "--no-verify", "origin", "main~1:refs/heads/bz"]);
    const made = clone.git("commit-tree", "-m", "z", "HEAD^{tree}");
    clone.git("-c", "core.hooksPath=/dev/null", "branch", "bz", made);
    const said = expectRefused(work, ["fetch", "-q", "origin", "+refs/heads/b*:refs/heads/b*"]);
    expect(said).toContain("Branch mismatch detected!");
  });

  test("what one fetch may bring, no later command may", () => {
    const ground = guardedGround(git);
    behindOrigin(ground, 2);
    const { work } = ground;
    work.git("fetch", "-q", "origin", "refs/heads/b*:refs/heads/b*");
    const made = work.git("commit-tree", "-p", "b0", "-m", "made here", "b0^{tree}");
    for (const args of [
      ["update-ref", "refs/heads/b0", made],
      ["fetch", "-q", ".", `${made}:refs/heads/b0`],
    ])
      expectRefused(work, args);
  });

  test("one line that may not move refuses the transaction, wherever it stands", () => {
    const ground = guardedGround(git);
    behindOrigin(ground, 30);
    const { work, clone } = ground;
    const refs = work.refs();
    const tip = clone.head();
    const input = names(30).map((name) => `update refs/heads/${name} ${name === "b29" ? work.head() : tip}\n`);
    const { exitCode, stderr } = work.tryGit(["update-ref", "--stdin"], { input: input.join("") });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("Branch mismatch detected!");
    expect(work.refs()).toBe(refs);
  });

  test("a push of many branches starts no git for each, and names those moved while hooks were off", () => {
    const ground = guardedGround(git);
    const { clone } = ground;
    for (const name of names(40)) clone.git("branch", name);
    clone.git("push", "-q", "origin", ...names(40));
    const tip = clone.commit("on");
    clone.git("-c", "core.hooksPath=/dev/null", "update-ref", "refs/heads/b7", tip);
    const off = ["-c", "core.hooksPath=/dev/null", "update-ref", "-m", "unseen"];
    const later = { GIT_COMMITTER_DATE: `@${Math.floor(Date.now() / 1000) + 60} +0000` };
    clone.run("git", [...off, "refs/heads/b7", clone.git("commit-tree", "-p", tip, "-m", "x", `${tip}^{tree}`)], {
      env: later,
    });
    const pushed = countGits(clone, ground, ["push", "-q", "origin", "--force", ...names(40)]);
    expect(pushed.exitCode).toBe(0);
    expect(pushed.stderr).toContain("'b7' was moved while hooks were off");
    expect(pushed.started).toBeLessThanOrEqual(20);
  });
});
