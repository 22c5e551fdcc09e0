import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CommitSha } from "../../src/domain/names.ts";
import { countCommits } from "../../src/git/commit-counts.ts";
import { parseIndex, readIndexFile } from "../../src/git/index-file.ts";
import { createGit } from "../../src/git/run-git.ts";
import { createGround } from "../support/repository.ts";

test("an index is read as git reads it, and what only git can tell is left to git", () => {
  const { clone } = createGround();
  clone.commit("files", {
    "a.txt": "1",
    "d/ümläut.txt": "22",
    "d/long/er/name.txt": "333",
    [`${"x".repeat(200)}`]: "4",
  });
  const gitDir = join(clone.path, ".git");
  const size = 6 + 1 + 2 + 3 + 1;
  expect(readIndexFile(gitDir)).toEqual({ unwatched: [], bytes: size });
  clone.git("update-index", "--assume-unchanged", "d/ümläut.txt");
  clone.write("new.txt", "12345");
  clone.git("add", "-N", "new.txt");
  clone.git("update-index", "--skip-worktree", "a.txt");
  expect(readIndexFile(gitDir)?.unwatched).toEqual(["a.txt", "d/ümläut.txt"]);
  const whole = readFileSync(join(gitDir, "index"));
  for (const length of [0, 8, 40, 100, whole.length - 21]) expect(parseIndex(whole.subarray(0, length))).toBeNull();
  clone.git("update-index", "--index-version", "4");
  expect(readIndexFile(gitDir)).toBeNull();
  clone.git("update-index", "--index-version", "3");
  expect(readIndexFile(gitDir)?.unwatched).toEqual(["a.txt", "d/ümläut.txt"]);
  clone.git("update-index", "--split-index");
  expect(readIndexFile(gitDir)).toBeNull();
});

test("commits are counted for many heads as git counts them for each", async () => {
  const { clone } = createGround();
  const git = createGit(clone.path, { env: clone.env });
  const on = (branch: string, start: string, ...commits: string[]) => {
    clone.git("switch", "-q", "-c", branch, start);
    for (const message of commits) clone.commit(`${branch} ${message}`);
  };
  on("one", "main", "a", "b");
  on("two", "one", "c");
  clone.git("push", "-q", "origin", "one");
  clone.git("switch", "-q", "main");
  clone.commit("base goes on");
  clone.git("merge", "-q", "--no-ff", "-m", "merged", "one");
  clone.commit("and on");
  on("three", "two", "d");
  clone.git("merge", "-q", "-m", "took the base", "main~1");
  on("four", "main");
  clone.git("switch", "-q", "--orphan", "apart");
  const related = ["one", "two", "three", "four", "main"];
  const apart = clone.commit("apart");
  const base = clone.git("rev-parse", "main") as CommitSha;
  const count = (...range: string[]) => Number(clone.git("rev-list", "--count", ...range));
  for (const names of [related, [...related, "apart"]]) {
    const heads = names.map((name) => clone.git("rev-parse", name) as CommitSha);
    const counts = await countCommits(git, heads, base);
    for (const head of heads) {
      expect(counts.get(head)).toEqual({
        ahead: count(head, "--not", base),
        behind: count(base, "--not", head),
        unpushed: count(head, "--not", "--remotes", base),
      });
    }
  }
  expect((await countCommits(git, [apart as CommitSha], null)).get(apart)).toEqual({
    ahead: null,
    behind: null,
    unpushed: 1,
  });
});
