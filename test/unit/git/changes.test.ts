import { expect, test } from "vitest";
import { parseRawDiffs } from "../../../src/git/changes.ts";
import { parsePatches } from "../../../src/git/patches.ts";

const SHA = "c".repeat(40);
const ONE = "1".repeat(40);
const TWO = "2".repeat(40);
const ZERO = "0".repeat(40);

function patch(hunk: string, text: string, index = `index ${ONE}..${TWO} 100644`): string {
  return [SHA, "diff --git a/f b/f", index, "--- a/f", "+++ b/f", hunk, ...text.split("\n"), ""].join("\n");
}

test("raw diffs: paths with newlines and colons, additions, deletions, commits without changes", () => {
  const output = [
    SHA,
    `:000000 100644 ${ZERO} ${ONE} A`,
    ":a\nb",
    `:100755 000000 ${TWO} ${ZERO} D`,
    SHA,
    ONE,
    ONE,
    `:100644 100755 ${ONE} ${ONE} M`,
    "x",
    "",
  ].join("\0");
  expect(parseRawDiffs(output)).toEqual([
    [
      { path: ":a\nb", before: null, after: `100644:${ONE}` },
      { path: SHA, before: `100755:${TWO}`, after: null },
    ],
    [],
    [{ path: "x", before: `100644:${ONE}`, after: `100755:${ONE}` }],
  ]);
});

test("the same change at other lines, between other files, has the same digest", () => {
  const [one] = parsePatches(patch("@@ -1,2 +1,2 @@", " a\n-b\n+c"));
  const [two] = parsePatches(patch("@@ -40,2 +41,2 @@ function", " a\n-b\n+c", `index ${TWO}..${ONE} 100644`));
  expect(two?.digest).toBe(one?.digest);
  expect(one).toMatchObject({ insertions: 1, deletions: 1 });
});

test("white space makes another patch", () => {
  const [one] = parsePatches(patch("@@ -1 +1 @@", "-b\n+c"));
  const [two] = parsePatches(patch("@@ -1 +1 @@", "-b\n+ c"));
  expect(two?.digest).not.toBe(one?.digest);
});

test("lines that look like headers are content inside a hunk", () => {
  const [read, ...more] = parsePatches(patch("@@ -1,3 +1,3 @@", "--- a/x\n+++ b/x\n-diff --git a/f b/f\n+@@ -1 +1 @@"));
  expect(more).toEqual([]);
  expect(read).toMatchObject({ insertions: 2, deletions: 2 });
  expect(read?.parts).toHaveLength(1);
});

test("binary files differ by their object names", () => {
  const binary = (index: string) =>
    [SHA, "diff --git a/f b/f", index, "Binary files a/f and b/f differ", ""].join("\n");
  const [one] = parsePatches(binary(`index ${ONE}..${TWO} 100644`));
  const [two] = parsePatches(binary(`index ${ONE}..${SHA} 100644`));
  expect(one?.digest).not.toBe(two?.digest);
});

test("a combined diff without parts is empty, one with lines of its own is not", () => {
  const text = [
    SHA,
    "",
    SHA,
    "diff --cc f",
    `index ${ONE},${TWO}..${SHA}`,
    "--- a/f",
    "+++ b/f",
    "@@@ -1,1 -1,1 +1,1 @@@",
    "- a",
    " -b",
    "++c",
    "",
  ];
  const [clean, own] = parsePatches(text.join("\n"));
  expect(clean).toEqual({ digest: "", spaceless: "", parts: [], insertions: 0, deletions: 0 });
  expect(own).toMatchObject({ insertions: 1, deletions: 2 });
  expect(own?.digest).not.toBe("");
});
