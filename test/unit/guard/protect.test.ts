import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isProtected, isProtectPattern } from "../../../src/guard/protect.ts";

test.each([
  ["main", "main", true],
  ["main", "mainly", false],
  ["main", "Main", false],
  ["rel/*", "rel/1", true],
  ["rel/*", "rel/1/2", true],
  ["rel/*", "rel/", true],
  ["rel/*", "rel", false],
  ["*", "any/thing", true],
  ["*/hotfix", "a/b/hotfix", true],
  ["a.c", "abc", false],
  ["a+(b)", "aab", false],
  ["a|b", "a", false],
])("the pattern %s and the branch %s: %s", (pattern, branch, expected) => {
  expect(isProtected(branch, ["elsewhere", pattern])).toBe(expected);
});

test("patterns mean what they mean to sh", () => {
  const part = fc.constantFrom(..."ab/.-+|()$!{}^&#,<>=%@]~`\n*****");
  const text = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
  const pattern = text.filter(isProtectPattern);
  const cases = fc.sample(
    fc.tuple(
      pattern,
      text.map((name) => name.replaceAll("*", "a")),
    ),
    { numRuns: 500, seed: 1 },
  );
  const script = "set -f; while [ $# -gt 0 ]; do case $2 in $1) echo 1 ;; *) echo 0 ;; esac; shift 2; done";
  const { stdout } = spawnSync("sh", ["-c", script, "sh", ...cases.flat()], { encoding: "utf8" });
  expect(cases.map(([one, name]) => (isProtected(name, [one]) ? "1" : "0")).join("\n")).toBe(stdout.trim());
  expect(stdout).toContain("1");
});

test.each(["a b", "a?", "[ab]", "a\\b", "it's", 'a"b', "-x", "", "a\tb"])("%j is no pattern", (text) => {
  expect(isProtectPattern(text)).toBe(false);
});
