import { describe, expect, test } from "vitest";
import { decideGuard } from "../../../src/guard/decide.ts";
import type { GuardFacts, RefChange } from "../../../src/guard/facts.ts";
import { detached, evidence, expecting, moving, on, SHA, said, transaction } from "./facts-builder.ts";

const astray = { head: on("astray") };
const nobody: Partial<GuardFacts> = { linked: false, expectation: { kind: "missing" }, head: on("topic") };
const others = [{ worktree: "/other", session: "other", branch: "theirs", there: true }];
const following = (branch: string) => evidence(branch, { fastForward: true, heldByRemote: true });
const verdict = (changes: RefChange[], more: Partial<GuardFacts> = {}) => said(decideGuard(transaction(changes, more)));

describe("on the expected branch", () => {
  test.each([
    ["it moves", moving("feat/x")],
    ["it moves, and git gives no old value", moving("feat/x", { oldValue: SHA.zero })],
    ["it is deleted (as a rename does)", moving("feat/x", { newValue: SHA.zero })],
    ["it gets its first commit", moving("feat/x", { oldValue: SHA.zero, present: null })],
    ["nobody's branch moves", moving("bystander")],
    ["nobody's branch is deleted", moving("bystander", { newValue: SHA.zero })],
  ])("%s", (_, change) => expect(verdict([change])).toBe("allow"));
});

describe("on another branch", () => {
  test.each([
    ["that one moves", moving("astray")],
    ["that one moves, and git gives no old value", moving("astray", { oldValue: SHA.zero })],
    ["the expected one moves", moving("feat/x")],
    ["nobody's branch moves", moving("bystander")],
    ["nobody's branch is deleted", moving("bystander", { newValue: SHA.zero })],
    [
      "nobody's branch is deleted, and git gives no old value",
      moving("bystander", { oldValue: SHA.zero, newValue: SHA.zero }),
    ],
    ["nobody's branch becomes another name", moving("bystander", { newValue: "ref:refs/heads/feat/x" })],
  ])("%s: refused", (_, change) => expect(verdict([change], astray)).toBe("BRANCH_MISMATCH"));

  test.each([
    ["a branch is created", moving("fresh", { oldValue: SHA.zero, present: null })],
    ["a branch keeps its value (`worktree add`, stash)", moving("astray", { newValue: SHA.old })],
    [
      "a branch keeps its value, and git gives no old value (`pack-refs`)",
      moving("x", { oldValue: SHA.zero, newValue: SHA.old }),
    ],
    ["a branch that does not exist is deleted", moving("x", { oldValue: SHA.zero, newValue: SHA.zero, present: null })],
    ["a tag moves", { ...moving("x"), ref: "refs/tags/x" }],
    ["the stash moves", { ...moving("x"), ref: "refs/stash" }],
    ["a remote-tracking ref moves", { ...moving("x"), ref: "refs/remotes/origin/feat/x" }],
    ["HEAD is switched back", { ref: "HEAD", oldValue: SHA.old, newValue: "ref:refs/heads/feat/x", present: null }],
    [
      "HEAD is switched to a third",
      { ref: "HEAD", oldValue: SHA.old, newValue: "ref:refs/heads/third", present: null },
    ],
    ["HEAD is detached", { ref: "HEAD", oldValue: SHA.old, newValue: SHA.other, present: null }],
  ])("%s: allowed", (_, change) => expect(verdict([change], astray)).toBe("allow"));

  test("packing prunes a loose branch, which looks like a deletion", () => {
    const change = moving("bystander", { newValue: SHA.zero });
    expect(verdict([change], { ...astray, ...evidence("bystander", { pruning: true }) })).toBe("allow");
  });

  test("one bad line among good ones counts", () => {
    const created = moving("fresh", { present: null });
    expect(verdict([created, moving("bystander"), { ...created, ref: "refs/tags/t" }], astray)).toBe("BRANCH_MISMATCH");
  });

  test("an abort puts the branch back to where it was", () => {
    expect(verdict([moving("astray")], { ...astray, abortTargets: [SHA.new] })).toBe("allow");
    expect(verdict([moving("bystander")], { ...astray, abortTargets: [SHA.new] })).toBe("BRANCH_MISMATCH");
    expect(verdict([moving("astray")], { ...astray, abortTargets: [SHA.other] })).toBe("BRANCH_MISMATCH");
  });

  test("a creation of HEAD's own branch is its first commit", () => {
    expect(verdict([moving("astray", { present: null })], { ...astray, unborn: true })).toBe("BRANCH_MISMATCH");
  });
});

describe("a merge or pull announces itself with ORIG_HEAD", () => {
  const announced: RefChange = { ref: "ORIG_HEAD", oldValue: SHA.zero, newValue: SHA.old, present: null };
  test.each(["merge feat/y", "pull", "pull origin main"])("%s", (reflogAction) => {
    expect(verdict([announced], { ...astray, reflogAction })).toBe("BRANCH_MISMATCH");
    expect(verdict([announced], { reflogAction })).toBe("allow");
  });
  test.each(["", "rebase", "reset: moving", "cherry-pick"])("'%s' does not", (reflogAction) => {
    expect(verdict([announced], { ...astray, reflogAction })).toBe("allow");
  });
});

