import { describe, expect, test } from "vitest";
import { parseBranchName, parseCommitSha } from "../../src/domain/names.ts";
import { NO_DEMANDS } from "../../src/github/branch-demands.ts";
import type { PullDetails } from "../../src/github/lookup.ts";
import type { PullRequest } from "../../src/github/pull-request.ts";
import type { Claim, PlaceFacts, ShipFacts, ShipRequest, TipFacts } from "../../src/ship/facts.ts";
import { planShip } from "../../src/ship/plan.ts";
import { PLAIN_REQUEST } from "../support/github/ship-ground.ts";

const branch = parseBranchName("feat/x");
const main = parseBranchName("main");
const sha = parseCommitSha("a".repeat(40));
const other = parseCommitSha("b".repeat(40));

const PULL: PullRequest = {
  number: 7,
  id: "PR_7",
  url: "https://github.test/acme/app/pull/7",
  title: "Work",
  open: true,
  draft: false,
  merged: false,
  mergeCommit: null,
  head: { branch, sha, repository: "acme/app", fork: false, tip: sha },
  base: { branch: main, tip: other },
  mergeable: true,
  mergeState: "clean",
  queue: null,
  armed: false,
};

const DETAILS: PullDetails = {
  pull: PULL,
  checks: [],
  demands: NO_DEMANDS,
  children: [],
  sameHead: [],
  headWasBase: false,
  headProtected: false,
  baseIsHeadOf: null,
};

const PLACE: PlaceFacts = {
  path: "/work",
  here: true,
  linked: true,
  branch,
  changed: [],
  untracked: [],
  operation: null,
};

const READY: ShipFacts = {
  local: {
    topLevel: "/work",
    head: { kind: "branch", branch, sha },
    expectation: { kind: "missing" },
    claim: { state: "none" },
  },
  repository: {
    fullName: "acme/app",
    defaultBranch: main,
    methods: ["merge", "squash", "rebase"],
    canPush: true,
    deletesMergedBranches: false,
    parent: null,
  },
  branch,
  head: {
    remote: "origin",
    branch,
    repository: { host: "github.test", owner: "acme", name: "app", apiBaseUrl: "https://github.test/api/v3" },
  },
  details: DETAILS,
  twin: null,
  expectedBase: main,
  tips: [{ branch, sha, place: PLACE, distance: { kind: "equal" } }],
  own: true,
  conflicts: null,
  touching: [],
  stack: [],
  isProtected: () => false,
  isKept: () => false,
  preferredMethod: null,
  freeze: null,
};

const details = (change: Partial<PullDetails>): Partial<ShipFacts> => ({ details: { ...DETAILS, ...change } });
const pull = (change: Partial<PullRequest>): Partial<ShipFacts> => details({ pull: { ...PULL, ...change } });
const tip = (change: Partial<TipFacts>): Partial<ShipFacts> => ({
  tips: [{ branch, sha, place: PLACE, distance: { kind: "equal" }, ...change }],
});
const claim = (state: Claim): Partial<ShipFacts> => ({ local: { ...READY.local, claim: state } });
const plan = (change: Partial<ShipFacts> = {}, request: Partial<ShipRequest> = {}) =>
  planShip({ ...READY, ...change }, { ...PLAIN_REQUEST, ...request });

/** The steps in short, or the refusal's code; a passing one with a question mark. */
function outcome(change: Partial<ShipFacts> = {}, request: Partial<ShipRequest> = {}): string {
  const made = plan(change, request);
  if (made.kind === "refused") return made.code + (made.passing ? "?" : "");
  return made.steps.map((step) => step.kind).join(" ");
}

const WHOLE = "merge prove sync delete_remote_branch delete_local_branch";

describe("a ready pull request", () => {
  test("is merged pinned to its head, then proven, synced and cleaned up", () => {
    const made = plan();
    expect(made.kind === "plan" && made.steps[0]).toEqual({
      kind: "merge",
      sha,
      method: "merge",
      others: ["squash", "rebase"],
      stack: [],
    });
    expect(outcome()).toBe(WHOLE);
  });

  test.each<[string, Partial<ShipFacts>, Partial<ShipRequest>, string]>([
    ["keeps its branches on request", {}, { keepBranch: true }, "merge prove sync"],
    ["keeps a head that must stay", { isProtected: () => true }, {}, "merge prove sync"],
    [
      "leaves a fork's branch alone",
      pull({ head: { ...PULL.head, fork: true } }),
      {},
      "merge prove sync delete_local_branch",
    ],
    [
      "moves the pull requests on its branch first",
      details({ children: [8, 9] }),
      {},
      "merge prove sync retarget retarget delete_remote_branch delete_local_branch",
    ],
    ["needs no worktree", tip({ place: null }), {}, WHOLE],
    [
      "may have failing checks that nobody requires",
      details({ checks: [{ name: "lint", state: "failed" }], pull: { ...PULL, mergeState: "unstable" } }),
      {},
      WHOLE,
    ],
    [
      "may have untracked files beside it",
      tip({ place: { ...PLACE, path: "/w", here: true, changed: [], untracked: ["x"], operation: null } }),
      {},
      WHOLE,
    ],
  ])("%s", (_, change, request, expected) => {
    expect(outcome(change, request)).toBe(expected);
  });
});

