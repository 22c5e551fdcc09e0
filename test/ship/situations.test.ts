import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseBranchName, parseCommitSha } from "../../src/domain/names.ts";
import { createGitHubGround, pushDirectly } from "../support/github/ground.ts";
import { createShipGround, isWrite, runShip, shipHere } from "../support/github/ship-ground.ts";

describe("a branch with another name on the remote", () => {
  async function renamed() {
    const ground = await createShipGround("team/feat");
    const { work } = ground;
    work.git("branch", "-q", "-m", "work");
    work.git("branch", "-q", "--set-upstream-to=origin/team/feat");
    return ground;
  }

  test("is found, and its unpushed commits and changes refuse", async () => {
    const ground = await renamed();
    ground.work.commit("more");
    expect((await shipHere(ground, ground.work)).json.error?.code).toBe("SHIP_NOT_PUSHED");
    ground.work.write("work.txt", "changed\n");
    expect((await shipHere(ground, ground.work)).json.error?.code).toBe("SHIP_DIRTY");
    expect(ground.github.requests.filter(isWrite)).toEqual([]);
  });

  test("is pushed to that name", async () => {
    const ground = await renamed();
    const head = ground.work.commit("more");
    const { exitCode, json } = await shipHere(ground, ground.work, { push: true, keepBranch: true });
    expect([exitCode, json.pr?.number, json.pr?.sha]).toEqual([0, 1, head]);
    expect(await ground.repository.bare.commitOf("refs/heads/team/feat")).toBe(head);
    expect(await ground.repository.bare.commitOf("refs/heads/work")).toBeNull();
  });
});

describe("a fork", () => {
  /** `origin` is the user's fork, `upstream` the canonical repository. */
  async function forked() {
    const ground = await createGitHubGround();
    const fork = await ground.github.createRepository("ada", "app", ground.repository);
    ground.clone.git("remote", "rename", "origin", "upstream");
    ground.clone.git("remote", "add", "origin", fork.cloneUrl);
    const work = ground.clone.addWorktree("work", "feat/x");
    const sha = work.commit("work", { "work.txt": "work\n" });
    return { ...ground, fork, work, sha };
  }

  test("opens its pull request in the canonical repository, and pushes nothing there", async () => {
    const ground = await forked();
    const { exitCode, json } = await shipHere(ground, ground.work, {
      create: { title: null, body: null, draft: false },
    });
    expect([exitCode, json.merge?.state, json.pr?.number]).toEqual([0, "merged", 1]);
    expect(ground.repository.pulls.get(1)?.headRepository.fullName).toBe("ada/app");
    expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBeNull();
    expect(await ground.fork.bare.commitOf("refs/heads/feat/x")).toBe(ground.sha);
  });

  test("finds the pull request that it has", async () => {
    const ground = await forked();
    await ground.fork.bare.git(["fetch", "-q", ground.work.path, "refs/heads/feat/x:refs/heads/feat/x"]);
    await ground.repository.openPull({ head: "feat/x", from: ground.fork });
    ground.work.commit("more");
    expect((await shipHere(ground, ground.work)).json.error?.code).toBe("SHIP_NOT_PUSHED");
    const byNumber = await shipHere(ground, ground.clone, { target: { number: 1 } });
    expect(byNumber.json.error?.code).toBe("SHIP_NOT_PUSHED");
  });
});

test("a branch that is checked out nowhere, with commits that the pull request lacks, is refused unless its head is named", async () => {
  const ground = await createShipGround();
  ground.work.commit("later");
  ground.clone.git("worktree", "remove", ground.work.path);
  const request = { target: { number: 1 } };
  expect((await shipHere(ground, ground.clone, request)).json.error?.code).toBe("SHIP_NOT_PUSHED");
  const expectHead = parseCommitSha(ground.sha);
  expect((await shipHere(ground, ground.clone, { ...request, expectHead })).exitCode).toBe(0);
});

test("a session that types another branch's number has to say so twice", async () => {
  const ground = await createShipGround("feat/b");
  const other = ground.clone.addWorktree("a", "feat/a", "main");
  other.write(".session.json", JSON.stringify({ expectedBranch: "feat/a" }));
  const request = { target: { number: 1 } };
  expect((await shipHere(ground, other, request)).json.error?.code).toBe("SHIP_OTHER_BRANCH");
  const expectBranch = parseBranchName("feat/b");
  expect((await shipHere(ground, other, { ...request, expectBranch })).exitCode).toBe(0);
});

