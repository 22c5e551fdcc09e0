import { describe, expect, test } from "vitest";
import { pushDirectly } from "../support/github/ground.ts";
import {
  createShipGround,
  isMerge,
  isWrite,
  moveRemoteBase,
  runShip,
  type ShipGround,
} from "../support/github/ship-ground.ts";
import type { TestRepository } from "../support/repository.ts";

/** Everything that a refusal must leave as it was, here and on GitHub. */
async function everything({ clone, work, repository, pull }: ShipGround): Promise<string> {
  const remote = await repository.bare.git(["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"]);
  return [clone.snapshot(), work.snapshot(), remote, pull.state].join("\n==\n");
}

interface Told {
  readonly exitCode: number | null;
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string;
}

/** Ships, expects that nothing at all has changed, and gives back what was told. */
async function refusal(
  ground: ShipGround,
  args: string[] = [],
  at: TestRepository = ground.work,
  env: NodeJS.ProcessEnv = {},
): Promise<Told> {
  const before = await everything(ground);
  const { exitCode, json } = await runShip(ground, at, args, env);
  expect(await everything(ground)).toBe(before);
  expect(ground.github.requests.filter(isWrite)).toEqual([]);
  return { exitCode, code: json.error?.code, message: json.error?.message ?? "", hint: json.error?.hint ?? "" };
}

const sessionFile = (branch: string, more: object = {}) =>
  `${JSON.stringify({ expectedBranch: branch, ...more }, null, 2)}\n`;

describe("the branch", () => {
  test("of the session file must be checked out: the mismatch is told in the known words, without a request", async () => {
    const ground = await createShipGround();
    ground.work.write(".session.json", sessionFile("feat/other"));
    const told = await refusal(ground);
    expect([told.exitCode, told.code]).toEqual([1, "BRANCH_MISMATCH"]);
    expect(told.message).toBe(
      "Branch mismatch detected! Expected 'feat/other' but found 'feat/x'. Another session may have switched the branch.",
    );
    expect(ground.github.requests).toEqual([]);
  });

  test("given with --expect-branch comes before the file", async () => {
    const ground = await createShipGround();
    ground.work.write(".session.json", sessionFile("feat/x"));
    const told = await refusal(ground, ["--expect-branch", "feat/y"]);
    expect([told.exitCode, told.message.slice(0, 60)]).toEqual([
      1,
      "Branch mismatch detected! Expected 'feat/y' but found 'feat/x'.".slice(0, 60),
    ]);
  });

  test("is a mismatch when HEAD is detached", async () => {
    const ground = await createShipGround();
    ground.work.write(".session.json", sessionFile("feat/x"));
    ground.work.git("checkout", "-q", "--detach");
    const told = await refusal(ground, ["1"]);
    expect(told.message).toContain("Expected 'feat/x' but found 'HEAD'.");
  });

  test("cannot be guessed from a detached HEAD", async () => {
    const ground = await createShipGround();
    ground.work.git("checkout", "-q", "--detach");
    expect(await refusal(ground)).toMatchObject({ exitCode: 1, code: "SHIP_NO_BRANCH" });
  });

  test("has no commit yet", async () => {
    const ground = await createShipGround();
    ground.work.git("switch", "-q", "--orphan", "empty");
    expect(await refusal(ground)).toMatchObject({ exitCode: 3, code: "UNBORN_BRANCH" });
  });

  test("stays unknown while the session file is broken", async () => {
    const ground = await createShipGround();
    ground.work.write(".session.json", "{");
    expect(await refusal(ground)).toMatchObject({ exitCode: 1, code: "EXPECTATION_INVALID" });
  });

  test("is not shipped by a session whose claim was taken over", async () => {
    const ground = await createShipGround();
    ground.work.write(
      ".session.json",
      sessionFile("feat/x", { sdKey: "T-1", claimLost: { by: "session ab12", at: "2026-01-01" } }),
    );
    const told = await refusal(ground);
    expect([told.exitCode, told.code]).toEqual([1, "CLAIM_LOST"]);
    expect(told.message).toContain("session ab12 took the claim of T-1 over");
  });

  test("is not shipped while nobody can say whether its claim still stands", async () => {
    const ground = await createShipGround();
    ground.work.write(".session.json", sessionFile("feat/x", { sdKey: "T-1", sessionId: "session_1", claimEpoch: 1 }));
    expect(await refusal(ground)).toMatchObject({ exitCode: 3, code: "SHIP_CLAIM_UNKNOWN" });
  });

  test("is looked at again right before the merge", async () => {
    const ground = await createShipGround();
    ground.work.write(".session.json", sessionFile("feat/x"));
    ground.clone.git("branch", "feat/thief");
    ground.github.inject({ on: /QUERY .*details$/, before: () => ground.work.git("switch", "-q", "feat/thief") });
    const { exitCode, json } = await runShip(ground, ground.work);
    expect([exitCode, json.error?.message]).toEqual([
      1,
      "Branch mismatch detected! Expected 'feat/x' but found 'feat/thief'. Another session may have switched the branch.",
    ]);
    expect(ground.github.requests.filter(isMerge)).toEqual([]);
    expect(ground.pull.state).toBe("open");
  });
});

