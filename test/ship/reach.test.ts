import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseBranchName } from "../../src/domain/names.ts";
import { baseDirectory } from "../../src/ship/journal.ts";
import { pushDirectly } from "../support/github/ground.ts";
import { createShipGround, isWrite, runShip, type ShipGround, shipHere } from "../support/github/ship-ground.ts";

const remoteRefs = (ground: ShipGround) => ground.repository.bare.git(["for-each-ref", "refs/heads"]);
const writes = (ground: ShipGround) => ground.github.requests.filter(isWrite);
const journals = (ground: ShipGround) => baseDirectory(join(ground.clone.path, ".git"), parseBranchName("main"));

describe("nothing is pushed to", () => {
  test.each(["--create", "--push", "--create --draft"])("the base itself (%s)", async (flags) => {
    const ground = await createShipGround();
    ground.clone.commit("not reviewed");
    const before = await remoteRefs(ground);
    const { exitCode, json } = await runShip(ground, ground.clone, flags.split(" "));
    expect([exitCode, json.error?.code]).toEqual([1, "SHIP_PROTECTED"]);
    expect([await remoteRefs(ground), writes(ground)]).toEqual([before, []]);
  });

  test("the default branch where another base is configured", async () => {
    const ground = await createShipGround();
    await ground.repository.bare.git(["update-ref", "refs/heads/develop", "refs/heads/main"]);
    ground.clone.git("config", "bulkhead.base", "develop");
    ground.clone.commit("not reviewed");
    const before = await remoteRefs(ground);
    const { exitCode, json } = await runShip(ground, ground.clone, ["--create"]);
    expect([exitCode, json.error?.code, await remoteRefs(ground)]).toEqual([1, "SHIP_PROTECTED", before]);
  });

  test.each(["--create", "--push"])("a branch that is protected here (%s)", async (flag) => {
    const ground = await createShipGround("release/1");
    ground.clone.git("config", "bulkhead.protect", "release/*");
    ground.work.commit("not reviewed");
    const before = await remoteRefs(ground);
    const { exitCode, json } = await runShip(ground, ground.work, [flag]);
    expect([exitCode, json.error?.code, await remoteRefs(ground)]).toEqual([1, "SHIP_PROTECTED", before]);
  });
});

describe.runIf(process.platform !== "win32")("a push that failed", () => {
  /** A pre-push hook of the repository's own. */
  function hook(ground: ShipGround, script: string): void {
    const path = join(ground.clone.path, ".git/hooks/pre-push");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    ground.work.commit("more");
  }

  test("is said to have changed nothing where the remote shows it", async () => {
    const ground = await createShipGround();
    hook(ground, "exit 1");
    const before = await remoteRefs(ground);
    const { exitCode, json } = await runShip(ground, ground.work, ["--push"]);
    expect([exitCode, json.error?.code, await remoteRefs(ground)]).toEqual([3, "SHIP_PUSH_FAILED", before]);
    expect(json.error?.message).toMatch(/Nothing was changed\.$/);
  });

  test("is left open where the remote cannot be asked: not knowing is no 'no'", async () => {
    const ground = await createShipGround();
    hook(ground, "git config remote.origin.url http://127.0.0.1:9/o/r.git; exit 1");
    const { exitCode, json } = await runShip(ground, ground.work, ["--push"]);
    expect([exitCode, json.error?.code]).toEqual([3, "SHIP_PUSH_FAILED"]);
    expect(json.error?.message).toContain("Whether it arrived all the same cannot be seen from here");
    expect(json.error?.message).not.toContain("Nothing was changed");
  });
});

