import { expect, test } from "vitest";
import { parseBranchName } from "../../src/domain/names.ts";
import { readChanges, runPorcelain } from "../../src/git/porcelain.ts";
import { fetchInto } from "../../src/git/remotes.ts";
import { createGit } from "../../src/git/run-git.ts";
import { createGround } from "../support/repository.ts";

test("a worktree's state is read whatever its files are called", async () => {
  const { clone, env } = createGround();
  clone.commit("files", { "old name.txt": "a\nb\nc\nd\n", "changed.txt": "1" });
  clone.git("mv", "old name.txt", 'new "name".txt');
  clone.write("changed.txt", "2");
  clone.write("new\nline.txt", "x");
  clone.write("a directory/one", "1");
  clone.write("a directory/two", "2");
  const { changed, untracked } = await readChanges(createGit(clone.path, { env }));
  expect([...changed].sort()).toEqual(["changed.txt", 'new "name".txt']);
  expect([...untracked].sort()).toEqual(["a directory/", "new\nline.txt"]);
});

test("a clean worktree has no changes, and looking at it takes no lock", async () => {
  const { clone, env } = createGround();
  clone.write(".git/index.lock", "");
  expect(await readChanges(createGit(clone.path, { env }))).toEqual({ changed: [], untracked: [] });
});

test("outside of a worktree it is git's own word", async () => {
  const { origin, env } = createGround();
  await expect(readChanges(createGit(origin.path, { env }))).rejects.toMatchObject({
    code: "GIT_FAILED",
    data: { command: "status" },
  });
});

test("a fetch tells how far it is, then takes its line back", async () => {
  const { clone, env, origin } = createGround();
  const other = clone.addWorktree("other", "feat/other");
  other.commit("work", { "a.txt": "a" });
  other.git("push", "-q", "origin", "feat/other");
  clone.git("update-ref", "-d", "refs/remotes/origin/feat/other");
  const lines: string[] = [];
  const ref = "refs/remotes/origin/feat/other";
  await fetchInto(createGit(clone.path, { env }), "origin", parseBranchName("feat/other"), ref, (line) =>
    lines.push(line),
  );
  expect(clone.git("rev-parse", "refs/remotes/origin/feat/other")).toBe(origin.git("rev-parse", "feat/other"));
  expect(lines.at(-1)).toBe("");
});

test("git's no is an answer where it is allowed, and a failure with git's last word elsewhere", async () => {
  const { clone, env } = createGround();
  const git = createGit(clone.path, { env });
  const push = ["push", "origin", "refs/heads/none:refs/heads/none"];
  expect(await runPorcelain(git, push, { allow: [1] })).toMatchObject({ exitCode: 1 });
  await expect(runPorcelain(git, push)).rejects.toMatchObject({
    code: "GIT_FAILED",
    data: { command: "push", exitCode: 1, reason: expect.stringContaining("failed to push") },
  });
});

test("what is called off is ended", async () => {
  const { clone, env } = createGround();
  const controller = new AbortController();
  const git = createGit(clone.path, { env, signal: controller.signal });
  controller.abort();
  await expect(runPorcelain(git, ["fetch", "origin"])).rejects.toMatchObject({ code: "INTERRUPTED" });
});
