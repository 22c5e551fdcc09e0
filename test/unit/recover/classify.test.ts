import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classify } from "../../../src/recover/classify.ts";
import type { Facts } from "../../../src/recover/facts.ts";
import { createLookup } from "../../../src/recover/lookup.ts";
import { commit, factsOf, logged, set } from "./facts-builder.ts";

const verdicts = (facts: Facts) =>
  Object.fromEntries(
    classify(facts, createLookup(facts)).map(({ sha, verdict, replacedBy }) => [
      sha,
      replacedBy === null ? verdict : `${verdict} by ${replacedBy}`,
    ]),
  );

describe("same author and date", () => {
  const twins = { authorTime: 5000, subject: "wip" };
  const changes = { a: [set("f", "1")], b: [set("f", "2")] };

  test("a commit of the same subject whose origin no log tells has not replaced it: its content is another", () => {
    const facts = factsOf({
      unreachable: [commit("a", ["m"], twins)],
      replacements: [commit("b", ["m"], twins)],
      changes,
    });
    expect(verdicts(facts)).toEqual({ a: "lost" });
  });

  test("a fetched commit with another subject has not", () => {
    const other = commit("b", ["m"], { ...twins, subject: "other" });
    expect(verdicts(factsOf({ unreachable: [commit("a", ["m"], twins)], replacements: [other], changes }))).toEqual({
      a: "lost",
    });
  });

  test("a commit that its log shows to be a fresh one has not", () => {
    const facts = factsOf({
      ...{ unreachable: [commit("a", ["m"], twins)], replacements: [commit("b", ["m"], twins)], changes },
      log: [logged("m", "b", 5000, "commit: wip")],
    });
    expect(verdicts(facts)).toEqual({ a: "lost" });
  });

  test("a commit on other paths has not", () => {
    const facts = factsOf({
      ...{ unreachable: [commit("a", ["m"], twins)], replacements: [commit("b", ["m"], twins)] },
      changes: { a: [set("f", "1")], b: [set("g", "2")] },
    });
    expect(verdicts(facts)).toEqual({ a: "lost" });
  });

  test("a commit that is the rebased form of a third has not", () => {
    const facts = factsOf({
      unreachable: [commit("a", ["m"], twins), commit("c", ["m"], twins)],
      replacements: [commit("b", ["m"], twins)],
      changes: { ...changes, c: [set("f", "2")] },
      patches: { a: "A", b: "C", c: "C" },
      log: [logged("m", "c", 5000, "commit: wip"), logged("m", "b", 5001, "rebase (pick): wip")],
    });
    expect(verdicts(facts)).toEqual({ a: "lost", c: "superseded by b" });
  });
});

describe("same patch", () => {
  test("in an ancestor does not count: the change was made again on purpose", () => {
    const facts = factsOf({
      unreachable: [commit("a", ["r"])],
      replacements: [commit("r", ["p"]), commit("p", ["m"])],
      changes: { a: [set("f", "1")], p: [set("f", "1")], r: [set("f", "0")] },
      patches: { a: "P", p: "P" },
    });
    expect(verdicts(facts)).toEqual({ a: "lost" });
  });

  test("of all commits of a stack together: squashed", () => {
    const facts = factsOf({
      unreachable: [commit("b", ["a"]), commit("a", ["m"])],
      replacements: [commit("s", ["n"])],
      changes: { a: [set("f", "1", "0")], b: [set("f", "2", "1")], s: [set("f", "9", "8")] },
      patches: { a: "A", b: "B", "m..b": "S", s: "S" },
    });
    expect(verdicts(facts)).toEqual({ a: "superseded by s", b: "superseded by s" });
  });
});

test("unreachable commits never replace each other in a circle", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const entry = fc.record({
    before: name,
    after: name,
    at: fc.integer({ min: 0, max: 3 }),
    act: fc.constantFrom("commit: x", "commit (amend): x", "rebase (pick): x", "checkout: x"),
  });
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 20 }),
      fc.uniqueArray(name),
      fc.constantFrom(0, 1, 2),
      (entries, shas, blobs) => {
        const same = { authorTime: 1, commitTime: 1, subject: "x", authorName: "A", authorEmail: "a@x" };
        const facts = factsOf({
          unreachable: shas.map((sha) => commit(sha, ["m"], same)),
          log: entries.map(({ before, after, at, act }) => logged(before, after, at, act)),
          changes: Object.fromEntries(shas.map((sha, i) => [sha, [set("f", String(blobs === 0 ? 0 : i % blobs))]])),
        });
        const found = classify(facts, createLookup(facts));
        // However they resemble each other, one of them is left that holds the work.
        expect(found).toHaveLength(shas.length);
        if (shas.length > 0) expect(found.some(({ verdict }) => verdict === "lost")).toBe(true);
        for (const { replacedBy } of found) {
          if (replacedBy !== null) expect(found.find(({ sha }) => sha === replacedBy)?.verdict).toBe("lost");
        }
      },
    ),
  );
});

test("a stash without its index commit at hand is known by its subject; its parts are never listed", () => {
  const facts = factsOf({
    unreachable: [
      commit("s", ["m", "gone"], { subject: "WIP on main: abc1234 work" }),
      commit("i", ["m"], { subject: "index on main: abc1234 work" }),
      commit("u", [], { subject: "untracked files on main: abc1234 work" }),
    ],
    changes: { s: [set("f", "1")], i: [set("f", "1")], u: [set("g", "1")] },
  });
  expect(verdicts(facts)).toEqual({ s: "stash" });
});

test("a commit whose changes are not known to be anywhere else is lost, or at risk when a HEAD holds it", () => {
  const facts = factsOf({
    unreachable: [commit("a", ["m"]), commit("b", ["m"])],
    changes: { a: [set("f", "1")], b: [set("g", "1")] },
    heldByHead: ["b"],
  });
  expect(verdicts(facts)).toEqual({ a: "lost", b: "at_risk" });
});