describe("a branch that another worktree is at work on", () => {
  /** Leaves a conflict of an operation in the worktree of the branch. */
  function interrupt(ground: ShipGround, operation: string[]): void {
    const { work, clone, repository } = ground;
    work.commit("one", { "README.md": "one\n" });
    pushDirectly(work, repository, "feat/x");
    clone.git("switch", "-q", "-c", "feat/theirs");
    clone.commit("theirs", { "README.md": "theirs\n" });
    clone.git("switch", "-q", "main");
    expect(work.tryGit(operation).exitCode).not.toBe(0);
  }

  test.each([
    ["rebase", ["rebase", "feat/theirs"]],
    ["rebase", ["rebase", "--apply", "feat/theirs"]],
    ["merge", ["merge", "feat/theirs"]],
    ["cherry-pick", ["cherry-pick", "feat/theirs"]],
  ])("by a %s is refused, and nothing is deleted", async (operation, command) => {
    const ground = await createShipGround();
    interrupt(ground, command);
    const before = [ground.work.snapshot(), await remoteRefs(ground)];
    const { exitCode, json } = await shipHere(ground, ground.clone, { target: { number: 1 } });
    expect([exitCode, json.error?.code, json.error?.message]).toEqual([
      1,
      "SHIP_OPERATION",
      `A ${operation} of 'feat/x' is going on in ${ground.work.path}. Nothing was changed.`,
    ]);
    expect([ground.work.snapshot(), await remoteRefs(ground), writes(ground)]).toEqual([...before, []]);
  });

  test("by a merge without a conflict that waits for its commit is refused", async () => {
    const ground = await createShipGround();
    ground.clone.git("switch", "-q", "-c", "feat/theirs");
    ground.clone.git("commit", "-q", "--allow-empty", "-m", "empty");
    ground.clone.git("switch", "-q", "main");
    ground.work.git("merge", "-q", "--no-ff", "--no-commit", "feat/theirs");
    expect((await shipHere(ground, ground.clone, { target: { number: 1 } })).json.error?.code).toBe("SHIP_OPERATION");
  });
});

describe("--wait with a bare number", () => {
  test.each(["2", "#2"])("is refused where it may name a pull request: %s", async (word) => {
    const ground = await createShipGround();
    const { exitCode, json } = await runShip(ground, ground.work, ["--wait", word]);
    expect([exitCode, json.error?.code, ground.github.requests]).toEqual([2, "USAGE", []]);
    expect(json.error?.message).toContain("ship 2 --wait");
  });

  test("means seconds where the pull request is named", async () => {
    const ground = await createShipGround();
    expect((await runShip(ground, ground.work, ["1", "--wait", "5"])).exitCode).toBe(0);
  });
});

describe("a journal", () => {
  /** Merges and fails to delete the remote branch, which leaves the journal open. */
  async function leaveUnfinished(ground: ShipGround): Promise<void> {
    ground.repository.refusePushes = true;
    const { exitCode } = await shipHere(ground, ground.work);
    expect(exitCode).toBe(4);
  }

  async function otherPull(ground: ShipGround) {
    const other = ground.clone.addWorktree("other", "feat/y", "main");
    other.commit("other", { "other.txt": "other\n" });
    pushDirectly(other, ground.repository, "feat/y");
    await ground.repository.openPull({ head: "feat/y" });
    return other;
  }

  const content = (ground: ShipGround, pull: number) =>
    JSON.parse(readFileSync(join(journals(ground), `pull-${pull}.json`), "utf8"));

  test("whose steps fail again stays open, and its failure is told", async () => {
    const ground = await createShipGround();
    const other = await otherPull(ground);
    await leaveUnfinished(ground);
    const env = { GITHUB_TOKEN: ground.token };
    const { stderr } = await other.startBulkhead(["ship", "--keep-branch"], { env }).finished;
    expect(stderr).toContain("The ship of pull request #1 is still unfinished");
    expect(content(ground, 1)).toMatchObject({ finishedAt: null });
    ground.repository.refusePushes = false;
    await shipHere(ground, other);
    expect(content(ground, 1)).toMatchObject({ finishedAt: expect.any(String) });
    expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBeNull();
  });

  test("whose proof failed is done to its end by the next ship of another pull request", async () => {
    const ground = await createShipGround();
    const other = await otherPull(ground);
    const lock = join(ground.clone.path, ".git/refs/remotes/origin/main.lock");
    ground.github.inject({ on: /PUT .*merge$/, after: () => writeFileSync(lock, "") });
    expect((await shipHere(ground, ground.work)).exitCode).toBe(4);
    ground.clone.run("rm", [lock]);
    expect((await shipHere(ground, other)).exitCode).toBe(0);
    expect(await ground.repository.bare.commitOf("refs/heads/feat/x")).toBeNull();
  });

  test.each([
    ["broken", "{"],
    ["of a newer Bulkhead", JSON.stringify({ version: 2, pull: 9, finishedAt: null })],
    ["no journal at all", "null"],
    ["finished and of a newer Bulkhead", JSON.stringify({ version: 9, finishedAt: "2026-01-01T00:00:00Z" })],
  ])("that is %s stands in no ship's way, and stays", async (_, text) => {
    const ground = await createShipGround();
    await shipHere(ground, ground.work, { dryRun: true });
    ground.clone.run("mkdir", ["-p", journals(ground)]);
    for (const pull of [1, 9]) writeFileSync(join(journals(ground), `pull-${pull}.json`), text);
    const { exitCode, json } = await shipHere(ground, ground.work);
    expect([exitCode, json.merge?.state]).toEqual([0, "merged"]);
    expect(readFileSync(join(journals(ground), "pull-9.json"), "utf8")).toBe(text);
    const [aside = ""] = readdirSync(journals(ground)).filter((name) => /^pull-1\.json\.\d+$/.test(name));
    expect(readFileSync(join(journals(ground), aside), "utf8")).toBe(text);
  });

  test("is cleared away a month after its ship was finished, and never before", async () => {
    const ground = await createShipGround();
    const other = await otherPull(ground);
    await shipHere(ground, ground.work);
    const path = (pull: number) => join(journals(ground), `pull-${pull}.json`);
    const age = (pull: number, days: number, finished: boolean) => {
      const at = new Date(Date.now() - days * 86_400_000);
      const finishedAt = finished ? at.toISOString() : null;
      writeFileSync(path(pull), JSON.stringify({ ...content(ground, 1), pull, finishedAt }));
      utimesSync(path(pull), at, at);
    };
    age(21, 31, true);
    age(22, 29, true);
    writeFileSync(path(23), "{");
    utimesSync(path(23), new Date(0), new Date(0));
    await shipHere(ground, other);
    expect(readdirSync(journals(ground)).sort()).toEqual(["pull-1.json", "pull-2.json", "pull-22.json"]);
  });
});

