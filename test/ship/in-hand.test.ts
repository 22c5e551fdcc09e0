import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pushDirectly } from "../support/github/ground.ts";
import { mortalShip } from "../support/github/mortal.ts";
import {
  createShipGround,
  isWrite,
  moveRemoteBase,
  runShip,
  type ShipGround,
  shipHere,
} from "../support/github/ship-ground.ts";

const WAIT = 600_000;

/** Text for people of a real ship. */
async function told(ground: ShipGround, ...words: string[]): Promise<string> {
  const env = { GITHUB_TOKEN: ground.token };
  return (await ground.work.startBulkhead(words, { env }).finished).stdout;
}

/** The command that a text says is to be typed, as words. */
function typedIn(text: string): string[] {
  const [, words = ""] = /: .*?(ship \d+.*)$/m.exec(text) ?? [];
  return words.split(" ");
}

describe("--queue", () => {
  async function queued() {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", mergeQueue: true });
    return ground;
  }

  test("is exit 5, and the command that it prints follows it to its end and cleans up", async () => {
    const ground = await queued();
    ground.repository.queueReads = 4;
    const text = await told(ground, "ship", "--queue");
    expect(text).toMatch(/^Pull request #1 is not merged yet: in the merge queue, position 1, awaiting checks\.\n/);
    const status = await told(ground, "ship", "status");
    expect(status).toContain("#1 feat/x: left to GitHub");
    expect(typedIn(text).slice(0, 3)).toEqual(["ship", "1", "--wait"]);
    const { exitCode, json } = await shipHere(ground, ground.work, { target: { number: 1 }, waitMs: WAIT });
    expect([exitCode, json.merge?.state, json.cleanup.remote_branch?.state]).toEqual([0, "merged", "done"]);
    expect(ground.github.requests.filter(({ path }) => path.endsWith("/enqueue"))).toHaveLength(1);
  });

  test("is pinned: a push that comes between is not merged unseen", async () => {
    const ground = await queued();
    ground.github.inject({
      on: /^MUTATION \/graphql\/enqueue$/,
      before: () => moveRemoteBase(ground, "theirs.txt", "feat/x"),
    });
    const { exitCode, json } = await shipHere(ground, ground.work, { via: "queue" });
    expect([exitCode, json.error?.code, ground.pull.state]).toEqual([1, "SHIP_HEAD_MOVED", "open"]);
  });

  test("says so when the queue gives it back, and merges nothing", async () => {
    const ground = await queued();
    ground.repository.queueReads = -2;
    const { exitCode, json } = await shipHere(ground, ground.work, { via: "queue", waitMs: WAIT });
    expect([exitCode, json.error?.code, ground.pull.merged]).toEqual([1, "SHIP_GIVEN_BACK", null]);
  });

  test("of a base without one is refused before anything is done", async () => {
    const ground = await createShipGround();
    const { json } = await shipHere(ground, ground.work, { via: "queue" });
    expect([json.error?.code, ground.github.requests.filter(isWrite)]).toEqual(["SHIP_NO_QUEUE", []]);
  });

  test.each([
    ["lost", { answer: "drop" as const }],
    ["502", { answer: { status: 502, message: "Server Error" } }],
  ])("whose answer is %s after it was taken in is in it once", async (_, fault) => {
    const ground = await queued();
    ground.github.inject({ on: /^MUTATION \/graphql\/enqueue$/, acts: true, ...fault });
    const { exitCode, json } = await shipHere(ground, ground.work, { via: "queue", waitMs: WAIT });
    expect([exitCode, json.merge?.state]).toEqual([0, "merged"]);
    expect(ground.github.requests.filter(({ path }) => path.endsWith("/enqueue"))).toHaveLength(1);
  });
});

describe("--auto", () => {
  test("arms what is not ready, is exit 5, and the next ship follows it", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci"] });
    const check = ground.repository.addCheck(ground.sha, { name: "ci", pendingReads: 99 });
    const armed = await shipHere(ground, ground.work, { via: "auto", method: "squash" });
    expect([armed.exitCode, armed.json.merge?.state]).toEqual([5, "armed"]);
    expect(ground.pull.autoMerge).toMatchObject({ method: "squash" });
    const still = await shipHere(ground, ground.work);
    expect([still.exitCode, still.json.merge?.state]).toEqual([5, "armed"]);
    check.pendingReads = 0;
    const { exitCode, json } = await shipHere(ground, ground.work, { target: { number: 1 }, waitMs: WAIT });
    expect([exitCode, json.merge?.state, json.cleanup.remote_branch?.state]).toEqual([0, "merged", "done"]);
    expect(ground.clone.git("rev-list", "--count", "--merges", "refs/heads/main")).toBe("0");
  });

  test("merges what is ready at once, which GitHub does not arm", async () => {
    const ground = await createShipGround();
    const { exitCode, json } = await shipHere(ground, ground.work, { via: "auto" });
    expect([exitCode, json.merge?.state]).toEqual([0, "merged"]);
  });

  test("is pinned to its head", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci"] });
    ground.github.inject({
      on: /^MUTATION \/graphql\/arm$/,
      before: () => moveRemoteBase(ground, "theirs.txt", "feat/x"),
    });
    const { json } = await shipHere(ground, ground.work, { via: "auto" });
    expect([json.error?.code, ground.pull.autoMerge]).toEqual(["SHIP_HEAD_MOVED", null]);
  });
});

