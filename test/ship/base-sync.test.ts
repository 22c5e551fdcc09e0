import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createShipGround, moveRemoteBase, type ShipGround, shipHere } from "../support/github/ship-ground.ts";

const localMain = (ground: ShipGround) => ground.clone.git("rev-parse", "refs/heads/main");
const remoteMain = (ground: ShipGround) => ground.repository.bare.commitOf("refs/heads/main");

/** Leaves the base checked out nowhere. */
function freeTheBase(ground: ShipGround): void {
  ground.clone.git("switch", "-q", "-c", "elsewhere");
}

/** The base in a linked worktree of its own. */
function baseInWorktree(ground: ShipGround) {
  freeTheBase(ground);
  ground.clone.git("worktree", "add", "-q", "../base", "main");
  return ground.clone.at(join(ground.directory, "base"));
}

describe("a base that is checked out nowhere", () => {
  test("moves, and no worktree does", async () => {
    const ground = await createShipGround();
    freeTheBase(ground);
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.sync.state, json.sync.worktree]).toEqual([0, "updated", null]);
    expect(localMain(ground)).toBe(await remoteMain(ground));
    expect([ground.clone.branch(), ground.work.branch()]).toEqual(["elsewhere", "feat/x"]);
    expect(ground.clone.git("status", "--porcelain")).toBe("");
  });

  test("is the branch, also where a tag has its name", async () => {
    const ground = await createShipGround();
    freeTheBase(ground);
    ground.clone.git("tag", "main", "feat/x");
    await ground.repository.bare.git(["update-ref", "refs/tags/main", "refs/heads/feat/x"]);
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.sync.state]).toEqual([0, "updated"]);
    expect(localMain(ground)).toBe(await remoteMain(ground));
    expect(ground.clone.git("rev-parse", "refs/tags/main")).toBe(ground.sha);
  });

  test("is left alone where it has commits of its own, which is exit 4 and never 'not merged'", async () => {
    const ground = await createShipGround();
    const own = ground.clone.commit("mine alone");
    freeTheBase(ground);
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.merge.state, json.sync.state]).toEqual([4, "merged", "diverged"]);
    expect(localMain(ground)).toBe(own);
  });

  test("is not made where there is none", async () => {
    const ground = await createShipGround();
    freeTheBase(ground);
    ground.clone.git("branch", "-D", "main");
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.sync.state]).toEqual([0, "skipped"]);
    expect(ground.clone.refs()).not.toContain("refs/heads/main");
  });

  test("has moved already when another process was quicker", async () => {
    const ground = await createShipGround();
    freeTheBase(ground);
    ground.github.inject({
      on: /PUT .*merge$/,
      after: () => ground.clone.gitAsync("fetch", "-q", "origin", "refs/heads/main:refs/heads/main"),
    });
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.sync.state]).toEqual([0, "current"]);
  });
});

describe("a base that is checked out where the ship runs", () => {
  test("is fast-forwarded with its files; edits that are not concerned stay", async () => {
    const ground = await createShipGround();
    ground.clone.write("README.md", "my edit\n");
    const { exitCode, json } = await shipHere(ground, ground.clone, { target: { number: 1 } });
    expect([exitCode, json.sync.state, json.sync.worktree]).toEqual([0, "updated", ground.clone.path]);
    expect(ground.clone.read("README.md")).toBe("my edit\n");
    expect(ground.clone.read("work.txt")).toBe("work\n");
    expect(ground.clone.git("status", "--porcelain")).toBe(" M README.md");
  });

  test("is left behind where an untracked file is in the way, and says so", async () => {
    const ground = await createShipGround();
    ground.clone.write("work.txt", "mine, never committed\n");
    const before = localMain(ground);
    const { exitCode, json } = await shipHere(ground, ground.clone, { target: { number: 1 } });
    expect([exitCode, json.merge.state, json.sync.state]).toEqual([0, "merged", "behind"]);
    expect(ground.clone.read("work.txt")).toBe("mine, never committed\n");
    expect(localMain(ground)).toBe(before);
  });
});

