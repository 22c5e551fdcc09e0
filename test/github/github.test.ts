import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { BulkheadError } from "../../src/domain/error.ts";
import { parseBranchName, parseCommitSha } from "../../src/domain/names.ts";
import type { BranchDemands } from "../../src/github/branch-demands.ts";
import { connectGitHub } from "../../src/github/connect.ts";
import { graphqlErrorOf } from "../../src/github/errors.ts";
import type { GitHub } from "../../src/github/github.ts";
import { parseRemoteUrl } from "../../src/github/remote-url.ts";
import type { BranchDemands as DoubleDemands } from "../support/github/double-repository.ts";
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

const ASK = { heads: [], number: null, commit: null };

describe.each([
  ["GraphQL", true],
  ["REST, where GraphQL is missing", false],
])("reading by %s", (_, graphql) => {
  async function readable(branch?: string) {
    const made = await groundWithPull(branch);
    made.ground.github.graphql = graphql;
    const details = async () => {
      const { numbered } = await made.github.find({ ...ASK, number: 1 });
      if (numbered === null) throw new Error("it is not found");
      return made.github.details(numbered);
    };
    return { ...made, details };
  }

  test("a pull request by its number, its branch and its commit", async () => {
    const { github, sha } = await readable();
    const branch = parseBranchName("feat/x");
    const found = await github.find({ heads: [branch, parseBranchName("feat")], number: 1, commit: sha });
    const expected = { number: 1, open: true, merged: false, mergeCommit: null };
    const head = { branch: "feat/x", sha, repository: "acme/app", fork: false, tip: sha };
    expect(found.numbered).toMatchObject({ ...expected, head, base: { branch: "main" } });
    expect(found.pulls.map((pull) => pull.number)).toEqual([1]);
    expect(found.ofCommit.map((pull) => pull.number)).toEqual([1]);
    expect(found.repository).toEqual({
      fullName: "acme/app",
      defaultBranch: "main",
      methods: ["merge", "squash", "rebase"],
      canPush: true,
      deletesMergedBranches: false,
      parent: null,
    });
    const error = await errorOf(github.find({ ...ASK, number: 99 }));
    expect([error.code, error.message]).toEqual([
      "GITHUB_NOT_FOUND",
      expect.stringContaining("no pull request #99 of acme/app"),
    ]);
  });

  test("a pull request by every branch name that git allows", async () => {
    const { github, ground, sha } = await readable();
    for (const branch of ADVERSARIAL_BRANCHES) {
      await ground.repository.bare.git(["update-ref", `refs/heads/${branch}`, sha]);
      await ground.repository.openPull({ head: branch });
      const { pulls } = await github.find({ ...ASK, heads: [parseBranchName(branch)] });
      expect(pulls.map((pull) => pull.head.branch)).toEqual([branch]);
    }
  });

  test("the newest check of each name and app, beyond one page", async () => {
    const { details, ground, sha } = await readable();
    ground.repository.protect("main", { via: "ruleset", requiredChecks: ["slow"] });
    for (let i = 0; i < 101; i++) ground.repository.addCheck(sha, { name: `run-${i}` });
    ground.repository.addCheck(sha, { name: "twice", conclusion: "cancelled", startedAt: "2026-01-01T00:00:00Z" });
    ground.repository.addCheck(sha, { name: "twice", conclusion: "success", startedAt: "2026-01-01T01:00:00Z" });
    ground.repository.addCheck(sha, { name: "slow", pendingReads: 5 });
    ground.repository.addCheck(sha, { name: "old", kind: "status", conclusion: "failure" });
    const { checks, pull } = await details();
    expect([pull.mergeState, checks.length]).toEqual(["blocked", 104]);
    expect(checks.filter((check) => check.state !== "passed")).toEqual([
      { name: "slow", state: "running" },
      { name: "old", state: "failed" },
    ]);
  });

  test.each<[string, DoubleDemands, Partial<BranchDemands>]>([
    [
      "a ruleset",
      { via: "ruleset", requiredChecks: ["ci"], requiredApprovals: 2, allowedMethods: ["squash"] },
      { requiredChecks: ["ci"], requiredApprovals: 2, allowedMethods: ["squash"] },
    ],
    ["classic protection", { via: "classic", requiredApprovals: 1 }, { requiredApprovals: 1 }],
    ["a linear history", { via: "ruleset", linearHistory: true }, { allowedMethods: ["squash", "rebase"] }],
    ["signatures", { via: "ruleset", signatures: true }, { allowedMethods: ["merge", "squash"] }],
    [
      "both",
      { via: "ruleset", signatures: true, linearHistory: true, allowedMethods: ["rebase", "squash"] },
      { allowedMethods: ["squash"] },
    ],
    ["a queue", { via: "ruleset", mergeQueue: true }, { mergeQueue: true }],
  ])("what a base demands: %s", async (_name, demands, expected) => {
    const { details, ground } = await readable();
    ground.repository.protect("main", demands);
    expect((await details()).demands).toMatchObject(expected);
  });

  test("what a head branch is for", async () => {
    const { details, ground, sha } = await readable();
    const { repository } = ground;
    for (const name of ["child", "merged", "develop"])
      await repository.bare.git(["update-ref", `refs/heads/${name}`, sha]);
    const child = await repository.openPull({ head: "child", base: "feat/x" });
    const earlier = await repository.openPull({ head: "merged", base: "feat/x" });
    earlier.state = "closed";
    earlier.merged = { sha, by: "ada" };
    earlier.closedAt = "2026-01-01T00:00:00Z";
    const other = await repository.openPull({ head: "feat/x", base: "develop" });
    repository.protect("feat/x", { via: "classic" });
    expect(await details()).toMatchObject({
      children: [child.number],
      sameHead: [other.number],
      headWasBase: true,
      headProtected: true,
    });
    expect((await details()).pull.head.tip).toBe(sha);
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

  test.each([
    ["what this token may not see is a hole in the answer", "FORBIDDEN", true],
    ["what is not there as well", "NOT_FOUND", true],
    ["what the server failed on is a failure, and never 'there is none'", undefined, false],
  ])("in the middle of an answer, %s", (_, type, isHole) => {
    const data = { repository: { pullRequest: null } };
    const fault = { message: "Something went wrong", path: ["repository", "pullRequest"], type };
    const thrown = Object.assign(new Error("GraphQL"), { name: "GraphqlResponseError", errors: [fault], data });
    const read = () => graphqlErrorOf(thrown, { host: "github.com", subject: "pull request #1", token: "" });
    if (isHole) expect(read()).toBe(data);
    else expect(read).toThrow(expect.objectContaining({ code: "GITHUB_FAILED" }));
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
    ["secondary", () => FAULTS.secondaryLimit(/GET/, 3600)],
    ["primary", () => FAULTS.rateLimited(/GET/, 3600)],
  ])("a long %s limit is an error that says when to come back", async (_, fault) => {
    const { ground } = await groundWithPull();
    const { seconds, github } = waits(ground);
    ground.github.inject(fault());
    const error = await errorOf(github.pullRequest(1));
    expect(error.code).toBe("GITHUB_RATE_LIMITED");
    expect(error.data.retryAfterSeconds).toBeGreaterThan(3500);
    expect(seconds).toEqual([]);
  });
});
