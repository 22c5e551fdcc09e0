import { describe, expect, test } from "vitest";
import { parseCommitSha } from "../../src/domain/names.ts";
import { FAULTS } from "../support/github/faults.ts";
import { pushDirectly } from "../support/github/ground.ts";
import {
  createShipGround,
  isMerge,
  isWrite,
  moveRemoteBase,
  runShip,
  type ShipGround,
  shipHere,
} from "../support/github/ship-ground.ts";
import { ADVERSARIAL_BRANCHES } from "../support/repository.ts";

const remoteTip = (ground: ShipGround, branch: string) => ground.repository.bare.commitOf(`refs/heads/${branch}`);
const mergesAsked = (ground: ShipGround) => ground.github.requests.filter(isMerge).length;

describe("a pull request that is ready", () => {
  test("is merged, proven, the base synced, the remote branch deleted, and every worktree stays on its branch", async () => {
    const ground = await createShipGround();
    const { exitCode, json } = await runShip(ground, ground.work);
    const tip = await remoteTip(ground, "main");
    expect(exitCode).toBe(0);
    expect(json.pr).toMatchObject({ number: 1, branch: "feat/x", base: "main", sha: ground.sha });
    expect(json.merge).toEqual({ state: "merged", sha: tip, before: false });
    expect(json.sync).toMatchObject({ state: "updated", base: "main", to: tip, worktree: ground.clone.path });
    expect(json.cleanup.remote_branch).toMatchObject({ state: "done" });
    expect(json.cleanup.local_branch).toMatchObject({
      state: "skipped",
      detail: `kept: checked out in ${ground.work.path}`,
    });
    expect(json.steps.map((s) => [s.step, s.state])).toEqual([
      ["merge", "done"],
      ["prove", "done"],
      ["sync", "done"],
      ["delete_remote_branch", "done"],
      ["delete_local_branch", "skipped"],
    ]);
    expect(await remoteTip(ground, "feat/x")).toBeNull();
    expect([ground.clone.branch(), ground.work.branch()]).toEqual(["main", "feat/x"]);
    expect(ground.clone.git("rev-parse", "refs/heads/main")).toBe(tip);
    expect(ground.clone.git("status", "--porcelain")).toBe("");
    expect(ground.clone.read("work.txt")).toBe("work\n");
    expect(ground.work.git("status", "--porcelain")).toBe("");
  });

  test("costs at most 8 API requests, found by branch or by number", async () => {
    const ground = await createShipGround();
    await runShip(ground, ground.work, ["--dry-run"]);
    const planned = ground.github.requests.splice(0).length;
    expect((await runShip(ground, ground.work)).exitCode).toBe(0);
    expect(planned).toBe(2);
    expect(ground.github.requests.length).toBeLessThanOrEqual(8);
  });

  test("is told to people in a few plain lines", async () => {
    const ground = await createShipGround();
    ground.work.write("notes.txt", "mine");
    const env = { GITHUB_TOKEN: ground.token };
    const { stdout, exitCode } = await ground.work.startBulkhead(["ship"], { env }).finished;
    const tip = ((await remoteTip(ground, "main")) ?? "").slice(0, 10);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n")).toEqual([
      `Pull request #1 is merged into main as ${tip}.`,
      `  proof: ${tip} is in origin/main`,
      `  base: main is at ${tip}`,
      "  remote branch: deleted",
      `  local branch: kept: checked out in ${ground.work.path}`,
      "  untracked, not part of it: notes.txt",
      "",
    ]);
  });

  test.each(["merge", "squash", "rebase"] as const)("is merged by %s when asked to", async (method) => {
    const ground = await createShipGround();
    await moveRemoteBase(ground);
    const { exitCode, json } = await shipHere(ground, ground.work, { method });
    expect([exitCode, json.merge.state, json.sync.state]).toEqual([0, "merged", "updated"]);
    const parents = ground.clone.git("rev-list", "--parents", "-1", "refs/heads/main").split(" ").length - 1;
    expect(parents).toBe(method === "merge" ? 2 : 1);
  });

  test("is merged by the first method that repository and rules allow", async () => {
    const ground = await createShipGround();
    ground.repository.settings.allowMerge = false;
    ground.repository.protect("main", { via: "ruleset", allowedMethods: ["merge", "rebase"] });
    expect((await shipHere(ground, ground.work)).exitCode).toBe(0);
    expect(ground.clone.git("log", "-1", "--format=%s", "refs/heads/main")).toBe("work");
  });

  test("keeps its branches with --keep-branch", async () => {
    const ground = await createShipGround();
    const { exitCode, json } = await runShip(ground, ground.work, ["--keep-branch"]);
    expect(exitCode).toBe(0);
    expect(json.cleanup).toEqual({ remote_branch: null, local_branch: null, retargeted: [], worktree: null });
    expect(await remoteTip(ground, "feat/x")).toBe(ground.sha);
  });

  test("can be shipped by number from the main checkout; the local branch goes once nobody holds it", async () => {
    const ground = await createShipGround();
    ground.clone.git("worktree", "remove", ground.work.path);
    const { exitCode, json } = await shipHere(ground, ground.clone, { target: { number: 1 } });
    expect(exitCode).toBe(0);
    expect(json.cleanup.local_branch).toMatchObject({ state: "done", detail: "deleted" });
    expect(ground.clone.refs()).not.toContain("refs/heads/feat/x");
  });

  test("keeps a local branch that has other commits than what was merged", async () => {
    const ground = await createShipGround();
    ground.work.commit("later");
    ground.clone.git("worktree", "remove", ground.work.path);
    const expectHead = parseCommitSha(ground.sha);
    const { exitCode, json } = await shipHere(ground, ground.clone, { target: { number: 1 }, expectHead });
    expect(exitCode).toBe(0);
    expect(json.cleanup.local_branch?.detail).toBe("kept: it has other commits than what was merged");
    expect(ground.clone.refs()).toContain("refs/heads/feat/x");
  });

  test("keeps a remote branch that somebody pushed to after the merge", async () => {
    const ground = await createShipGround();
    ground.github.inject({
      on: /PUT .*merge$/,
      after: () => ground.repository.bare.git(["update-ref", "refs/heads/feat/x", "refs/heads/main"]),
    });
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect(exitCode).toBe(0);
    expect(json.cleanup.remote_branch?.detail).toBe("kept: somebody pushed to it since");
    expect(await remoteTip(ground, "feat/x")).not.toBeNull();
  });

  test("finds the remote branch gone where GitHub deletes it itself", async () => {
    const ground = await createShipGround();
    ground.repository.settings.deleteBranchOnMerge = true;
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.cleanup.remote_branch?.detail]).toEqual([0, "was already gone"]);
  });

  test("moves the pull requests that stand on its branch before the branch goes", async () => {
    const ground = await createShipGround();
    ground.work.git("branch", "feat/child");
    pushDirectly(ground.work, ground.repository, "feat/child");
    const child = await ground.repository.openPull({ head: "feat/child", base: "feat/x" });
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.cleanup.retargeted]).toEqual([0, [child.number]]);
    expect([child.state, child.baseRef]).toEqual(["open", "main"]);
  });

  test("never deletes a head that is protected here", async () => {
    const ground = await createShipGround("develop");
    ground.clone.git("config", "bulkhead.protect", "dev*");
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.cleanup.remote_branch]).toEqual([0, null]);
    expect(await remoteTip(ground, "develop")).toBe(ground.sha);
  });
});