test("a pull request's address is taken, another repository's is refused by name", async () => {
  const ground = await createShipGround();
  for (const word of ["acme/other#1", `${ground.github.url}/acme/other/pull/1`]) {
    const { exitCode, json } = await runShip(ground, ground.work, [word]);
    expect([exitCode, json.error?.code, json.error?.message]).toEqual([
      1,
      "SHIP_OTHER_REPOSITORY",
      expect.stringContaining("acme/other"),
    ]);
  }
  const { exitCode } = await runShip(ground, ground.work, [`${ground.github.url}/acme/app/pull/1/files`]);
  expect(exitCode).toBe(0);
});

test("a transferred repository is followed", async () => {
  const ground = await createShipGround();
  ground.github.rename(ground.repository, "newco/app");
  const { exitCode, json } = await shipHere(ground, ground.work);
  expect([exitCode, json.merge?.state]).toEqual([0, "merged"]);
});

test("a method that GitHub refuses after all gives way to the next", async () => {
  const ground = await createShipGround();
  const message = "Merge commits are not allowed on this repository.";
  ground.github.inject({ on: /PUT .*\/merge$/, answer: { status: 405, message } });
  expect((await shipHere(ground, ground.work)).exitCode).toBe(0);
  expect(ground.clone.git("rev-list", "--count", "--merges", "refs/heads/main")).toBe("0");
});

test("a merge in the background is followed to its end", async () => {
  const ground = await createShipGround();
  ground.repository.asyncMergeReads = 2;
  const { exitCode, json } = await shipHere(ground, ground.work);
  expect([exitCode, json.merge?.state]).toEqual([0, "merged"]);
  expect(ground.github.requests.filter(({ path }) => path.endsWith("/merge"))).toEqual([]);
});

test("a queue and an auto-merge are exit 5 until they are merged, and are finished by the next ship", async () => {
  const ground = await createShipGround();
  ground.repository.protect("main", { via: "ruleset", mergeQueue: true });
  const queued = await shipHere(ground, ground.work, { via: "queue" });
  expect([queued.exitCode, queued.json.merge?.state]).toEqual([5, "queued"]);
  const { exitCode, json } = await shipHere(ground, ground.work, { via: "queue", waitMs: 600_000 });
  expect([exitCode, json.merge?.state]).toEqual([0, "merged"]);
  expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBeNull();
});

test("a frozen base refuses until it is lifted, and a ship is taken back with its branch", async () => {
  const ground = await createShipGround();
  const run = (...words: string[]) => runShip(ground, ground.work, words);
  expect((await run("freeze", "--until", "2020-01-01")).exitCode).toBe(2);
  expect((await run("freeze", "--reason", "release")).exitCode).toBe(0);
  const frozen = await run();
  expect([frozen.exitCode, frozen.json.error?.code]).toEqual([1, "SHIP_FROZEN"]);
  expect((await run("unfreeze")).exitCode).toBe(0);
  expect((await run()).exitCode).toBe(0);
  const undone = await run("--undo");
  expect([undone.exitCode, (undone.json as unknown as { revert: { number: number } }).revert.number]).toEqual([0, 2]);
  expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBe(ground.sha);
  expect((await run("status")).json).toMatchObject({ bases: [{ ships: [{ pull: 1, state: "taken back" }] }] });
});

test("a head that others use, or that was a base, stays, and it is said why", async () => {
  const ground = await createShipGround();
  await ground.repository.bare.git(["update-ref", "refs/heads/develop", "refs/heads/main"]);
  await ground.repository.openPull({ head: "feat/x", base: "develop" });
  const { exitCode, json } = await shipHere(ground, ground.work, { target: { number: 1 } });
  expect([exitCode, json.kept]).toEqual([0, "#2 comes from feat/x too"]);
  expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBe(ground.sha);
});

test("a base that only a vanished worktree holds moves", async () => {
  const ground = await createShipGround();
  ground.clone.git("switch", "-q", "-c", "elsewhere");
  ground.clone.git("worktree", "add", "-q", "../gone", "main");
  ground.clone.run("rm", ["-rf", join(ground.directory, "gone")]);
  const { exitCode, json } = await shipHere(ground, ground.work);
  expect([exitCode, json.sync?.state]).toEqual([0, "updated"]);
  pushDirectly(ground.clone, ground.repository, "elsewhere");
});