describe("a pull request that is merged already", () => {
  const merged = pull({ merged: true, open: false, mergeCommit: other, mergeable: null, mergeState: "unknown" });

  test("is finished: nothing is merged again", () => {
    expect(outcome(merged)).toBe("prove sync delete_remote_branch delete_local_branch");
  });

  test("with commits on the branch since is refused, unless it was named by its number", () => {
    const since: Partial<ShipFacts> = { ...merged, ...tip({ distance: { kind: "ahead", by: 1 } }) };
    expect(outcome(since)).toBe("SHIP_NEW_WORK");
    expect(outcome(since, { target: { number: 7 } })).toBe("prove sync delete_remote_branch delete_local_branch");
  });
});

const BLOCKED = { pull: { ...PULL, mergeState: "blocked" } };

describe("refuses", () => {
  test.each<[string, Partial<ShipFacts>, string]>([
    ["a closed pull request", pull({ open: false }), "SHIP_CLOSED"],
    ["a draft", pull({ draft: true }), "SHIP_DRAFT"],
    ["another base than expected", { expectedBase: parseBranchName("develop") }, "SHIP_BASE_UNEXPECTED"],
    [
      "changes that are not committed",
      tip({ place: { ...PLACE, path: "/w", here: true, changed: ["a"], untracked: [], operation: null } }),
      "SHIP_DIRTY",
    ],
    [
      "a rebase of the branch",
      tip({ place: { ...PLACE, path: "/w", here: false, changed: [], untracked: [], operation: "rebase" } }),
      "SHIP_OPERATION",
    ],
    ["commits that are not pushed", tip({ distance: { kind: "ahead", by: 2 } }), "SHIP_NOT_PUSHED"],
    ["a branch that lacks the pull request's commits", tip({ distance: { kind: "behind" } }), "SHIP_HEADS_DIFFER"],
    ["a branch that was rewritten", tip({ distance: { kind: "diverged" } }), "SHIP_HEADS_DIFFER"],
    ["a remote that has moved on", pull({ head: { ...PULL.head, tip: other } }), "SHIP_REMOTE_DIFFERS?"],
    ["a remote branch that is gone", pull({ head: { ...PULL.head, tip: null } }), "SHIP_REMOTE_DIFFERS?"],
    ["a claim that someone took over", claim({ state: "lost" }), "CLAIM_LOST"],
    [
      "a claim that cannot be confirmed",
      claim({ state: "unknown", reason: "no answer.", wayOut: "Wait." }),
      "SHIP_CLAIM_UNKNOWN",
    ],
    ["conflicts", pull({ mergeable: false, mergeState: "dirty" }), "SHIP_CONFLICTS"],
    ["what GitHub is still computing", pull({ mergeable: null, mergeState: "unknown" }), "SHIP_STILL_COMPUTING?"],
    ["a head that lacks the base's tip where that is required", pull({ mergeState: "behind" }), "SHIP_HEAD_OUTDATED"],
    [
      "a review that is missing",
      details({ pull: { ...PULL, mergeState: "blocked" }, demands: { ...NO_DEMANDS, requiredApprovals: 1 } }),
      "SHIP_BLOCKED?",
    ],
    ["a rule that it cannot see", pull({ mergeState: "blocked" }), "SHIP_BLOCKED?"],
    [
      "a base that only its queue may merge into",
      details({ demands: { ...NO_DEMANDS, mergeQueue: true } }),
      "SHIP_MERGE_QUEUE",
    ],
  ])("%s", (_, change, expected) => {
    expect(outcome(change)).toBe(expected);
  });

  test.each<[string, PullDetails["checks"], string]>([
    ["missing", [], "SHIP_CHECKS_RUNNING?"],
    ["running", [{ name: "ci", state: "running" }], "SHIP_CHECKS_RUNNING?"],
    ["failed", [{ name: "ci", state: "failed" }], "SHIP_CHECKS_FAILED"],
    [
      "passed here and failed there",
      [
        { name: "ci", state: "passed" },
        { name: "ci", state: "failed" },
      ],
      "SHIP_CHECKS_FAILED",
    ],
    ["passed, while something else blocks", [{ name: "ci", state: "passed" }], "SHIP_BLOCKED?"],
  ])("a required check that is %s", (_, checks, expected) => {
    expect(outcome(details({ ...BLOCKED, checks, demands: { ...NO_DEMANDS, requiredChecks: ["ci"] } }))).toBe(expected);
  });

  test("names the failed checks before those that still run", () => {
    const made = plan(
      details({
        ...BLOCKED,
        checks: [
          { name: "a", state: "failed" },
          { name: "b", state: "running" },
        ],
        demands: { ...NO_DEMANDS, requiredChecks: ["a", "b", "c"] },
      }),
    );
    expect(made).toMatchObject({ data: { failed: ["a"], running: ["b"], missing: ["c"] } });
  });
});