/** Quotes, shell, URL and option characters, and a name too long for a file: the GitHub tests take all of them. */
const NASTY = ADVERSARIAL_BRANCHES.filter((branch) => /'|touch|%|-dash|#|long/.test(branch));

test("branch names with every kind of dangerous character are shipped", async () => {
  const ground = await createShipGround();
  for (const [index, branch] of NASTY.entries()) {
    ground.work.git("switch", "-q", "--no-track", "-c", branch, "refs/remotes/origin/main");
    ground.work.commit(`on ${branch}`, { [`${index}.txt`]: branch });
    pushDirectly(ground.work, ground.repository, branch);
    await ground.repository.openPull({ head: branch });
    const { exitCode, json } = await runShip(ground, ground.work);
    expect([branch, exitCode, json.merge?.state]).toEqual([branch, 0, "merged"]);
    expect(await remoteTip(ground, branch)).toBeNull();
  }
  expect(NASTY).toHaveLength(6);
});

describe("--dry-run", () => {
  test("prints the plan and changes nothing, not even a tracking ref", async () => {
    const ground = await createShipGround();
    await moveRemoteBase(ground);
    const before = [ground.clone.snapshot(), await ground.repository.bare.git(["for-each-ref"])];
    const { exitCode, json } = await runShip(ground, ground.work, ["--dry-run"]);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({ dry_run: true, merge: { state: "not_merged", sha: null } });
    expect(json.steps.map((s) => `${s.step} ${s.state}`)).toEqual([
      "merge planned",
      "prove planned",
      "sync planned",
      "delete_remote_branch planned",
      "delete_local_branch planned",
    ]);
    expect([ground.clone.snapshot(), await ground.repository.bare.git(["for-each-ref"])]).toEqual(before);
    expect(!ground.github.requests.some(isWrite)).toBe(true);
  });

  test("with --push plans the push, and the merge of what is pushed", async () => {
    const ground = await createShipGround();
    ground.work.commit("more");
    const env = { GITHUB_TOKEN: ground.token };
    const { stdout } = await ground.work.startBulkhead(["ship", "--push", "--dry-run"], { env }).finished;
    const head = ground.work.head().slice(0, 10);
    expect(stdout).toContain(`1. push feat/x at ${head} (never forced)`);
    expect(stdout).toContain(`2. merge pull request #1 (merge), only while its head is ${head}`);
    expect(await remoteTip(ground, "feat/x")).toBe(ground.sha);
  });
});

describe("--push and --create", () => {
  test("push what is only here, and merge exactly that", async () => {
    const ground = await createShipGround();
    const head = ground.work.commit("more");
    const { exitCode, json } = await runShip(ground, ground.work, ["--push"]);
    expect([exitCode, json.pr?.sha, json.steps[0]?.step]).toEqual([0, head, "push"]);
    expect(ground.clone.git("merge-base", "--is-ancestor", head, "refs/heads/main")).toBe("");
  });

  test("open the pull request and ship it", async () => {
    const ground = await createShipGround();
    ground.work.git("switch", "-q", "-c", "feat/new", "main");
    ground.work.commit("A new thing; $(touch pwned)");
    const { exitCode, json } = await runShip(ground, ground.work, ["--create", "--body", "Why: because"]);
    expect([exitCode, json.pr?.number, json.pr?.title]).toEqual([0, 2, "A new thing; $(touch pwned)"]);
    expect(ground.repository.pulls.get(2)?.body).toBe("Why: because");
    expect(json.steps.slice(0, 3).map((s) => s.step)).toEqual(["push", "create", "merge"]);
  });

  test("leave a draft open", async () => {
    const ground = await createShipGround();
    ground.work.git("switch", "-q", "-c", "feat/new", "main");
    ground.work.commit("new");
    const { exitCode, json } = await runShip(ground, ground.work, ["--create", "--draft", "--title", "Later"]);
    expect([exitCode, json.merge.state, json.pr?.title]).toEqual([0, "not_merged", "Later"]);
    expect(ground.repository.pulls.get(2)?.draft).toBe(true);
  });

  test("never force a push", async () => {
    const ground = await createShipGround();
    ground.work.git("commit", "-q", "--amend", "-m", "rewritten");
    const { exitCode, json } = await runShip(ground, ground.work, ["--push"]);
    expect([exitCode, json.error?.code]).toEqual([1, "SHIP_PUSH_WOULD_FORCE"]);
    expect(await remoteTip(ground, "feat/x")).toBe(ground.sha);
  });

  test("say that a check has not started yet, with exit 5", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci"] });
    ground.work.commit("more");
    const { exitCode, json } = await runShip(ground, ground.work, ["--push"]);
    expect([exitCode, json.error?.code, json.error?.data.missing]).toEqual([5, "SHIP_PUSHED_NOT_READY", ["ci"]]);
    expect(mergesAsked(ground)).toBe(0);
  });
});