test("a head branch that git takes for an option fails only its own ship", async () => {
  const ground = await createShipGround();
  await ground.repository.bare.git(["update-ref", "refs/heads/-x", "refs/heads/feat/x"]);
  const odd = await ground.repository.openPull({ head: "-x", base: "feat/x" });
  const own = await shipHere(ground, ground.work, { target: { number: odd.number } });
  expect([own.exitCode, own.json.error?.code]).toEqual([1, "GITHUB_ODD_BRANCH"]);
  const { exitCode, json } = await shipHere(ground, ground.work);
  expect([exitCode, json.cleanup?.retargeted, odd.state, odd.baseRef]).toEqual([0, [odd.number], "open", "main"]);
});

test("a locked configuration does not make a deleted branch a failure", async () => {
  const ground = await createShipGround();
  ground.work.git("branch", "-q", "--set-upstream-to=origin/feat/x");
  ground.clone.git("worktree", "remove", ground.work.path);
  writeFileSync(join(ground.clone.path, ".git/config.lock"), "");
  const { exitCode, json } = await shipHere(ground, ground.clone, { target: { number: 1 } });
  expect([exitCode, json.cleanup.local_branch?.state]).toEqual([0, "done"]);
  expect(json.cleanup.local_branch?.detail).toContain("its settings stay");
  expect(ground.clone.refs()).not.toContain("refs/heads/feat/x");
});

test("a session database of a newer Bulkhead is told as such, with what helps", async () => {
  const ground = await createShipGround();
  const args = ["start", "T-1", "--agent-session", "a", "--pid", String(process.pid)];
  expect((await ground.work.startBulkhead(args).finished).exitCode).toBe(0);
  const { default: Database } = await import("libsql");
  const database = new Database(join(ground.clone.path, ".git/bulkhead/bulkhead.db"));
  database.exec(
    "insert into bulkhead_migrations (name, checksum, applied_at) select '29990101_newer.sql', checksum, applied_at from bulkhead_migrations limit 1",
  );
  database.close();
  const { exitCode, json } = await runShip(ground, ground.work);
  expect([exitCode, json.error?.code]).toEqual([3, "SHIP_CLAIM_UNKNOWN"]);
  expect(json.error?.message).toContain("made by a newer Bulkhead");
  expect(json.error?.hint).toContain("Update Bulkhead");
});
