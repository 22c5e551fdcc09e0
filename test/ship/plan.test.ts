import { describe, expect, test } from "vitest";
import { parseBranchName, parseCommitSha } from "../../src/domain/names.ts";
import { NO_DEMANDS } from "../../src/github/branch-demands.ts";
import type { ShipFacts, ShipRequest } from "../../src/ship/facts.ts";
import { planShip } from "../../src/ship/plan.ts";
import { PLAIN_REQUEST } from "../support/github/ship-ground.ts";

const branch = parseBranchName("feat/x");
const main = parseBranchName("main");
const sha = parseCommitSha("a".repeat(40));
const other = parseCommitSha("b".repeat(40));

const READY: ShipFacts = {
  pull: {
    number: 7,
    url: "https://github.test/acme/app/pull/7",
    title: "Work",
    open: true,
    draft: false,
    merged: false,
    mergeCommit: null,
    head: { branch, sha, repository: "acme/app", fork: false },
    base: { branch: main },
    mergeable: true,
    mergeState: "clean",
  },
  expectedBase: main,
  place: { path: "/work", here: true, sha, changed: [], untracked: [], operation: null },
  distance: { kind: "equal" },
  remoteHead: sha,
  claim: { state: "none" },
  checks: [],
  demands: NO_DEMANDS,
  methods: ["merge", "squash", "rebase"],
  children: [],
  headStays: false,
};

const pull = (change: Partial<ShipFacts["pull"]>): Partial<ShipFacts> => ({ pull: { ...READY.pull, ...change } });
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
    expect(made.kind === "plan" && made.steps[0]).toEqual({ kind: "merge", pull: 7, sha, method: "merge" });
    expect(outcome()).toBe(WHOLE);
  });

  test.each<[string, Partial<ShipFacts>, Partial<ShipRequest>, string]>([
    ["keeps its branches on request", {}, { keepBranch: true }, "merge prove sync"],
    ["keeps a head that must stay", { headStays: true }, {}, "merge prove sync"],
    [
      "leaves a fork's branch alone",
      pull({ head: { ...READY.pull.head, fork: true } }),
      {},
      "merge prove sync delete_local_branch",
    ],
    [
      "moves the pull requests on its branch first",
      { children: [8, 9] },
      {},
      "merge prove sync retarget retarget delete_remote_branch delete_local_branch",
    ],
    ["needs no worktree", { place: null, distance: null }, {}, WHOLE],
    [
      "may have failing checks that nobody requires",
      { checks: [{ name: "lint", state: "failed" }], ...pull({ mergeState: "unstable" }) },
      {},
      WHOLE,
    ],
    [
      "may have untracked files beside it",
      { place: { path: "/w", here: true, sha, changed: [], untracked: ["x"], operation: null } },
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
    const since: Partial<ShipFacts> = { ...merged, distance: { kind: "ahead", by: 1 } };
    expect(outcome(since)).toBe("SHIP_NEW_WORK");
    expect(outcome(since, { target: { number: 7 } })).toBe("prove sync delete_remote_branch delete_local_branch");
  });
});

describe("refuses", () => {
  test.each<[string, Partial<ShipFacts>, string]>([
    ["a closed pull request", pull({ open: false }), "SHIP_CLOSED"],
    ["a draft", pull({ draft: true }), "SHIP_DRAFT"],
    ["another base than expected", { expectedBase: parseBranchName("develop") }, "SHIP_BASE_UNEXPECTED"],
    [
      "changes that are not committed",
      { place: { path: "/w", here: true, sha, changed: ["a"], untracked: [], operation: null } },
      "SHIP_DIRTY",
    ],
    [
      "a rebase of the branch",
      { place: { path: "/w", here: false, sha, changed: [], untracked: [], operation: "rebase" } },
      "SHIP_OPERATION",
    ],
    ["commits that are not pushed", { distance: { kind: "ahead", by: 2 } }, "SHIP_NOT_PUSHED"],
    ["a branch that lacks the pull request's commits", { distance: { kind: "behind" } }, "SHIP_HEADS_DIFFER"],
    ["a branch that was rewritten", { distance: { kind: "diverged" } }, "SHIP_HEADS_DIFFER"],
    ["a remote that has moved on", { remoteHead: other }, "SHIP_REMOTE_DIFFERS?"],
    ["a remote branch that is gone", { remoteHead: null }, "SHIP_REMOTE_DIFFERS?"],
    ["a claim that someone took over", { claim: { state: "lost" } }, "CLAIM_LOST"],
    [
      "a claim that cannot be confirmed",
      { claim: { state: "unknown", reason: "no answer.", wayOut: "Wait." } },
      "SHIP_CLAIM_UNKNOWN",
    ],
    ["conflicts", pull({ mergeable: false, mergeState: "dirty" }), "SHIP_CONFLICTS"],
    ["what GitHub is still computing", pull({ mergeable: null, mergeState: "unknown" }), "SHIP_STILL_COMPUTING?"],
    ["a head that lacks the base's tip where that is required", pull({ mergeState: "behind" }), "SHIP_HEAD_OUTDATED"],
    [
      "a review that is missing",
      { ...pull({ mergeState: "blocked" }), demands: { ...NO_DEMANDS, requiredApprovals: 1 } },
      "SHIP_BLOCKED?",
    ],
    ["a rule that it cannot see", pull({ mergeState: "blocked" }), "SHIP_BLOCKED?"],
    ["a base that only its queue may merge into", { demands: { ...NO_DEMANDS, mergeQueue: true } }, "SHIP_MERGE_QUEUE"],
  ])("%s", (_, change, expected) => {
    expect(outcome(change)).toBe(expected);
  });

  test.each<[string, ShipFacts["checks"], string]>([
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
    ["passed", [{ name: "ci", state: "passed" }], WHOLE],
  ])("a required check that is %s", (_, checks, expected) => {
    expect(outcome({ checks, demands: { ...NO_DEMANDS, requiredChecks: ["ci"] } })).toBe(expected);
  });

  test("names the failed checks before those that still run", () => {
    const made = plan({
      checks: [
        { name: "a", state: "failed" },
        { name: "b", state: "running" },
      ],
      demands: { ...NO_DEMANDS, requiredChecks: ["a", "b", "c"] },
    });
    expect(made).toMatchObject({ data: { failed: ["a"], running: ["b"], missing: ["c"] } });
  });
});

describe("the merge method", () => {
  const method = (change: Partial<ShipFacts>, request: Partial<ShipRequest> = {}) => {
    const made = plan(change, request);
    return made.kind === "refused" ? made.code : made.steps[0]?.kind === "merge" && made.steps[0].method;
  };

  test("is the first that repository and rules allow", () => {
    expect(method({})).toBe("merge");
    expect(method({ methods: ["squash", "rebase"] })).toBe("squash");
    expect(
      method({ methods: ["merge", "rebase"], demands: { ...NO_DEMANDS, allowedMethods: ["squash", "rebase"] } }),
    ).toBe("rebase");
    expect(method({ methods: null })).toBe("merge");
  });

  test("is the one asked for, or none", () => {
    expect(method({}, { method: "rebase" })).toBe("rebase");
    expect(method({ methods: ["squash"] }, { method: "merge" })).toBe("SHIP_METHOD_NOT_ALLOWED");
    expect(method({ methods: [] })).toBe("SHIP_METHOD_NOT_ALLOWED");
  });
});
