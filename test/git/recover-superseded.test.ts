import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commitIn, having, scanJson, verdicts } from "../support/recover.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

const clone = (): TestRepository => createGround().clone;

/** An interactive rebase that turns the todo list into what the sed script says. */
function rebaseInteractively(repository: TestRepository, script: string, ...args: string[]): void {
  const editor = join(repository.path, "..", "todo-editor.sh");
  writeFileSync(editor, `#!/bin/sh\nsed -i.bak '${script}' "$1"\n`, { mode: 0o755 });
  repository.run("git", ["rebase", "-q", "-i", ...args], { env: { GIT_SEQUENCE_EDITOR: `sh "${editor}"` } });
}

describe("amend", () => {
  test("of the message alone", () => {
    const repository = clone();
    const old = repository.commit("tpyo");
    repository.git("commit", "-q", "--amend", "-m", "typo");
    expect(commitIn(scanJson(repository), old)).toMatchObject({
      verdict: "superseded",
      replaced_by: repository.head(),
      not_returned: [],
    });
    expect(repository.bulkhead(["recover"]).stdout).toBe("✅ No orphaned commits found in last 24 hours\n");
  });

  test("of the content names what did not come back", () => {
    const repository = clone();
    const old = repository.commit("work", { "a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n" });
    repository.git("rm", "-q", "-f", "b.txt");
    repository.write("c.txt", "edited\n");
    repository.git("commit", "-q", "-a", "--amend", "-m", "other words");
    expect(commitIn(scanJson(repository), old)).toMatchObject({
      verdict: "superseded",
      replaced_by: repository.head(),
      not_returned: ["b.txt", "c.txt"],
    });
  });

  test("with a new author and date", () => {
    const repository = clone();
    const old = repository.commit("work", { "a.txt": "a\n" });
    repository.write("a.txt", "b\n");
    repository.run("git", ["commit", "-q", "-a", "--amend", "--no-edit", "--reset-author"], {
      env: { GIT_AUTHOR_NAME: "Other", GIT_AUTHOR_DATE: "1700000000 +0000" },
    });
    expect(commitIn(scanJson(repository), old).replaced_by).toBe(repository.head());
  });

  test("of an amend names the commit that stands today", () => {
    const repository = clone();
    const olds = ["1\n", "2\n", "3\n"].map((text, i) => {
      repository.write("a.txt", text);
      repository.git("add", "-A");
      repository.git("commit", "-q", ...(i === 0 ? [] : ["--amend"]), "-m", `take ${i}`);
      return repository.head();
    });
    repository.write("a.txt", "4\n");
    repository.git("commit", "-q", "-a", "--amend", "-m", "take 4");
    const scan = scanJson(repository);
    for (const old of olds) {
      expect(commitIn(scan, old)).toMatchObject({ verdict: "superseded", replaced_by: repository.head() });
    }
  });

  test("that is lost itself: the amended commit is the lost one", () => {
    const repository = clone();
    const old = repository.commit("work", { "a.txt": "a\n" });
    repository.write("a.txt", "b\n");
    repository.git("commit", "-q", "-a", "--amend", "-m", "work");
    const amended = repository.head();
    repository.git("reset", "-q", "--hard", "HEAD~1");
    expect(verdicts(scanJson(repository))).toEqual({ [old]: "superseded", [amended]: "lost" });
  });

  test("made while the clock stood in 2001", () => {
    const repository = clone();
    const old = repository.commit("work", { "a.txt": "a\n" });
    repository.write("a.txt", "b\n");
    repository.run("git", ["commit", "-q", "-a", "--amend", "--no-edit"], {
      env: { GIT_COMMITTER_DATE: "1000000000 +0000" },
    });
    expect(verdicts(scanJson(repository, "--all"))).toEqual({ [old]: "superseded" });
  });
});