describe("--wait", () => {
  test("gives up after its time, with exit 5, and merges nothing", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci"] });
    const { exitCode, json } = await shipHere(ground, ground.work, { waitMs: 60_000 });
    expect([exitCode, json.error?.code]).toEqual([5, "SHIP_WAITED_LONG_ENOUGH"]);
    expect(mergesAsked(ground)).toBe(0);
  });

  test("merges when the check is done", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci"] });
    ground.repository.addCheck(ground.sha, { name: "ci", pendingReads: 3 });
    const { exitCode, json } = await shipHere(ground, ground.work, { waitMs: 60_000 });
    expect([exitCode, json.merge.state]).toEqual([0, "merged"]);
  });
});

describe("a merge whose answer is doubtful", () => {
  test.each([
    ["a server error after it happened", FAULTS.mergeAnsweredByServerError()],
    ["no answer after it happened", FAULTS.mergeAnswerLost()],
  ])("with %s is found merged, and asked for once", async (_, fault) => {
    const ground = await createShipGround();
    ground.github.inject(fault);
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.merge.state, json.sync.state]).toEqual([0, "merged", "updated"]);
    expect(mergesAsked(ground)).toBe(1);
  });

  test("that never arrived is asked for again once GitHub says that nothing was merged", async () => {
    const ground = await createShipGround();
    ground.github.inject(FAULTS.mergeRequestLost());
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.merge.state]).toEqual([0, "merged"]);
    expect(ground.clone.git("rev-list", "--count", "--merges", "refs/heads/main")).toBe("1");
  });

  test("because another merge moved the base is tried again", async () => {
    const ground = await createShipGround();
    ground.github.inject(FAULTS.baseModified(2));
    expect((await shipHere(ground, ground.work)).exitCode).toBe(0);
    expect(mergesAsked(ground)).toBe(3);
  });

  test("and that cannot be cleared up is exit 3, and the next ship finishes it", async () => {
    const ground = await createShipGround();
    ground.github.inject(FAULTS.mergeAnswerLost());
    // None of the looks after the merge gets an answer.
    ground.github.inject({ on: /GET .*\/pulls\/1$/, times: 4, answer: "drop" });
    const first = await shipHere(ground, ground.work);
    expect([first.exitCode, first.json.error?.code]).toEqual([3, "SHIP_MERGE_UNCLEAR"]);
    const second = await shipHere(ground, ground.work);
    expect([second.exitCode, second.json.merge.state, second.json.merge.before]).toEqual([0, "merged", true]);
    expect(await remoteTip(ground, "feat/x")).toBeNull();
    expect(mergesAsked(ground)).toBe(1);
  });
});

test("a pull request that is merged already is said so; the base is synced and the branch cleaned up", async () => {
  const ground = await createShipGround();
  await ground.repository.merge(ground.pull, { method: "squash", by: "ada" });
  const { exitCode, json } = await runShip(ground, ground.work);
  expect([exitCode, json.merge.before, json.sync.state]).toEqual([0, true, "updated"]);
  expect(mergesAsked(ground)).toBe(0);
  const again = await runShip(ground, ground.work);
  expect([again.exitCode, again.json.sync.state, again.json.cleanup.remote_branch?.detail]).toEqual([
    0,
    "current",
    "was already gone",
  ]);
});
