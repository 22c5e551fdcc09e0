import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { availableGits } from "../support/gits.ts";
import {
  arm,
  expectCommit,
  expectNoCommit,
  expectRefused,
  guardedGround,
  switchAway,
} from "../support/guarded-ground.ts";
import type { TestRepository } from "../support/repository.ts";

const expected = (work: TestRepository) => JSON.parse(work.read(".session.json")).expectedBranch;
interface Status {
  readonly expected_branch: string | null;
  readonly agrees: boolean;
}
const asked = (work: TestRepository) => work.bulkheadJson<Status>(["expect"]).json;

describe.each(availableGits())("on git $version", (git) => {
  test.each([
    ["git clean -fdx", (work: TestRepository) => work.git("clean", "-fdxq")],
    ["git stash -a", (work: TestRepository) => work.git("stash", "push", "-aq")],
  ])("%s took the session file: its copy counts", (_, take) => {
    const { work } = guardedGround(git);
    work.write("untracked.txt", "x");
    take(work);
    expect(existsSync(join(work.path, ".session.json"))).toBe(false);
    expect(asked(work)).toMatchObject({ expected_branch: "feat/x", agrees: true });
    switchAway(work);
    expectNoCommit(work);
    expect(work.bulkheadJson(["guard", "--check"]).json).toMatchObject({ code: "BRANCH_MISMATCH" });
    work.git("switch", "-q", "feat/x");
    expectCommit(work);
  });

  test("the copy counts in the main checkout too", () => {
    const { clone } = guardedGround(git);
    expect(clone.bulkhead(["expect", "main"]).exitCode).toBe(0);
    clone.git("clean", "-fdxq");
    clone.git("switch", "-q", "-c", "astray");
    expectNoCommit(clone);
    clone.git("switch", "-q", "main");
    expectCommit(clone);
  });

  test("neither file nor copy, where somebody has worked: refused, and the hint works", () => {
    const { work } = guardedGround(git);
    expectCommit(work);
    rmSync(join(work.path, ".session.json"));
    rmSync(join(work.git("rev-parse", "--absolute-git-dir"), "bulkhead-worktree"), { recursive: true });
    expect(expectNoCommit(work)).toContain("worktree --adopt");
    expect(work.bulkhead(["worktree", "--adopt"]).exitCode).toBe(0);
    expectCommit(work);
  });

  test.each([
    ["in the worktree", (work: TestRepository) => work.git("branch", "-m", "feat/y")],
    ["in the worktree, by both names", (work: TestRepository) => work.git("branch", "-M", "feat/x", "feat/y")],
    ["twice", (work: TestRepository) => [work.git("branch", "-m", "feat/z"), work.git("branch", "-m", "feat/y")]],
    [
      "from the main checkout",
      (_: TestRepository, clone: TestRepository) => clone.git("branch", "-m", "feat/x", "feat/y"),
    ],
  ])("a branch renamed %s is followed", (_, rename) => {
    const { work, clone } = guardedGround(git);
    rename(work, clone);
    expect(asked(work)).toMatchObject({ expected_branch: "feat/y", agrees: true });
    expectCommit(work);
    expect(expected(work)).toBe("feat/y");
    switchAway(work);
    expectNoCommit(work);
  });

  test("another session's branch is not deleted for having been renamed once", () => {
    const { clone } = guardedGround(git);
    clone.git("branch", "-m", "feat/x", "feat/y");
    expect(clone.tryGit(["branch", "-D", "feat/y"]).exitCode).not.toBe(0);
    const other = clone.addWorktree("other", "feat/o");
    other.git("switch", "-q", "--detach");
    expectRefused(clone, ["branch", "-D", "feat/o"]);
  });

  test("a worktree made with --no-checkout is adopted at its first commit on a branch", () => {
    const { clone } = guardedGround(git);
    for (const extra of [[], ["--no-verify"]]) {
      const name = `bare${extra.length}`;
      clone.git("worktree", "add", "-q", "--no-checkout", "-b", name, join(clone.path, "..", name));
      const made = clone.at(join(clone.path, "..", name));
      made.git("commit", "-q", "--allow-empty", "-m", "first", ...extra);
      expect(expected(made)).toBe(name);
      switchAway(made, `${name}-astray`);
      expectNoCommit(made);
    }
  });

  test("a detached worktree is told to make a branch, which works", () => {
    const { clone } = guardedGround(git);
    for (const [index, extra] of [[], ["--no-checkout"]].entries()) {
      const path = join(clone.path, "..", `detached${index}`);
      clone.git("worktree", "add", "-q", "--detach", ...extra, path);
      const made = clone.at(path);
      expect(expectNoCommit(made)).toContain("git switch -c <branch>");
      expect(made.bulkhead(["worktree", "--adopt"]).stderr).toContain("git switch -c <branch>");
      made.git("reset", "-q", "--hard");
      made.git("switch", "-q", "-c", `new${index}`);
      expectCommit(made);
    }
  });
});