const methods = (allowed: ShipFacts["repository"]["methods"]): Partial<ShipFacts> => ({
  repository: { ...READY.repository, methods: allowed },
});

describe("the merge method", () => {
  const method = (change: Partial<ShipFacts>, request: Partial<ShipRequest> = {}) => {
    const made = plan(change, request);
    return made.kind === "refused" ? made.code : made.steps[0]?.kind === "merge" && made.steps[0].method;
  };

  test("is the first that repository and rules allow", () => {
    expect(method({})).toBe("merge");
    expect(method({ ...methods(["squash", "rebase"]) })).toBe("squash");
    expect(
      method({
        ...methods(["merge", "rebase"]),
        ...details({ demands: { ...NO_DEMANDS, allowedMethods: ["squash", "rebase"] } }),
      }),
    ).toBe("rebase");
    expect(method({ ...methods(null) })).toBe("merge");
  });

  test("is the one asked for, or none", () => {
    expect(method({}, { method: "rebase" })).toBe("rebase");
    expect(method({ ...methods(["squash"]) }, { method: "merge" })).toBe("SHIP_METHOD_NOT_ALLOWED");
    expect(method({ ...methods([]) })).toBe("SHIP_METHOD_NOT_ALLOWED");
  });
});

describe("the head branch stays, and it is said why", () => {
  const kept = (change: Partial<ShipFacts>, request: Partial<ShipRequest> = {}) => {
    const made = plan(change, request);
    return made.kind === "refused" ? made.code : made.kept;
  };

  test.each<[string, Partial<ShipFacts>, string]>([
    ["is the default branch", { repository: { ...READY.repository, defaultBranch: branch } }, "is the default branch"],
    ["is protected here", { isProtected: (name) => name === branch }, "is protected here"],
    ["is named by bulkhead.keep", { isKept: (name) => name === branch }, "is kept by bulkhead.keep"],
    ["is protected on GitHub", details({ headProtected: true }), "is protected on GitHub"],
    ["is the head of others", details({ sameHead: [8, 9] }), "#8, #9 come from feat/x too"],
    ["was a base", details({ headWasBase: true }), "pull requests were merged into feat/x"],
  ])("where it %s", (_, change, reason) => {
    expect(kept(change)).toContain(reason);
    expect(outcome(change)).toBe("merge prove sync");
  });

  test("unless --delete-branch, or the repository's delete-on-merge, takes what was once a base", () => {
    const wasBase = details({ headWasBase: true });
    expect(outcome(wasBase, { deleteBranch: true })).toBe(WHOLE);
    const repository = { ...READY.repository, deletesMergedBranches: true };
    expect(outcome({ ...wasBase, repository })).toBe(WHOLE);
  });
});

describe("what else a plan has to know", () => {
  test("a preferred method comes first where it is allowed", () => {
    const made = plan({ preferredMethod: "squash" });
    expect(made).toMatchObject({ steps: expect.arrayContaining([expect.objectContaining({ method: "squash" })]) });
  });

  test("a frozen base takes nothing, with who and why; what is merged already is finished", () => {
    const freeze = { base: main, by: "ada", host: "h", reason: "release", at: "2026-01-01T00:00:00Z", until: null };
    expect(plan({ freeze })).toMatchObject({ code: "SHIP_FROZEN", data: { by: "ada", reason: "release" } });
    const merged = pull({ merged: true, open: false, mergeCommit: other, mergeable: null, mergeState: "unknown" });
    expect(outcome({ ...merged, freeze })).toBe("prove sync delete_remote_branch delete_local_branch");
  });

  test("what GitHub has in hand is followed the way it goes", () => {
    expect(outcome(pull({ queue: { state: "QUEUED", position: 2 } }))).toMatch(/^enqueue /);
    expect(outcome(pull({ armed: true }))).toMatch(/^arm /);
  });

  test("--retire goes between the remote branch and the local one, and never for the main checkout", () => {
    expect(outcome({}, { retire: true })).toBe("merge prove sync delete_remote_branch retire delete_local_branch");
    expect(outcome({}, { retire: true, keepBranch: true })).toBe("merge prove sync retire");
    expect(outcome(tip({ place: null }), { retire: true })).toBe(WHOLE);
    expect(outcome(tip({ place: { ...PLACE, linked: false } }), { retire: true })).toBe("SHIP_RETIRE_MAIN");
  });
});