describe("HEAD alone moves while it is detached", () => {
  const commit: RefChange = { ref: "HEAD", oldValue: SHA.old, newValue: SHA.new, present: null };

  test("a commit is refused", () => expect(verdict([commit], { head: detached() })).toBe("DETACHED_HEAD"));
  test("a commit is refused also beside the line of a branch", () =>
    expect(verdict([moving("fresh", { present: null }), commit], { head: detached() })).toBe("DETACHED_HEAD"));
  test("a commit in a bisect is refused", () =>
    expect(verdict([commit], { head: detached({ bisectFrom: "feat/x" }) })).toBe("COMMIT_DURING_BISECT"));
  test("a commit in a rebase of the expected branch is allowed", () =>
    expect(verdict([commit], { head: detached({ rebasing: "feat/x" }) })).toBe("allow"));
  test("a commit in a rebase of another branch is refused", () =>
    expect(verdict([commit], { head: detached({ rebasing: "astray" }) })).toBe("DETACHED_HEAD"));
  test("a checkout gives no old value", () =>
    expect(verdict([{ ...commit, oldValue: SHA.zero }], { head: detached() })).toBe("allow"));
  test("a reset to a commit that was there before is allowed", () =>
    expect(verdict([commit], { head: detached(), ...evidence("HEAD", { known: true }) })).toBe("allow"));
  test("to where it is already", () =>
    expect(verdict([{ ...commit, newValue: SHA.old }], { head: detached() })).toBe("allow"));
  test("a commit in nobody's main checkout is allowed", () =>
    expect(verdict([commit], { ...nobody, head: detached() })).toBe("allow"));
});

describe("another session's branch", () => {
  test.each([
    ["does not move", moving("theirs")],
    ["does not become another name", moving("theirs", { newValue: "ref:refs/heads/topic" })],
    ["is not deleted", moving("theirs", { newValue: SHA.zero })],
  ])("%s", (_, change) => {
    expect(verdict([change], { others })).toBe("BRANCH_OF_OTHER_SESSION");
    expect(verdict([change], { ...nobody, others })).toBe("BRANCH_OF_OTHER_SESSION");
    expect(verdict([change], { ...nobody, head: on("theirs"), others })).toBe("BRANCH_OF_OTHER_SESSION");
  });

  test("may be made when it is gone", () =>
    expect(verdict([moving("theirs", { present: null })], { others })).toBe("allow"));
  test("follows its remote, where nobody is on it", () => {
    expect(verdict([moving("theirs")], { others, ...following("theirs") })).toBe("allow");
    const there = { ...nobody, head: on("theirs"), others, ...following("theirs") };
    expect(verdict([moving("theirs")], there)).toBe("BRANCH_OF_OTHER_SESSION");
  });
  test("does not follow backwards, nor to what no remote holds", () => {
    for (const half of [{ fastForward: true }, { heldByRemote: true }]) {
      expect(verdict([moving("theirs")], { others, ...evidence("theirs", half) })).toBe("BRANCH_OF_OTHER_SESSION");
    }
  });
  test("is one's own where both expect it", () => {
    expect(verdict([moving("theirs")], { expectation: expecting("theirs"), head: on("theirs"), others })).toBe("allow");
  });
  test("is still not moved from a wrong branch where both expect it", () => {
    expect(verdict([moving("theirs")], { expectation: expecting("theirs"), ...astray, others })).toBe(
      "BRANCH_MISMATCH",
    );
  });
});

describe("a protected branch", () => {
  const own: Partial<GuardFacts> = { ...nobody, head: on("main"), protect: ["main"] };

  test("takes no commit", () => expect(verdict([moving("main")], own)).toBe("PROTECTED_BRANCH"));
  test("is not moved from elsewhere", () =>
    expect(verdict([moving("main")], { ...nobody, protect: ["main"] })).toBe("PROTECTED_BRANCH"));
  test("is not deleted", () => expect(verdict([moving("main", { newValue: SHA.zero })], own)).toBe("PROTECTED_BRANCH"));
  test("gets its first commit", () => expect(verdict([moving("main", { present: null })], own)).toBe("allow"));
  test("follows its remote, here and from elsewhere", () => {
    expect(verdict([moving("main")], { ...own, ...following("main") })).toBe("allow");
    expect(verdict([moving("main")], { ...nobody, protect: ["main"], ...following("main") })).toBe("allow");
  });
  test("follows its remote even while the session is astray: nobody is on it", () => {
    expect(verdict([moving("main")], { ...astray, protect: ["main"], ...following("main") })).toBe("allow");
  });
  test("is pruned when packed", () => {
    const change = moving("main", { newValue: SHA.zero });
    expect(verdict([change], { ...own, ...evidence("main", { pruning: true }) })).toBe("allow");
  });
});

test.each([
  ["its session is on it, and follows", true, true, "allow"],
  ["its session has gone astray, and would lose it", true, false, "BRANCH_OF_OTHER_SESSION"],
  ["it is deleted, not renamed", false, true, "BRANCH_OF_OTHER_SESSION"],
])("another session's branch loses its name: %s", (_, renaming, there, expected) => {
  const others = [{ worktree: "/other", session: "s", branch: "feat/o", there }];
  const deletion = moving("feat/o", { newValue: SHA.zero });
  expect(verdict([deletion], { others, ...evidence("feat/o", { renaming }) })).toBe(expected);
});
