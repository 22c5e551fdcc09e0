import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { BulkheadError } from "../../src/domain/error.ts";
import { parseBranchName, parseCommitSha } from "../../src/domain/names.ts";
import { connectGitHub } from "../../src/github/connect.ts";
import type { GitHub } from "../../src/github/github.ts";
import { parseRemoteUrl } from "../../src/github/remote-url.ts";
import { FAULTS } from "../support/github/faults.ts";
import { createGitHubGround, type GitHubGround } from "../support/github/ground.ts";
import { ADVERSARIAL_BRANCHES } from "../support/repository.ts";
import { onCleanup } from "../support/scratch.ts";

function connect(url: string, token: string, onWait?: (seconds: number) => void): GitHub {
  const repository = parseRemoteUrl(url);
  if (repository === null) throw new Error(`no repository in ${url}`);
  return connectGitHub(repository, { token, userAgent: "bulkhead-test", ...(onWait ? { onWait } : {}) });
}

async function groundWithPull(branch = "feat/x") {
  const ground = await createGitHubGround();
  ground.clone.git("switch", "-q", "-c", branch);
  const sha = parseCommitSha(ground.clone.commit("work"));
  await ground.clone.gitAsync("push", "-q", "origin", `refs/heads/${branch}:refs/heads/${branch}`);
  const pull = await ground.repository.openPull({ head: branch, title: "Work" });
  return { ground, sha, pull, github: connect(ground.repository.cloneUrl, ground.token) };
}

async function errorOf(promise: Promise<unknown>): Promise<BulkheadError> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return thrown;
    throw thrown;
  }
  throw new Error("it did not throw");
}

describe("reading", () => {
  test("a pull request, and the same one found by its branch", async () => {
    const { github, sha } = await groundWithPull();
    const pull = await github.pullRequest(1);
    expect(pull).toMatchObject({
      number: 1,
      open: true,
      merged: false,
      mergeable: true,
      mergeState: "clean",
      mergeCommit: null,
    });
    expect(pull.head).toEqual({ branch: "feat/x", sha, repository: "acme/app", fork: false });
    expect((await github.pullRequestsFrom(parseBranchName("feat/x"))).map((p) => p.number)).toEqual([1]);
    expect(await github.pullRequestsFrom(parseBranchName("feat"))).toEqual([]);
  });

  test("a pull request by every branch name that git allows", async () => {
    const { github, ground, sha } = await groundWithPull();
    for (const branch of ADVERSARIAL_BRANCHES) {
      await ground.repository.bare.git(["update-ref", `refs/heads/${branch}`, sha]);
      await ground.repository.openPull({ head: branch });
      const [found] = await github.pullRequestsFrom(parseBranchName(branch));
      expect(found?.head.branch).toBe(branch);
      expect(await github.rules(parseBranchName(branch))).toMatchObject({ requiredChecks: [] });
    }
  });

  test("checks of both kinds, beyond one page", async () => {
    const { github, ground, sha } = await groundWithPull();
    for (let i = 0; i < 101; i++) ground.repository.addCheck(sha, { name: `run-${i}` });
    ground.repository.addCheck(sha, { name: "slow", pendingReads: 5 });
    ground.repository.addCheck(sha, { name: "old", kind: "status", conclusion: "failure" });
    const checks = await github.checks(sha);
    expect(checks).toHaveLength(103);
    expect(checks.filter((c) => c.state !== "passed")).toEqual([
      { name: "slow", state: "running" },
      { name: "old", state: "failed" },
    ]);
  });

  test("what a branch demands, by ruleset and by classic protection", async () => {
    const { github, ground } = await groundWithPull();
    const base = parseBranchName("main");
    ground.repository.protect("main", {
      via: "ruleset",
      requiredChecks: ["ci"],
      requiredApprovals: 2,
      allowedMethods: ["squash"],
    });
    const demands = { requiredChecks: ["ci"], requiredApprovals: 2, allowedMethods: ["squash"], mergeQueue: false };
    expect(await github.rules(base)).toEqual(demands);
    expect(await github.protection(base)).toBeNull();
    ground.repository.protect("main", { via: "classic", requiredChecks: ["ci"], requiredApprovals: 1 });
    expect(await github.protection(base)).toMatchObject({ requiredChecks: ["ci"], requiredApprovals: 1 });
  });
});

