import fc from "fast-check";
import { expect, test } from "vitest";
import { decideGuard } from "../../../src/guard/decide.ts";
import { GUARD_HOOKS, type GuardFacts, UNREAD } from "../../../src/guard/facts.ts";
import { detached, expecting, facts, on, SHA } from "./facts-builder.ts";

const BRANCHES = ["feat/x", "main", "other"];
const ref = fc.constantFrom("HEAD", "ORIG_HEAD", ...BRANCHES.map((branch) => `refs/heads/${branch}`));
const value = fc.constantFrom(SHA.old, SHA.new, SHA.other, SHA.zero);
const branch = fc.constantFrom(...BRANCHES);

const anyFacts: fc.Arbitrary<GuardFacts> = fc
  .record({
    hook: fc.constantFrom(...GUARD_HOOKS),
    hookArguments: fc.constantFrom([], ["main"], ["main", "other"]),
    linked: fc.boolean(),
    topLevel: fc.constantFrom("", "/tree"),
    expectation: fc.oneof(
      fc.constant({ kind: "missing" as const }),
      branch.map((name) => expecting(name)),
    ),
    expectedExists: fc.boolean(),
    head: fc.oneof(
      branch.map(on),
      fc
        .record({ rebasing: fc.option(branch), bisectFrom: fc.option(branch), sha: fc.constantFrom(SHA.old, SHA.new) })
        .map(detached),
    ),
    unused: fc.boolean(),
    unborn: fc.boolean(),
    protect: fc.subarray(["main", "feat/*"]),
    requireSession: fc.boolean(),
    allowUnknown: fc.boolean(),
    reflogAction: fc.constantFrom("", "merge x", "commit"),
    changes: fc.uniqueArray(
      fc.record({ ref, oldValue: value, newValue: value, present: fc.option(fc.constantFrom(SHA.old, SHA.new)) }),
      { selector: (change) => change.ref, maxLength: 3 },
    ),
    others: fc.array(
      branch.map((name) => ({ worktree: "/other", session: "s", branch: name, there: true })),
      { maxLength: 1 },
    ),
    abortTargets: fc.subarray([SHA.new]),
    evidence: fc.dictionary(
      ref,
      fc.record({
        pruning: fc.boolean(),
        renaming: fc.boolean(),
        fastForward: fc.boolean(),
        heldByRemote: fc.boolean(),
        fetched: fc.constant([]),
        known: fc.boolean(),
      }),
    ),
  })
  .map((some) => facts(some));

/** What files alone tell of them: the worst is presumed of the rest. */
function filesOnly(all: GuardFacts): GuardFacts {
  const changes = all.changes.map((change) => ({ ...change, present: UNREAD }));
  return { ...all, changes, evidence: {}, expectedExists: true, unborn: false, unused: false };
}

test("what files alone allow, all facts allow: git need not be asked", () => {
  fc.assert(
    fc.property(anyFacts, (all) => {
      fc.pre(decideGuard(filesOnly(all)).kind === "allow");
      expect(decideGuard(all)).toEqual({ kind: "allow" });
    }),
    { numRuns: 3000 },
  );
});
