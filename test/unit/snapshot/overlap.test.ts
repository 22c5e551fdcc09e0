import { describe, expect, it } from "vitest";
import { parseTreePairs } from "../../../src/git/changes.ts";
import { parseMerges } from "../../../src/git/merge-many.ts";
import { carrySince, meetingPairs, type Overlap, overlapInWords } from "../../../src/snapshot/overlap.ts";
import { parseWorktreeChanges } from "../../../src/snapshot/worktree-changes.ts";

function overlap(files: readonly string[], since: string, sessions = ["a", "b"]): Overlap {
  const between = sessions.map((session) => ({ session, item: `ITEM-${session}`, worktree: `/w/${session}` }));
  return { between, with_base: false, files, conflicts: [], since };
}

describe("overlaps", () => {
  it("are pairs that touch a file in common, with all such files", () => {
    const works = [{ files: ["x", "y", "z"] }, { files: ["y"] }, { files: ["z", "y"] }, { files: ["other"] }];
    expect(meetingPairs(works)).toEqual([
      { a: 0, b: 1, files: ["y"] },
      { a: 0, b: 2, files: ["y", "z"] },
      { a: 1, b: 2, files: ["y"] },
    ]);
    expect(meetingPairs([])).toEqual([]);
  });

  it("keep since when they are, while a file of them is the same, whoever is named first", () => {
    const before = [overlap(["x"], "2026-01-01T10:00:00Z")];
    const now = "2026-01-01T12:00:00Z";
    expect(carrySince([overlap(["x", "y"], now, ["b", "a"])], before)[0]?.since).toBe("2026-01-01T10:00:00Z");
    expect(carrySince([overlap(["y"], now)], before)[0]?.since).toBe(now);
    expect(carrySince([overlap(["x"], now, ["a", "c"])], before)[0]?.since).toBe(now);
    expect(carrySince([{ ...overlap(["x"], now), with_base: true }], before)[0]?.since).toBe(now);
  });

  it("are told from one worktree's view: who else, which files, since when", () => {
    const found = { ...overlap(["x", "y"], "2026-01-01T10:05:00Z"), conflicts: ["y"] };
    expect(overlapInWords("/w/b", found)).toBe("would conflict with ITEM-a in /w/a: y (since 10:05 UTC)");
    expect(overlapInWords("/w/a", { ...found, with_base: true, between: found.between.slice(0, 1) })).toMatch(
      /the base/,
    );
  });
});

describe("git diff-tree --stdin, of pairs of trees", () => {
  it("is parsed with pairs that are the same between others, and names that look like its own lines", () => {
    const [a, b] = ["a".repeat(40), "b".repeat(40)];
    const change = (path: string) => `:100644 100644 ${a} ${b} M\0${path}\0`;
    const odd = `x\n${a} ${b}\n`;
    const output = `${a} ${b}\n${change(odd)}${a} ${a}\n${b} ${a}\n${change(":y")}${change("z")}`;
    const paths = parseTreePairs(output).map((changes) => changes.map(({ path }) => path));
    expect(paths).toEqual([[odd], [], [":y", "z"]]);
  });
});

describe("git merge-tree --stdin", () => {
  it("is parsed with clean and conflicting merges in any order", () => {
    const clean = "1\0tree1\0\0";
    const conflicting = "0\0tree2\0a\nb\0dir/c\0\0";
    expect(parseMerges(clean + conflicting + clean, 3)).toEqual([[], ["a\nb", "dir/c"], []]);
  });
});

describe("git status", () => {
  it("is read byte for byte, with what is staged, in conflict, nested and ignored told apart", () => {
    const records = [
      "# branch.oid (initial)",
      "# branch.head feat/with space",
      "1 .M N... 100644 100644 100644 aaa bbb a b\nc",
      "1 A. N... 000000 100644 100644 000 bbb added",
      "1 .M SCMU 160000 160000 160000 aaa bbb sub",
      "u UU N... 100644 100644 100644 100644 aaa bbb ccc both",
      "? untracked",
      "? nested/",
      "! build/",
    ];
    expect(parseWorktreeChanges(records.map((record) => `${record}\0`).join(""))).toEqual({
      head: null,
      branch: "feat/with space",
      paths: ["a b\nc", "added", "sub", "both", "untracked"],
      staged: true,
      conflicts: ["both"],
      submodules: ["sub"],
      nested: ["nested/"],
      ignored: ["build/"],
    });
  });
});
