import { describe, expect, test } from "vitest";
import type { Expectation } from "../../../src/domain/expectation.ts";
import { decideGuard, decidePush } from "../../../src/guard/decide.ts";
import type { GuardFacts } from "../../../src/guard/facts.ts";
import { detached, expecting, facts, on, SHA, said } from "./facts-builder.ts";

const missing: Expectation = { kind: "missing" };
const invalid: Expectation = { kind: "invalid", file: ".session.json", fault: "is empty" };
const lost = expecting("feat/x", { claimLost: { by: "Grace", at: "2026-03-01T11:00:00Z" } });
const elsewhere = [{ worktree: "/other", session: "other", branch: "feat/y", there: true }];
const main: Partial<GuardFacts> = { linked: false, expectation: missing, head: on("main") };

const SITUATIONS: [situation: string, more: Partial<GuardFacts>, verdict: string][] = [
  ["the expected branch", {}, "allow"],
  ["another branch", { head: on("feat/y") }, "BRANCH_MISMATCH"],
  ["a branch whose name only begins alike", { head: on("feat/x/y") }, "BRANCH_MISMATCH"],
  ["a name in other letters", { head: on("Feat/X") }, "BRANCH_MISMATCH"],
  ["a rebase of the expected branch", { head: detached({ rebasing: "feat/x" }) }, "allow"],
  ["a rebase of another branch", { head: detached({ rebasing: "feat/y" }) }, "DETACHED_HEAD"],
  ["a bisect from the expected branch", { head: detached({ bisectFrom: "feat/x" }) }, "COMMIT_DURING_BISECT"],
  ["a bisect from another branch", { head: detached({ bisectFrom: "feat/y" }) }, "DETACHED_HEAD"],
  ["a rebase inside a bisect", { head: detached({ bisectFrom: "feat/x", rebasing: "feat/x" }) }, "allow"],
  ["HEAD detached otherwise", { head: detached() }, "DETACHED_HEAD"],
  ["no file in a linked worktree", { expectation: missing }, "EXPECTATION_MISSING"],
  ["no file, unknown allowed", { expectation: missing, allowUnknown: true }, "allow"],
  ["no file in the main checkout", main, "allow"],
  ["no file in the main checkout, detached", { ...main, head: detached() }, "allow"],
  ["no file where sessions are required", { ...main, requireSession: true }, "SESSION_REQUIRED"],
  [
    "no file where sessions are required, unknown allowed",
    { ...main, requireSession: true, allowUnknown: true },
    "allow",
  ],
  ["a file where sessions are required", { requireSession: true }, "allow"],
  ["a bare repository", { ...main, topLevel: "", requireSession: true }, "allow"],
  ["an unusable file", { expectation: invalid }, "EXPECTATION_INVALID"],
  ["an unusable file, unknown allowed", { expectation: invalid, allowUnknown: true }, "EXPECTATION_INVALID"],
  ["a wrong branch, unknown allowed", { head: on("feat/y"), allowUnknown: true }, "BRANCH_MISMATCH"],
  ["an unusable file in the main checkout", { ...main, expectation: invalid }, "EXPECTATION_INVALID"],
  ["a lost claim", { expectation: lost }, "CLAIM_LOST"],
  ["a lost claim during a rebase", { expectation: lost, head: detached({ rebasing: "feat/x" }) }, "CLAIM_LOST"],
  ["a protected branch", { ...main, protect: ["main"] }, "PROTECTED_BRANCH"],
  ["a branch that a pattern protects", { protect: ["rel/*", "feat/*"] }, "PROTECTED_BRANCH"],
  ["a protected branch without a commit", { ...main, protect: ["main"], unborn: true }, "allow"],
  [
    "a rebase of a protected branch",
    { head: detached({ rebasing: "feat/x" }), protect: ["feat/x"] },
    "PROTECTED_BRANCH",
  ],
  ["another session's branch", { ...main, head: on("feat/y"), others: elsewhere }, "BRANCH_OF_OTHER_SESSION"],
  [
    "a branch that two sessions expect",
    { expectation: expecting("feat/y"), head: on("feat/y"), others: elsewhere },
    "allow",
  ],
];