describe("the worktree of the branch", () => {
  test("must have no changes, wherever the ship is started", async () => {
    const ground = await createShipGround();
    ground.work.write("work.txt", "changed\n");
    const told = await refusal(ground);
    expect([told.exitCode, told.message]).toEqual([
      1,
      `${ground.work.path} has changes that are not committed: work.txt. Nothing was changed.`,
    ]);
    expect((await refusal(ground, ["1"], ground.clone)).code).toBe("SHIP_DIRTY");
  });

  test("must not change between the plan and the merge", async () => {
    const ground = await createShipGround();
    ground.github.inject({ on: /QUERY .*details$/, before: () => ground.work.commit("late") });
    const { exitCode, json } = await runShip(ground, ground.work);
    expect([exitCode, json.error?.code, ground.pull.state]).toEqual([1, "SHIP_NOT_PUSHED", "open"]);
  });

  test("must have pushed everything", async () => {
    const ground = await createShipGround();
    ground.work.commit("more");
    const told = await refusal(ground);
    expect([told.exitCode, told.message, told.hint]).toEqual([
      1,
      "'feat/x' has 1 commit that pull request #1 lacks. Nothing was changed.",
      expect.stringMatching(/^Push them first, or in one go: .* ship --push$/),
    ]);
  });

  test("must have what was pushed from elsewhere", async () => {
    const ground = await createShipGround();
    await moveRemoteBase(ground, "theirs.txt", "feat/x");
    expect(await refusal(ground)).toMatchObject({ exitCode: 1, code: "SHIP_HEADS_DIFFER" });
  });
});

describe("the pull request", () => {
  test("does not exist", async () => {
    const ground = await createShipGround();
    const told = await refusal(ground, ["99"]);
    expect([told.exitCode, told.code]).toEqual([3, "GITHUB_NOT_FOUND"]);
    expect(told.message).toContain("has no pull request #99 of acme/app");
  });

  test("was never opened", async () => {
    const ground = await createShipGround();
    const told = await refusal(ground, [], ground.clone);
    expect([told.exitCode, told.message]).toEqual([1, "The branch 'main' has no pull request. Nothing was changed."]);
  });

  test("is a draft, closed, or into another base", async () => {
    const ground = await createShipGround();
    ground.pull.draft = true;
    expect(await refusal(ground)).toMatchObject({ exitCode: 1, code: "SHIP_DRAFT" });
    ground.pull.draft = false;
    const told = await refusal(ground, [], ground.work, { BULKHEAD_BASE: "develop" });
    expect(told).toMatchObject({
      exitCode: 1,
      code: "SHIP_BASE_UNEXPECTED",
      hint: expect.stringContaining("bulkhead.base main"),
    });
    ground.repository.close(ground.pull);
    expect(await refusal(ground)).toMatchObject({ exitCode: 1, code: "SHIP_CLOSED" });
  });

  test("is one of several of the branch", async () => {
    const ground = await createShipGround();
    await ground.repository.bare.git(["update-ref", "refs/heads/develop", "refs/heads/main"]);
    await ground.repository.bare.git(["update-ref", "refs/heads/next", "refs/heads/main"]);
    ground.pull.baseRef = "next";
    await ground.repository.openPull({ head: "feat/x", base: "develop" });
    const told = await refusal(ground);
    expect([told.exitCode, told.message]).toEqual([
      1,
      "The branch 'feat/x' has several open pull requests: #2, #1. Nothing was changed.",
    ]);
  });

  test("conflicts with the base", async () => {
    const ground = await createShipGround();
    await moveRemoteBase(ground, "work.txt");
    expect(await refusal(ground)).toMatchObject({ exitCode: 1, code: "SHIP_CONFLICTS" });
  });

  test("has required checks that failed, or are not done, each by name", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["ci", "lint"] });
    const check = ground.repository.addCheck(ground.sha, { name: "ci", pendingReads: 9 });
    expect((await refusal(ground)).message).toBe(
      "Required checks of pull request #1 are not done: ci, lint. Nothing was merged.",
    );
    check.pendingReads = 0;
    check.conclusion = "failure";
    const told = await refusal(ground);
    expect([told.exitCode, told.code, told.message]).toEqual([
      1,
      "SHIP_CHECKS_FAILED",
      "Required checks of pull request #1 failed: ci. Nothing was merged.",
    ]);
  });

  test("lacks a review that classic protection asks for", async () => {
    const ground = await createShipGround();
    ground.repository.protect("main", { via: "classic", requiredApprovals: 2 });
    const told = await refusal(ground);
    expect([told.exitCode, told.message]).toEqual([
      1,
      "Pull request #1 lacks a review: 2 approving ones are required. Nothing was merged.",
    ]);
  });

  test("is on a base with a merge queue, or asks for a method that is not allowed", async () => {
    const ground = await createShipGround();
    ground.repository.settings.allowRebase = false;
    expect(await refusal(ground, ["--method", "rebase"])).toMatchObject({
      exitCode: 1,
      hint: "Allowed: merge, squash.",
    });
    ground.repository.protect("main", { via: "ruleset", mergeQueue: true });
    expect(await refusal(ground)).toMatchObject({ exitCode: 1, code: "SHIP_MERGE_QUEUE" });
  });

  test("is merged, but its branch has commits since", async () => {
    const ground = await createShipGround();
    await ground.repository.merge(ground.pull, { method: "merge", by: "ada" });
    ground.work.commit("since");
    expect(await refusal(ground)).toMatchObject({ exitCode: 1, code: "SHIP_NEW_WORK" });
  });
});

