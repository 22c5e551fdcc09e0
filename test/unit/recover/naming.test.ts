import { expect, test } from "vitest";
import { collectNamings, lastSeen, replacementsSince } from "../../../src/recover/naming.ts";
import { commit, logged } from "./facts-builder.ts";

const DAY = 86_400;

test("a commit is named by both sides of its entries; its birth is the first new side, its end the last old one", () => {
  const log = [logged("m", "a", 10, "commit: a"), logged("a", "m", 30, "reset: moving to m")];
  expect(collectNamings(log).get("a")).toMatchObject({
    first: 10,
    last: 30,
    birth: { message: "commit: a" },
    left: { message: "reset: moving to m" },
  });
  expect(collectNamings([logged("x", "m", 5, "reset: moving to m")]).get("x")).toMatchObject({ birth: null, first: 5 });
});

test("of entries that tell of the same act, the worktree's is kept", () => {
  const head = logged("a", "m", 10, "reset: moving to m");
  const branch = { ...head, ref: "refs/heads/x" };
  for (const log of [
    [head, branch],
    [branch, head],
  ])
    expect(collectNamings(log).get("a")?.left?.ref).toBe("HEAD");
});

test("a commit in no log was last seen when its object was written, else with its children; else nobody knows", () => {
  const commits = [commit("c", ["b"]), commit("b", ["a"]), commit("a", ["m"]), commit("z", [])];
  const seen = lastSeen(commits, collectNamings([logged("c", "m", 50, "reset")]), new Map([["b", 20]]));
  expect([...seen]).toEqual([
    ["c", 50],
    ["b", 50],
    ["a", 50],
  ]);
});

test("replacements are looked for from a day before the commit was made, whatever its own date says", () => {
  const log = collectNamings([logged("m", "a", 100 * DAY, "commit: a")]);
  const since = (commitTime: number) => replacementsSince([commit("a", [], { commitTime })], log, new Map());
  expect(since(100 * DAY)).toBe(99 * DAY);
  expect(since(9999 * DAY)).toBe(99 * DAY);
  expect(since(90 * DAY)).toBe(89 * DAY);
  expect(since(0)).toBe(69 * DAY);
});
