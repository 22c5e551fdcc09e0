import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { availableGits } from "../support/gits.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

describe.each(availableGits())("on git $version", ({ bin }) => {
  /** A clone with the guard armed, and a linked worktree on `feat/w`, one commit apart from `main`. */
  function arm(): { clone: TestRepository; work: TestRepository } {
    const { clone } = createGround(bin === undefined ? {} : { git: bin });
    clone.bulkhead(["init"]);
    const work = clone.addWorktree("work", "feat/w");
    work.commit("one");
    work.commit("two");
    clone.commit("on main");
    return { clone, work };
  }

  test.each([
    ["rebase", "--apply", "main"],
    ["-c", "rebase.backend=apply", "rebase", "--whitespace=fix", "main"],
  ])("the apply backend rebases the expected branch: %s %s %s", (...args) => {
    const { clone, work } = arm();
    const { exitCode, stderr } = work.tryGit(args);
    expect({ exitCode, refused: stderr.includes("bulkhead:") }).toEqual({ exitCode: 0, refused: false });
    expect(work.branch()).toBe("feat/w");
    expect(work.git("merge-base", "main", "feat/w")).toBe(clone.head());
  });

  test("the apply backend still refuses another branch", () => {
    const { work } = arm();
    work.git("switch", "-q", "-c", "other");
    const before = work.refs();
    expect(work.tryGit(["rebase", "--apply", "main"]).exitCode).not.toBe(0);
    expect(work.refs()).toBe(before);
  });

  test("a renamed expected branch is followed, there and back", () => {
    const { work } = arm();
    work.git("branch", "-m", "feat/renamed");
    expect(work.tryGit(["commit", "-q", "--allow-empty", "-m", "x"]).exitCode).toBe(0);
    work.git("branch", "-m", "feat/w");
    expect(work.tryGit(["commit", "-q", "--allow-empty", "-m", "x"]).exitCode).toBe(0);
  });

  test("a worktree made detached belongs to the first branch it is switched to", () => {
    const { clone } = arm();
    const path = join(clone.path, "..", "detached");
    clone.git("worktree", "add", "-q", "--detach", path);
    const work = clone.at(path);
    work.git("switch", "-q", "-c", "feat/first");
    expect(JSON.parse(work.read(".session.json"))).toMatchObject({ expectedBranch: "feat/first" });
    work.commit("allowed");
  });

  test("where Bulkhead is not installed, a refusal names a command that works there", () => {
    const { work } = arm();
    work.write(".session.json", '{"expectedBranch": ');
    const { stderr } = work.tryGit(["commit", "--allow-empty", "-m", "x"]);
    const [, command = ""] = /with: git (.*)$/m.exec(stderr) ?? [];
    expect(command).toBe("bulkhead expect feat/w");
    work.git(...command.split(" "));
    expect(work.tryGit(["commit", "-q", "--allow-empty", "-m", "x"]).exitCode).toBe(0);
  });

  test("SKIP_BRANCH_GUARD=false does not skip", () => {
    const { work } = arm();
    work.git("switch", "-q", "-c", "astray");
    const options = { env: { SKIP_BRANCH_GUARD: "false" } };
    expect(work.tryGit(["commit", "--allow-empty", "-m", "x"], options).exitCode).toBe(1);
  });
});