describe.each(["pre-commit", "pre-merge-commit", "applypatch-msg", "pre-rebase"] as const)("at %s", (hook) => {
  test.each(SITUATIONS)("%s", (_, more, verdict) => {
    expect(said(decideGuard(facts({ hook, hookArguments: hook === "pre-rebase" ? ["main"] : [], ...more })))).toBe(
      verdict,
    );
  });
});

describe("a rebase that names a branch goes there first, so that one counts", () => {
  const rebase = (named: string, more: Partial<GuardFacts> = {}) =>
    said(decideGuard(facts({ hook: "pre-rebase", hookArguments: ["main", named], ...more })));

  test.each([
    ["feat/x", "allow"],
    ["refs/heads/feat/x", "allow"],
    ["", "allow"],
    ["feat/y", "BRANCH_MISMATCH"],
    [SHA.old, "BRANCH_MISMATCH"],
  ])("%s", (named, verdict) => expect(rebase(named)).toBe(verdict));

  test("the expected one, from elsewhere", () => expect(rebase("feat/x", { head: on("feat/y") })).toBe("allow"));
  test("a protected one", () => expect(rebase("main", { ...main, protect: ["main"] })).toBe("PROTECTED_BRANCH"));
  test("another session's", () =>
    expect(rebase("feat/y", { ...main, others: elsewhere })).toBe("BRANCH_OF_OTHER_SESSION"));
});

test("a refusal says what was expected, where HEAD is, and who has the claim", () => {
  expect(decideGuard(facts({ head: on("feat/y") }))).toMatchObject({
    data: { expected: "feat/x", actual: "feat/y", file: ".session.json" },
  });
  expect(decideGuard(facts({ expectation: lost }))).toMatchObject({
    data: { by: "Grace", at: "2026-03-01T11:00:00Z", expected: "feat/x" },
  });
});

describe("a push is judged by the branches that it pushes", () => {
  const push = (
    remoteBranch: string,
    more: { fastForward?: boolean; deleted?: boolean },
    of: Partial<GuardFacts> = {},
  ) => {
    const localSha = more.deleted ? SHA.zero : SHA.new;
    const pushed = {
      localRef: "refs/heads/any",
      localSha,
      remoteRef: `refs/heads/${remoteBranch}`,
      remoteSha: SHA.old,
    };
    return said(decidePush([{ ...pushed, fastForward: more.fastForward ?? true }], facts({ hook: "pre-push", ...of })));
  };

  test("HEAD on the wrong branch does not matter", () =>
    expect(push("feat/x", {}, { head: on("feat/y") })).toBe("allow"));
  test("to a protected one", () => expect(push("main", {}, { protect: ["main"] })).toBe("PUSH_TO_PROTECTED"));
  test("that deletes a protected one", () =>
    expect(push("main", { deleted: true }, { protect: ["main"] })).toBe("PUSH_TO_PROTECTED"));
  test("that adds to another session's", () => expect(push("feat/y", {}, { others: elsewhere })).toBe("allow"));
  test("that drops commits of another session's", () =>
    expect(push("feat/y", { fastForward: false }, { others: elsewhere })).toBe("PUSH_OVER_OTHER_SESSION"));
  test("that deletes another session's", () =>
    expect(push("feat/y", { deleted: true }, { others: elsewhere })).toBe("PUSH_OVER_OTHER_SESSION"));
  test("that rewrites one's own", () =>
    expect(
      push(
        "feat/x",
        { fastForward: false },
        { others: [{ worktree: "/o", session: "o", branch: "feat/x", there: true }] },
      ),
    ).toBe("allow"));
  test("of a branch whose claim is lost", () => expect(push("feat/x", {}, { expectation: lost })).toBe("CLAIM_LOST"));
  test("of another branch, with a lost claim", () => expect(push("feat/z", {}, { expectation: lost })).toBe("allow"));
  test("of a tag named like a protected branch", () => {
    const tag = { localRef: "refs/tags/main", localSha: SHA.new, remoteRef: "refs/tags/main", remoteSha: SHA.zero };
    expect(said(decidePush([{ ...tag, fastForward: true }], facts({ protect: ["main"] })))).toBe("allow");
  });
});