describe("merging", () => {
  const merge = async ({ github, sha }: { github: GitHub; sha: ReturnType<typeof parseCommitSha> }) =>
    github.merge(1, { sha, method: "merge" });

  test("answers with the merge's commit", async () => {
    const made = await groundWithPull();
    const answer = await merge(made);
    expect(answer).toEqual({ kind: "merged", sha: await made.ground.repository.bare.commitOf("refs/heads/main") });
  });

  test.each([
    ["head_moved", FAULTS.headModified()],
    ["base_moved", FAULTS.baseModified()],
    ["doubtful", FAULTS.mergeAnsweredByServerError(502)],
    ["doubtful", FAULTS.mergeAnswerLost()],
    ["doubtful", FAULTS.mergeRequestLost()],
  ])("answers %s, after one request", async (kind, fault) => {
    const made = await groundWithPull();
    made.ground.github.inject(fault);
    expect((await merge(made)).kind).toBe(kind);
    expect(made.ground.github.requests.filter((r) => r.method === "PUT")).toHaveLength(1);
  });

  test("answers refused for what stays refused", async () => {
    const made = await groundWithPull();
    made.pull.draft = true;
    expect(await merge(made)).toEqual({ kind: "refused", reason: "Pull Request is still a draft" });
  });
});

describe("errors", () => {
  test("a wrong token, a forbidden act and an unknown number each have their own code", async () => {
    const { ground, github, sha } = await groundWithPull();
    const wrong = await errorOf(connect(ground.repository.cloneUrl, "ghp_wrong").pullRequest(1));
    expect([wrong.code, wrong.exitCode]).toEqual(["GITHUB_BAD_TOKEN", 3]);
    expect(JSON.stringify(wrong.data) + wrong.message + String((wrong.cause as Error).stack)).not.toContain(
      "ghp_wrong",
    );
    expect((await errorOf(github.pullRequest(99))).message).toContain("has no pull request #99 of acme/app");
    ground.github.addToken(ground.token, { access: "read" });
    expect((await errorOf(github.merge(1, { sha, method: "merge" }))).code).toBe("GITHUB_FORBIDDEN");
  });

  test("a server that is not there is unreachable", async () => {
    const { ground, github } = await groundWithPull();
    await ground.github.stop();
    expect((await errorOf(github.pullRequest(1))).code).toBe("GITHUB_UNREACHABLE");
  });

  test("a server that is not GitHub is told as such", async () => {
    const server = createServer((_, response) => response.end("<html>Welcome</html>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onCleanup(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const github = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/app`, "t");
    expect((await errorOf(github.pullRequest(1))).code).toBe("GITHUB_FAILED");
  });

  test("no token goes over plain http to another machine", () => {
    expect(() => connect("http://git.corp.example/acme/app.git", "t")).toThrow("not encrypted");
  });
});

describe("rate limits", () => {
  const waits = (ground: GitHubGround) => {
    const seconds: number[] = [];
    return { seconds, github: connect(ground.repository.cloneUrl, ground.token, (wait) => seconds.push(wait)) };
  };

  test("a short limit is waited for as long as GitHub says", async () => {
    const { ground } = await groundWithPull();
    const { seconds, github } = waits(ground);
    ground.github.inject(FAULTS.secondaryLimit(/GET .*pulls\/1$/, 1));
    expect((await github.pullRequest(1)).number).toBe(1);
    expect(seconds).toEqual([1]);
  });

  test.each([
    ["secondary", FAULTS.secondaryLimit(/GET/, 3600)],
    ["primary", FAULTS.rateLimited(/GET/, 3600)],
  ])("a long %s limit is an error that says when to come back", async (_, fault) => {
    const { ground } = await groundWithPull();
    const { seconds, github } = waits(ground);
    ground.github.inject(fault);
    const error = await errorOf(github.pullRequest(1));
    expect(error.code).toBe("GITHUB_RATE_LIMITED");
    expect(error.data.retryAfterSeconds).toBeGreaterThan(3500);
    expect(seconds).toEqual([]);
  });
});