describe("what it needs", () => {
  test("no remote, or one that is no GitHub", async () => {
    const ground = await createShipGround();
    ground.clone.git("remote", "set-url", "origin", "/srv/git/app.git");
    expect(await refusal(ground)).toMatchObject({ exitCode: 3, code: "NOT_A_GITHUB_REMOTE" });
    ground.clone.git("remote", "remove", "origin");
    expect(await refusal(ground)).toMatchObject({ exitCode: 3, code: "NO_REMOTE" });
  });

  test("no token at all", async () => {
    const ground = await createShipGround();
    const none = { GITHUB_TOKEN: "", GIT_CONFIG_GLOBAL: "/dev/null" };
    expect(await refusal(ground, [], ground.work, none)).toMatchObject({ exitCode: 3, code: "GITHUB_NO_TOKEN" });
  });

  test("a wrong token, which is never shown", async () => {
    const ground = await createShipGround();
    const before = await everything(ground);
    const env = { GITHUB_TOKEN: "ghp_secret_and_wrong", BULKHEAD_DEBUG: "1" };
    const { exitCode, stdout, stderr } = await ground.work.startBulkhead(["ship"], { env }).finished;
    expect([exitCode, stdout]).toEqual([3, ""]);
    expect(stderr).toContain("does not accept the token: Bad credentials.");
    expect(stderr).not.toContain("ghp_secret_and_wrong");
    expect(await everything(ground)).toBe(before);
  });

  test("GitHub within reach", async () => {
    const ground = await createShipGround();
    const told = await refusal(ground, [], ground.work, { GITHUB_API_URL: "http://127.0.0.1:9" });
    expect([told.exitCode, told.code]).toEqual([3, "GITHUB_UNREACHABLE"]);
  });

  test("to know that its base is not frozen", async () => {
    const ground = await createShipGround();
    const env = { BULKHEAD_DATABASE_URL: "postgres://bulkhead@127.0.0.1:1/bulkhead" };
    const told = await refusal(ground, [], ground.work, env);
    expect([told.exitCode, told.code]).toEqual([3, "SHIP_FREEZE_UNKNOWN"]);
    expect(told.message).toMatch(/^It cannot be found out whether 'main' is frozen: .* Nothing was changed\.$/);
  });

  test("a worktree", async () => {
    const ground = await createShipGround();
    expect(await refusal(ground, ["-C", ground.repository.path])).toMatchObject({
      exitCode: 3,
      code: "BARE_REPOSITORY",
    });
  });

  test("arguments that make sense", async () => {
    const ground = await createShipGround();
    for (const args of [
      ["x"],
      ["1", "--branch", "feat/x"],
      ["--title", "t"],
      ["--method", "fast"],
      ["--wait", "soon"],
      ["--branch", "a..b"],
    ]) {
      expect([args, (await refusal(ground, args)).exitCode]).toEqual([args, 2]);
    }
  });
});

test("a token from git's credential helper does as well", async () => {
  const ground = await createShipGround();
  const { exitCode } = await runShip(ground, ground.work, ["--dry-run"], { GITHUB_TOKEN: "" });
  expect(exitCode).toBe(0);
});

test("another session's branch is not pushed from here", async () => {
  const ground = await createShipGround();
  ground.work.commit("theirs");
  expect(await refusal(ground, ["1", "--push"], ground.clone)).toMatchObject({ exitCode: 1, code: "SHIP_NOT_PUSHED" });
  pushDirectly(ground.work, ground.repository, "feat/x");
});