describe("a stack that GitHub knows", () => {
  async function stacked(background: boolean) {
    const ground = await createShipGround();
    ground.work.git("switch", "-q", "-c", "feat/top");
    ground.work.commit("top");
    pushDirectly(ground.work, ground.repository, "feat/top");
    await ground.repository.openPull({ head: "feat/top", base: "feat/x" });
    ground.repository.stacks.push([1, 2]);
    ground.repository.asyncMergeReads = background ? 1 : null;
    return ground;
  }

  test("lands together, and everything that would land is named before", async () => {
    const ground = await stacked(true);
    expect(await told(ground, "ship", "--dry-run")).toContain("; with it land #1, #2");
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.merge?.state, json.stack]).toEqual([0, "merged", [1, 2]]);
    expect([ground.pull.merged, ground.repository.pulls.get(2)?.merged]).not.toContain(null);
    expect(ground.clone.git("rev-parse", "refs/heads/main")).toBe(
      await ground.repository.bare.commitOf("refs/heads/main"),
    );
  });

  test("is refused by a server that cannot merge one, with nothing merged", async () => {
    const ground = await stacked(false);
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.error?.code]).toEqual([1, "SHIP_MERGE_REFUSED"]);
    expect([ground.pull.state, ground.repository.pulls.get(2)?.state]).toEqual(["open", "open"]);
  });

  test("is not armed", async () => {
    const ground = await stacked(true);
    expect((await shipHere(ground, ground.work, { via: "auto" })).json.error?.code).toBe("SHIP_STACK_NOT_ARMED");
  });
});

test("a pull request on another's branch, which is no stack of GitHub's, names the one to ship first", async () => {
  const ground = await createShipGround();
  ground.work.git("switch", "-q", "-c", "feat/top");
  ground.work.commit("top");
  pushDirectly(ground.work, ground.repository, "feat/top");
  await ground.repository.openPull({ head: "feat/top", base: "feat/x" });
  const { exitCode, json } = await shipHere(ground, ground.work);
  expect([exitCode, json.error?.code, json.error?.hint]).toEqual([
    1,
    "SHIP_STACKED",
    expect.stringContaining("ship 1"),
  ]);
});

describe("--wait", () => {
  test("tells each change in one line, and nothing twice", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci", "slow"] });
    ground.repository.addCheck(ground.sha, { name: "ci", pendingReads: 4 });
    ground.repository.addCheck(ground.sha, { name: "slow", pendingReads: 6 });
    const { ending, notes } = await mortalShip(ground, ground.work, { waitMs: WAIT }, null);
    expect(ending).toMatchObject({ result: { merge: { state: "merged" } } });
    expect(notes).toEqual([
      "Pull request #1: 0 of 2 checks passed, running: ci, slow.",
      "Pull request #1: 1 of 2 checks passed, running: slow.",
    ]);
  });

  test("that is interrupted has merged nothing and holds nothing up; the same command goes on", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci"] });
    const check = ground.repository.addCheck(ground.sha, { name: "ci", pendingReads: 1_000 });
    const env = { GITHUB_TOKEN: ground.token };
    const { child, finished } = ground.work.startBulkhead(["ship", "--wait"], { env });
    let stderr = "";
    await new Promise<void>((resolve) => {
      child.stderr?.on("data", (text) => {
        stderr += text;
        if (stderr.includes("running: ci")) resolve();
      });
    });
    child.kill("SIGINT");
    await finished;
    expect([child.signalCode, ground.pull.state]).toEqual(["SIGINT", "open"]);
    check.pendingReads = 1;
    const { exitCode, json } = await shipHere(ground, ground.work, { waitMs: WAIT });
    expect([exitCode, json.merge?.state]).toEqual([0, "merged"]);
  });
});