describe("rebase", () => {
  test("onto a base that moved", () => {
    const repository = clone();
    repository.git("switch", "-q", "-c", "feat/x");
    const olds = ["one", "two", "three"].map((name) => repository.commit(name));
    repository.git("switch", "-q", "main");
    repository.commit("base");
    repository.git("switch", "-q", "feat/x");
    repository.git("rebase", "-q", "main");
    const scan = scanJson(repository);
    expect(having(scan, "superseded").sort()).toEqual([...olds].sort());
    expect(commitIn(scan, olds[2] ?? "").replaced_by).toBe(repository.head());
    expect(scan.stacks).toEqual([]);
  });

  test("with a conflict resolved by hand", () => {
    const repository = clone();
    repository.git("switch", "-q", "-c", "feat/x");
    const old = repository.commit("work", { "f.txt": "theirs\n", "other.txt": "same\n" });
    repository.git("switch", "-q", "main");
    repository.commit("ours", { "f.txt": "ours\n" });
    repository.git("switch", "-q", "feat/x");
    expect(repository.tryGit(["rebase", "main"]).exitCode).not.toBe(0);
    repository.write("f.txt", "both\n");
    repository.git("add", "-A");
    repository.git("-c", "core.editor=true", "rebase", "--continue");
    expect(commitIn(scanJson(repository), old)).toMatchObject({
      verdict: "superseded",
      replaced_by: repository.head(),
      not_returned: ["f.txt"],
    });
  });

  test("interactive, squashing the second commit into the first below a third", () => {
    const repository = clone();
    const [one, two, three] = [
      repository.commit("one", { "a.txt": "1\n" }),
      repository.commit("two", { "a.txt": "1\n2\n" }),
      repository.commit("three", { "b.txt": "3\n" }),
    ];
    rebaseInteractively(repository, "2s/^pick/squash/", "HEAD~3");
    const squashed = repository.git("rev-parse", "HEAD~1");
    const scan = scanJson(repository);
    expect(having(scan, "lost")).toEqual([]);
    expect(commitIn(scan, one ?? "").replaced_by).toBe(squashed);
    expect(commitIn(scan, two ?? "").replaced_by).toBe(squashed);
    expect(commitIn(scan, three ?? "").replaced_by).toBe(repository.head());
  });

  test("interactive, squashing on a base that touched the same file", () => {
    const repository = clone();
    const lines = (...edits: Record<number, string>[]) =>
      Array.from({ length: 30 }, (_, i) => `${edits.map((edit) => edit[i]).find(Boolean) ?? i}\n`).join("");
    repository.commit("long file", { "a.txt": lines() });
    repository.git("switch", "-q", "-c", "feat/x");
    const one = repository.commit("one", { "a.txt": lines({ 20: "one" }) });
    const two = repository.commit("two", { "a.txt": lines({ 20: "two" }) });
    repository.git("switch", "-q", "main");
    repository.commit("base", { "a.txt": lines({ 2: "base" }) });
    repository.git("switch", "-q", "feat/x");
    rebaseInteractively(repository, "2s/^pick/fixup/", "main");
    const scan = scanJson(repository);
    expect(having(scan, "lost")).toEqual([]);
    expect(commitIn(scan, two).replaced_by).toBe(repository.head());
    expect(commitIn(scan, one).replaced_by).toBe(repository.head());
  });

  test("that drops a commit loses that one only", () => {
    const repository = clone();
    const dropped = repository.commit("dropped", { "a.txt": "a\n" });
    const kept = repository.commit("kept", { "b.txt": "b\n" });
    rebaseInteractively(repository, "1s/^pick/drop/", "HEAD~2");
    expect(verdicts(scanJson(repository))).toEqual({ [dropped]: "lost", [kept]: "superseded" });
  });
});

