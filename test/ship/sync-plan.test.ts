import { expect, test } from "vitest";
import { parseBranchName, parseCommitSha } from "../../src/domain/names.ts";
import { type Holder, planSync, type SyncFacts } from "../../src/ship/sync-base.ts";

const sha = parseCommitSha("a".repeat(40));
const facts = (relation: SyncFacts["relation"], holder: Holder | null = null): SyncFacts => ({
  base: parseBranchName("main"),
  local: relation === null ? null : sha,
  target: sha,
  relation,
  holder,
});
const holder = (change: Partial<Holder> = {}): Holder => ({
  path: "/main",
  here: false,
  suspended: false,
  follows: false,
  ...change,
});

test.each<[string, SyncFacts, object]>([
  ["held by nobody: the ref moves", facts("behind"), { act: "move_ref" }],
  [
    "checked out here: ref and files move",
    facts("behind", holder({ here: true })),
    { act: "fast_forward", path: "/main" },
  ],
  [
    "checked out elsewhere, which follows",
    facts("behind", holder({ follows: true })),
    { act: "fast_forward", path: "/main" },
  ],
  ["checked out elsewhere", facts("behind", holder()), { act: "none", state: "behind" }],
  [
    "being rebased elsewhere",
    facts("behind", holder({ suspended: true, follows: true })),
    { act: "none", state: "behind" },
  ],
  ["being rebased here", facts("behind", holder({ suspended: true, here: true })), { act: "none", state: "behind" }],
  ["up to date", facts("equal", holder({ here: true })), { act: "none", state: "current" }],
  ["ahead of the remote", facts("ahead"), { act: "none", state: "current" }],
  ["diverged, held by nobody", facts("diverged"), { act: "none", state: "diverged" }],
  ["diverged, checked out here", facts("diverged", holder({ here: true })), { act: "none", state: "diverged" }],
  ["not there", facts(null), { act: "none", state: "skipped" }],
])("a base that is %s", (_, given, expected) => {
  expect(planSync(given)).toMatchObject(expected);
});