describe("a base that is checked out in another worktree", () => {
  test("is left alone there: nothing of it changes", async () => {
    const ground = await createShipGround();
    const base = baseInWorktree(ground);
    const before = base.snapshot().replace(/refs\/remotes.*\n?/g, "");
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.sync.state, json.sync.worktree]).toEqual([0, "behind", base.path]);
    expect(json.sync.reason).toBe(`main is checked out in ${base.path}`);
    expect(base.snapshot().replace(/refs\/remotes.*\n?/g, "")).toBe(before);
  });

  test("follows where that worktree says so", async () => {
    const ground = await createShipGround();
    const base = baseInWorktree(ground);
    ground.clone.git("config", "extensions.worktreeConfig", "true");
    base.git("config", "--worktree", "bulkhead.followBase", "true");
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.sync.state]).toEqual([0, "updated"]);
    expect(base.read("work.txt")).toBe("work\n");
    expect(base.git("status", "--porcelain")).toBe("");
  });

  test("does not follow in the main checkout of a session, or where it was told not to", async () => {
    const ground = await createShipGround();
    ground.clone.write(".session.json", JSON.stringify({ expectedBranch: "main" }));
    const first = await shipHere(ground, ground.work);
    expect([first.exitCode, first.json.sync.state]).toEqual([0, "behind"]);
    ground.clone.git("clean", "-qfd");
    ground.clone.git("config", "bulkhead.followBase", "false");
    const second = await shipHere(ground, ground.work);
    expect([second.exitCode, second.json.sync.state]).toEqual([0, "behind"]);
    expect(existsSync(join(ground.clone.path, "work.txt"))).toBe(false);
  });

  test("is left alone while it is being rebased there", async () => {
    const ground = await createShipGround();
    const base = baseInWorktree(ground);
    base.commit("one", { "README.md": "one\n" });
    base.git("branch", "onto", "HEAD~1");
    base.git("switch", "-q", "onto");
    base.commit("two", { "README.md": "two\n" });
    base.git("switch", "-q", "main");
    expect(base.tryGit(["rebase", "onto"]).exitCode).not.toBe(0);
    const before = localMain(ground);
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect(json.merge.state).toBe("merged");
    expect([exitCode, json.sync.state]).toEqual([4, "diverged"]);
    expect(localMain(ground)).toBe(before);
  });

  test("is left alone where it has diverged", async () => {
    const ground = await createShipGround();
    const own = ground.clone.commit("mine alone");
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.merge.state, json.sync.state]).toEqual([4, "merged", "diverged"]);
    expect([localMain(ground), ground.clone.git("status", "--porcelain")]).toEqual([own, ""]);
  });
});

test("a proof that fails stops what builds on it: exit 4, and the next ship finishes", async () => {
  const ground = await createShipGround();
  const lock = join(ground.clone.path, ".git/refs/remotes/origin/main.lock");
  ground.github.inject({ on: /PUT .*merge$/, after: () => writeFileSync(lock, "") });
  const first = await shipHere(ground, ground.work);
  expect([first.exitCode, first.json.merge.state]).toEqual([4, "merged"]);
  expect(first.json.steps.slice(1).map((s) => s.state)).toEqual(["failed", "skipped", "skipped", "skipped"]);
  expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBe(ground.sha);
  ground.clone.run("rm", [lock]);
  const second = await shipHere(ground, ground.work);
  expect([second.exitCode, second.json.sync.state]).toEqual([0, "updated"]);
  expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBeNull();
});

test("what others merged meanwhile comes with it", async () => {
  const ground = await createShipGround();
  const theirs = await moveRemoteBase(ground);
  freeTheBase(ground);
  expect((await shipHere(ground, ground.work)).json.sync.state).toBe("updated");
  expect(ground.clone.tryGit(["merge-base", "--is-ancestor", theirs, "refs/heads/main"]).exitCode).toBe(0);
});
