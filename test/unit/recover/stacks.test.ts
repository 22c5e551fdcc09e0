import { expect, test } from "vitest";
import { buildStacks } from "../../../src/recover/stacks.ts";
import { commit } from "./facts-builder.ts";

test("tips are what no other chosen commit stands on, also across commits that are not chosen", () => {
  const commits = [commit("d", ["c"]), commit("c", ["b"]), commit("b", ["a"]), commit("x", ["a"]), commit("a", ["m"])];
  expect(buildStacks(commits, new Set(["d", "b", "a", "x"]))).toEqual([
    { tip: "d", commits: ["d", "b", "a"] },
    { tip: "x", commits: ["x", "a"] },
  ]);
});

test("nothing chosen, no stacks", () => {
  expect(buildStacks([commit("a", [])], new Set())).toEqual([]);
});
