import { describe, expect, test } from "vitest";
import { parseReflog, parseReflogListing } from "../../../src/git/reflogs.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);
const ZERO = "0".repeat(40);

describe("a reflog file", () => {
  test("gives both sides of each line, zeros as nothing", () => {
    const content = `${ZERO} ${A} Ada <a@x> 100 +0200\tbranch: Created\n${A} ${B} Ada <a@x> 200 -0100\tcommit: x\ty\n`;
    expect(parseReflog(content, "refs/heads/x", null)).toEqual([
      {
        before: null,
        after: A,
        at: 100,
        who: "Ada <a@x>",
        message: "branch: Created",
        ref: "refs/heads/x",
        worktree: null,
      },
      { before: A, after: B, at: 200, who: "Ada <a@x>", message: "commit: x\ty", ref: "refs/heads/x", worktree: null },
    ]);
  });

  test("takes a line without a message, and leaves out what is no entry", () => {
    const content = `${A} ${B} Ada <a@x> 200 +0000\n${A} ${B} cut sho\n\nnonsense\n`;
    expect(parseReflog(content, "HEAD", "side")).toMatchObject([{ message: "", worktree: "side" }]);
  });

  test("takes names of 64 digits and a committer with awkward characters", () => {
    const content = `${"a".repeat(64)} ${"b".repeat(64)} A 5 +0000 <x y> 7 +0000\tcommit: z\n`;
    expect(parseReflog(content, "HEAD", null)).toMatchObject([{ who: "A 5 +0000 <x y>", at: 7 }]);
  });
});

test("git's listing of all reflogs, newest first, comes out oldest first with both sides", () => {
  const record = (sha: string, selector: string, message: string) => `${sha}\0${selector}\0Ada <a@x>\0${message}\0`;
  const output = [
    record(B, "refs/heads/a@{b}@{200}", "second"),
    record(A, "refs/heads/a@{b}@{100}", "first"),
    record(A, "worktrees/side/HEAD@{300}", "checkout"),
    "",
  ].join("\n");
  expect(
    parseReflogListing(output).map(({ before, after, at, ref, worktree }) => [before, after, at, ref, worktree]),
  ).toEqual([
    [null, A, 300, "HEAD", "side"],
    [null, A, 100, "refs/heads/a@{b}", null],
    [A, B, 200, "refs/heads/a@{b}", null],
  ]);
});