describe.each(availableGits())("each way out that is named works when typed, on git $version", (git) => {
  /** The commands of a refusal, after the word that leads to each. */
  function commandsOf(said: string): string[] {
    return [...said.matchAll(/(?:: |with: )((?:git|npx|bulkhead|node) [^\n]*?)(?= - or|$)/gm)].map(
      ([, command = ""]) => command,
    );
  }
  const type = (work: TestRepository, command: string) => work.run("sh", ["-c", command], { check: false });

  test("gone astray: back, or expecting where one is", () => {
    for (const index of [0, 1]) {
      const { work } = guardedGround(git);
      switchAway(work);
      const commands = commandsOf(expectNoCommit(work));
      expect(commands).toEqual(["git switch feat/x", expect.stringMatching(/expect astray$/)]);
      expect(type(work, commands[index] ?? "")).toMatchObject({ exitCode: 0 });
      expectCommit(work);
    }
  });

  test("detached, also where the expected branch is gone", () => {
    for (const gone of [false, true]) {
      const { work } = guardedGround(git);
      work.git("switch", "-q", "--detach");
      if (gone) work.git("-c", "core.hooksPath=/dev/null", "branch", "-D", "feat/x");
      const [command = ""] = commandsOf(expectNoCommit(work));
      expect(type(work, command)).toMatchObject({ exitCode: 0 });
      expectCommit(work);
    }
  });

  test("a broken session file, a bisect, a protected branch", () => {
    const broken = guardedGround(git).work;
    broken.write(".session.json", "{");
    expect(type(broken, commandsOf(expectNoCommit(broken))[0] ?? "")).toMatchObject({ exitCode: 0 });
    expectCommit(broken);
    const bisect = guardedGround(git).work;
    for (const n of [1, 2, 3]) bisect.commit(`${n}`);
    bisect.git("bisect", "start", "HEAD", "HEAD~3");
    expect(type(bisect, commandsOf(expectNoCommit(bisect))[0] ?? "")).toMatchObject({ exitCode: 0 });
    expectCommit(bisect);
    const { clone } = guardedGround(git, "--protect", "main");
    const [command = ""] = commandsOf(expectNoCommit(clone));
    expect(type(clone, command.replace("<branch>", "mine"))).toMatchObject({ exitCode: 0 });
    expectCommit(clone);
  });

  test.each([
    ["merge", ["merge", "-q", "--no-edit", "main"]],
    ["cherry-pick", ["cherry-pick", "main"]],
    ["revert", ["revert", "--no-edit", "HEAD"]],
    ["reset", ["reset", "-q", "--hard", "HEAD~1"]],
  ])("%s: everything is put back", (_, args) => {
    const { work, clone } = guardedGround(git);
    clone.commit("theirs", { "b.txt": "1\n" });
    work.commit("base", { "a.txt": "1\n" });
    work.commit("second", { "a.txt": "2\n" });
    work.git("switch", "-q", "-c", "astray");
    work.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "x");
    const before = work.snapshot();
    const { exitCode, stderr } = work.tryGit(args);
    expect(exitCode).not.toBe(0);
    const back = /Put everything back with: (.*)/.exec(stderr)?.[1];
    if (back !== undefined) expect(type(work, back)).toMatchObject({ exitCode: 0 });
    expect(work.snapshot()).toBe(before);
  });
});

test("arming again keeps what a copy says", () => {
  const [git] = availableGits();
  if (git === undefined) throw new Error("no git");
  const { work, clone } = guardedGround(git);
  work.git("clean", "-fdxq");
  work.git("switch", "-q", "-c", "astray");
  arm(clone);
  expectNoCommit(work);
});