test("a conflict is told before GitHub has found out, with the files and the live sessions that touch them", async () => {
  const ground = await createShipGround();
  const other = ground.clone.addWorktree("other", "feat/other", "main");
  const start = ["start", "T-9", "--agent-session", "agent-9", "--pid", String(process.pid)];
  expect((await other.startBulkhead(start).finished).exitCode).toBe(0);
  other.write("work.txt", "theirs\n");
  await moveRemoteBase(ground, "work.txt");
  // GitHub is still computing, and goes on to.
  ground.pull.mergeableUnknownReads = 50;
  const { exitCode, json } = await shipHere(ground, ground.work);
  expect([exitCode, json.error?.code, json.error?.data.files]).toEqual([1, "SHIP_CONFLICTS", ["work.txt"]]);
  expect(json.error?.hint).toContain(`The same files are being changed by T-9 in ${other.path} (work.txt).`);
  expect(ground.github.requests.map(({ path }) => path)).toEqual(["/graphql/find", "/graphql/details"]);
  // What is committed there, and not pushed, counts as well.
  other.commit("theirs", { "work.txt": "theirs\n" });
  const again = await runShip(ground, ground.work);
  expect(again.json.error?.hint).toContain(`T-9 in ${other.path} (work.txt)`);
});

test("ship status tells in words what is under way, unfinished and done", async () => {
  const ground = await createShipGround();
  expect(await told(ground, "ship", "status")).toBe("Nothing was shipped from this clone.\n");
  let under = "";
  ground.github.inject({
    on: /^PUT .*\/merge$/,
    before: async () => {
      under = await told(ground, "ship", "status");
    },
  });
  ground.repository.refusePushes = true;
  const { exitCode } = await runShip(ground, ground.work);
  expect(exitCode).toBe(4);
  expect(under).toMatch(/^main:\n {2}under way: pull request #1 into main, by process \d+ on .+ since .+\n/);
  expect(under).toContain("  #1 feat/x: under way, since ");
  expect(under).toContain("    started: merge pull request #1 (merge), only while its head is ");
  expect(under).toContain("    planned: fetch main and check that the merge is in it");
  const after = await told(ground, "ship", "status");
  expect(after).toContain("  #1 feat/x: unfinished, since ");
  expect(after).toMatch(/ {4}failed: delete the remote branch feat\/x, only while it is at \w+ \(.+\)/);
  ground.repository.refusePushes = false;
  expect((await shipHere(ground, ground.work)).exitCode).toBe(0);
  expect(await told(ground, "ship", "status")).toMatch(/^main:\n {2}#1 feat\/x: finished, since \S+\n$/);
});

test("what GitHub deleted on merge loses its tracking ref here, and is no fault", async () => {
  const ground = await createShipGround();
  ground.repository.settings.deleteBranchOnMerge = true;
  const { exitCode, json } = await shipHere(ground, ground.work);
  expect([exitCode, json.cleanup.remote_branch?.detail]).toEqual([0, "was already gone"]);
  expect(ground.clone.refs()).not.toContain("refs/remotes/origin/feat/x");
});

test("the repository's pre-push hook is run by --push, and not by the clean-up", async () => {
  const ground = await createShipGround();
  const log = join(ground.directory, "pushes");
  mkdirSync(join(ground.clone.path, ".git/hooks"), { recursive: true });
  const hook = `#!/bin/sh\ncut -d' ' -f3 >>'${log}'\n`;
  writeFileSync(join(ground.clone.path, ".git/hooks/pre-push"), hook, { mode: 0o755 });
  ground.work.commit("more");
  expect((await shipHere(ground, ground.work, { push: true })).exitCode).toBe(0);
  expect(readFileSync(log, "utf8")).toBe("refs/heads/feat/x\n");
});

test("a transferred repository's new name is told, and asked from then on", async () => {
  const ground = await createShipGround();
  ground.github.rename(ground.repository, "newco/app");
  const { notes } = await mortalShip(ground, ground.work, {}, null);
  expect(notes).toContain("acme/app is called newco/app by now: git remote set-url origin would tell git so.");
  expect(ground.github.requests.filter(isWrite).every(({ path }) => path.startsWith("/repos/newco/app/"))).toBe(true);
});