describe("taken over elsewhere", () => {
  test("by cherry-pick, then the branch deleted", () => {
    const repository = clone();
    repository.git("switch", "-q", "-c", "feat/x");
    const picked = repository.commit("picked");
    const left = repository.commit("left behind");
    repository.git("switch", "-q", "main");
    repository.commit("base");
    repository.git("cherry-pick", picked);
    repository.git("branch", "-q", "-D", "feat/x");
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual({ [picked]: "superseded", [left]: "lost" });
    expect(commitIn(scan, picked).replaced_by).toBe(repository.head());
  });

  test("by a squash merge on a base that moved on, then the branch deleted", () => {
    const repository = clone();
    const text = (top: string, bottom: string) => `${top}\n${"same\n".repeat(20)}${bottom}\n`;
    repository.commit("long file", { "f.txt": text("top", "bottom") });
    repository.git("switch", "-q", "-c", "feat/x");
    const olds = [
      repository.commit("one", { "f.txt": text("top", "draft") }),
      repository.commit("two", { "f.txt": text("top", "final"), "g.txt": "g\n" }),
    ];
    repository.git("switch", "-q", "main");
    repository.commit("base", { "f.txt": text("other", "bottom") });
    repository.git("merge", "-q", "--squash", "feat/x");
    repository.git("commit", "-q", "-m", "squashed");
    repository.git("branch", "-q", "-D", "feat/x");
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual(Object.fromEntries(olds.map((sha) => [sha, "superseded"])));
    for (const sha of olds) expect(commitIn(scan, sha).replaced_by).toBe(repository.head());
  });

  test("a commit added to the branch after the squash merge is lost with it", () => {
    const repository = clone();
    repository.git("switch", "-q", "-c", "feat/x");
    const olds = [repository.commit("one", { "f.txt": "draft\n" }), repository.commit("two", { "f.txt": "final\n" })];
    repository.git("switch", "-q", "main");
    repository.git("merge", "-q", "--squash", "feat/x");
    repository.git("commit", "-q", "-m", "squashed");
    repository.git("switch", "-q", "feat/x");
    const late = repository.commit("late", { "f.txt": "later\n" });
    repository.git("switch", "-q", "main");
    repository.git("branch", "-q", "-D", "feat/x");
    const scan = scanJson(repository);
    expect(having(scan, "lost")).toEqual([late]);
    expect(having(scan, "superseded").sort()).toEqual([...olds].sort());
  });
});

describe("stashes", () => {
  test("a dropped stash stands apart from lost commits, without its index commit", () => {
    const repository = clone();
    repository.write("README.md", "changed\n");
    repository.git("stash", "-q");
    const stash = repository.git("rev-parse", "refs/stash");
    repository.git("stash", "drop", "-q");
    expect(verdicts(scanJson(repository))).toEqual({ [stash]: "stash" });
    const { stdout, exitCode } = repository.bulkhead(["recover", "--exit-code"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^✅ No orphaned commits found in last 24 hours\n\nDropped stashes: 1\n/);
    expect(stdout).toContain(stash.slice(0, 7));
  });

  test("a stash below the top, dropped, while the top stays", () => {
    const repository = clone();
    repository.write("README.md", "one\n");
    repository.git("stash", "-q");
    const below = repository.git("rev-parse", "refs/stash");
    repository.write("README.md", "two\n");
    repository.git("stash", "-q");
    repository.git("stash", "drop", "-q", "stash@{1}");
    expect(verdicts(scanJson(repository))).toEqual({ [below]: "stash" });
  });

  test("a popped stash whose content was committed is superseded", () => {
    const repository = clone();
    repository.write("README.md", "changed\n");
    repository.git("stash", "-q");
    const stash = repository.git("rev-parse", "refs/stash");
    repository.git("stash", "pop", "-q");
    const commit = repository.commit("popped", {});
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual({ [stash]: "superseded" });
    expect(commitIn(scan, stash).replaced_by).toBe(commit);
  });

  test("a dropped stash with untracked files is never called superseded", () => {
    const repository = clone();
    repository.write("README.md", "changed\n");
    repository.write("new.txt", "new\n");
    repository.git("stash", "-q", "-u");
    const stash = repository.git("rev-parse", "refs/stash");
    repository.git("stash", "drop", "-q");
    repository.commit("same change, not the new file", { "README.md": "changed\n" });
    expect(verdicts(scanJson(repository))).toEqual({ [stash]: "stash" });
  });
});
