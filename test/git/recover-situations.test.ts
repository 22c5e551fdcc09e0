import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commitIn, having, scanJson, verdicts } from "../support/recover.ts";
import { createGround, TestRepository } from "../support/repository.ts";

const clone = (): TestRepository => createGround().clone;
const drop = (repository: TestRepository, count = 1) => repository.git("reset", "-q", "--hard", `HEAD~${count}`);
const lines = (count: number, edits: Record<number, string> = {}) =>
  Array.from({ length: count }, (_, i) => `${edits[i + 1] ?? `line ${i + 1}`}\n`).join("");

/** A colleague's clone of the same origin, whose identity never works in the first one. */
function colleague(ground: ReturnType<typeof createGround>, name = "Bob"): TestRepository {
  const path = join(ground.directory, name);
  ground.clone.git("clone", "-q", ground.origin.path, path);
  const other = new TestRepository(path, { ...ground.env });
  const email = `${name.toLowerCase()}@example.test`;
  for (const who of ["AUTHOR", "COMMITTER"]) {
    other.env[`GIT_${who}_NAME`] = name;
    other.env[`GIT_${who}_EMAIL`] = email;
  }
  return other;
}

describe("a stash with untracked files, dropped", () => {
  function droppedStash(): { repository: TestRepository; stash: string } {
    const repository = clone();
    repository.write("README.md", "changed\n");
    repository.write("new/file.txt", "one\ntwo\n");
    repository.git("stash", "-q", "-u");
    const stash = repository.git("rev-parse", "refs/stash");
    repository.git("stash", "drop", "-q");
    return { repository, stash };
  }

  test("counts them, and the printed advice brings all of it back", () => {
    const { repository, stash } = droppedStash();
    expect(commitIn(scanJson(repository), stash)).toMatchObject({ files: 2, insertions: 3, deletions: 1 });
    const { stdout } = repository.bulkhead(["recover"]);
    const command = /^ {2}(git stash apply [0-9a-f]+)$/m.exec(stdout)?.[1]?.split(" ") ?? [];
    repository.git(...command.slice(1));
    expect([repository.read("README.md"), repository.read("new/file.txt")]).toEqual(["changed\n", "one\ntwo\n"]);
  });

  test("--recover says how to apply it, too", () => {
    const { repository, stash } = droppedStash();
    const { stdout } = repository.bulkhead(["recover", "--recover", stash]);
    expect(stdout).toContain(`git stash apply ${stash.slice(0, 7)}`);
    expect(stdout).not.toContain("git merge");
  });

  test("is superseded once tracked and untracked files are committed, in one commit or in two", () => {
    const { repository, stash } = droppedStash();
    repository.git("stash", "apply", "-q", stash);
    repository.git("add", "README.md");
    repository.git("commit", "-q", "-m", "tracked");
    expect(commitIn(scanJson(repository), stash).verdict).toBe("stash");
    repository.commit("untracked", {});
    expect(commitIn(scanJson(repository), stash).verdict).toBe("superseded");
  });
});

describe("what never came back", () => {
  test("a file that an amend drops is shown and counts", () => {
    const repository = clone();
    const old = repository.commit("work", { "a.txt": "a\n", "b.txt": "precious\n" });
    repository.git("rm", "-q", "-f", "b.txt");
    repository.git("commit", "-q", "--amend", "-m", "work");
    expect(commitIn(scanJson(repository), old)).toMatchObject({
      verdict: "superseded",
      missing: [{ path: "b.txt", hunk: null, alarm: true }],
    });
    const { stdout, exitCode } = repository.bulkhead(["recover", "--exit-code"]);
    expect(exitCode).toBe(1);
    expect(stdout).not.toContain("✅");
    const command = /git show .* \| git apply --3way/.exec(stdout)?.[0] ?? "";
    repository.run("sh", ["-c", command]);
    expect(repository.read("b.txt")).toBe("precious\n");
  });

  test("a hunk that a rebase conflict drops is named and counts", () => {
    const repository = clone();
    repository.commit("long", { "f.txt": lines(40) });
    repository.git("switch", "-q", "-c", "feat/x");
    const old = repository.commit("work", { "f.txt": lines(40, { 5: "mine at five", 30: "mine at thirty" }) });
    repository.git("switch", "-q", "main");
    repository.commit("theirs", { "f.txt": lines(40, { 30: "theirs at thirty" }) });
    repository.git("switch", "-q", "feat/x");
    expect(repository.tryGit(["rebase", "main"]).exitCode).not.toBe(0);
    repository.write("f.txt", lines(40, { 5: "mine at five", 30: "theirs at thirty" }));
    repository.git("add", "-A");
    repository.git("-c", "core.editor=true", "rebase", "--continue");
    expect(commitIn(scanJson(repository), old)).toMatchObject({
      verdict: "superseded",
      missing: [{ path: "f.txt", hunk: { text: "mine at thirty" }, alarm: true }],
    });
    const { stdout, exitCode } = repository.bulkhead(["recover", "--exit-code"]);
    expect([exitCode, stdout.includes("✅")]).toEqual([1, false]);
    expect(stdout).toContain("mine at thirty");
  });

  test("an ordinary edited amend is no alarm", () => {
    const repository = clone();
    repository.commit("long", { "f.txt": lines(20) });
    const old = repository.commit("work", { "f.txt": lines(20, { 10: "draft" }), "new.txt": "one\n" });
    repository.write("f.txt", lines(20, { 10: "final" }));
    repository.write("new.txt", "uno\n");
    repository.git("commit", "-q", "-a", "--amend", "-m", "work");
    expect(commitIn(scanJson(repository), old)).toMatchObject({ missing: [], not_returned: ["f.txt", "new.txt"] });
    const { stdout, exitCode } = repository.bulkhead(["recover", "--exit-code"]);
    expect([exitCode, stdout]).toEqual([0, "✅ No orphaned commits found in last 24 hours\n"]);
  });

  test("what an amend moved into a commit on top, or under another name, did come back", () => {
    const repository = clone();
    repository.commit("long", { "f.txt": lines(20) });
    const old = repository.commit("work", {
      "f.txt": lines(20, { 3: "three", 15: "fifteen" }),
      "b.txt": "b\n",
      "old-name.txt": "same\n",
    });
    repository.git("rm", "-q", "--cached", "b.txt");
    repository.git("mv", "old-name.txt", "new-name.txt");
    repository.write("f.txt", lines(20, { 3: "three" }));
    repository.git("add", "f.txt");
    repository.git("commit", "-q", "--amend", "-m", "first half");
    repository.write("f.txt", lines(20, { 3: "three", 15: "fifteen" }));
    repository.commit("second half", {});
    expect(commitIn(scanJson(repository), old)).toMatchObject({ verdict: "superseded", missing: [] });
    expect(repository.bulkhead(["recover", "--exit-code"]).exitCode).toBe(0);
  });
});

describe("what a remote let go of", () => {
  function rewrittenUpstream() {
    const ground = createGround();
    const bob = colleague(ground);
    bob.env.GIT_AUTHOR_DATE = "1700000000 +0000";
    bob.git("switch", "-q", "-c", "next");
    const strangers = ["a", "b", "c"].map((name) => bob.commit(`stranger ${name}`));
    bob.git("push", "-q", "-u", "origin", "next");
    return { ...ground, bob, strangers };
  }

  test("by a forced update stands apart, in one line; one's own comes first", () => {
    const { clone: repository, bob, strangers } = rewrittenUpstream();
    repository.git("fetch", "-q");
    drop(bob, 3);
    bob.commit("rewritten");
    bob.git("push", "-q", "--force");
    const own = repository.commit("own");
    drop(repository);
    repository.git("fetch", "-q");
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual({ [own]: "lost" });
    expect(scan.upstream).toEqual([{ ref: "refs/remotes/origin/next", commits: 3, authors: 1 }]);
    const { stdout } = repository.bulkhead(["recover"]);
    expect(stdout).toContain("origin/next: 3 commits by 1 author");
    expect(having(scanJson(repository, "--upstream"), "upstream").sort()).toEqual([...strangers].sort());
  });

  test("by a branch that was pruned is no alarm", () => {
    const { clone: repository, bob } = rewrittenUpstream();
    repository.git("fetch", "-q");
    bob.git("push", "-q", "origin", ":next");
    repository.git("fetch", "-q", "--prune");
    const { stdout, exitCode } = repository.bulkhead(["recover", "--exit-code"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("✅ No orphaned commits found in last 24 hours\n");
    expect(stdout).toContain("3 commits by 1 author");
  });

  test("but what a push from here overwrote is lost here", () => {
    const { clone: repository, strangers } = rewrittenUpstream();
    repository.git("fetch", "-q");
    repository.git("push", "-q", "--force", "origin", "main:next");
    expect(having(scanJson(repository), "lost").sort()).toEqual([...strangers].sort());
  });

  test("one's own commits that were pushed and then rewritten by others are lost", () => {
    const { clone: repository, bob } = rewrittenUpstream();
    repository.git("fetch", "-q");
    repository.git("switch", "-q", "next");
    const own = repository.commit("own on theirs");
    repository.git("push", "-q");
    bob.git("reset", "-q", "--hard", "HEAD~3");
    bob.commit("rewritten");
    bob.git("push", "-q", "--force");
    repository.git("fetch", "-q");
    repository.git("reset", "-q", "--hard", "origin/next");
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual({ [own]: "lost" });
    expect(scan.upstream).toMatchObject([{ commits: 3 }]);
  });
});

test("two agents commit in the same second under one subject with one shared path: the deleted one is lost", () => {
  const repository = clone();
  const env = { GIT_AUTHOR_DATE: "1700000000 +0000", GIT_COMMITTER_DATE: `${Math.floor(Date.now() / 1000)} +0000` };
  const commit = (branch: string, files: Record<string, string>) => {
    repository.git("switch", "-q", "-c", branch, "main");
    for (const [file, content] of Object.entries(files)) repository.write(file, content);
    repository.git("add", "-A");
    repository.run("git", ["commit", "-q", "-m", "wip"], { env });
    return repository.head();
  };
  const lost = commit("one", { "shared.txt": "shared\n", "one.txt": "one\n" });
  commit("two", { "shared.txt": "shared\n", "two.txt": "two\n" });
  repository.git("branch", "-q", "-D", "one");
  // No log tells of either: their worktrees are gone.
  for (const log of ["HEAD", "refs/heads/two"]) repository.run("rm", ["-f", `.git/logs/${log}`]);
  expect(verdicts(scanJson(repository))).toEqual({ [lost]: "lost" });
});

describe("squash-merged", () => {
  test("after the branch had merged main", () => {
    const repository = clone();
    repository.commit("long", { "f.txt": lines(40) });
    repository.git("switch", "-q", "-c", "feat/x");
    repository.commit("one", { "f.txt": lines(40, { 10: "ten" }) });
    repository.git("switch", "-q", "main");
    repository.commit("main moves", { "f.txt": lines(40, { 12: "twelve" }) });
    repository.git("switch", "-q", "feat/x");
    repository.git("merge", "-q", "--no-edit", "main");
    repository.commit("two", { "g.txt": "g\n" });
    repository.git("switch", "-q", "main");
    repository.git("merge", "-q", "--squash", "feat/x");
    repository.git("commit", "-q", "-m", "squashed (#1)");
    repository.git("branch", "-q", "-D", "feat/x");
    const scan = scanJson(repository);
    expect(having(scan, "lost")).toEqual([]);
    expect(repository.bulkhead(["recover"]).stdout).toBe("✅ No orphaned commits found in last 24 hours\n");
  });

  test("onto a main that had moved near its lines, and moved on", () => {
    const repository = clone();
    repository.commit("long", { "f.txt": lines(40) });
    repository.git("switch", "-q", "-c", "feat/x");
    const one = repository.commit("one", { "f.txt": lines(40, { 10: "ten" }) });
    const two = repository.commit("two", { "f.txt": lines(40, { 10: "ten", 30: "thirty" }) });
    repository.git("switch", "-q", "main");
    repository.commit("near", { "f.txt": lines(40, { 8: "eight", 32: "thirty-two" }) });
    repository.git("merge", "-q", "--squash", "feat/x");
    repository.git("commit", "-q", "-m", "squashed");
    repository.commit("on", { "f.txt": lines(40, { 8: "8", 10: "ten", 30: "thirty", 32: "32" }) });
    repository.git("branch", "-q", "-D", "feat/x");
    expect(verdicts(scanJson(repository))).toEqual({ [one]: "superseded", [two]: "superseded" });
  });

  test("and reverted since: then the branch is lost again only if no commit ever had it", () => {
    const repository = clone();
    repository.git("switch", "-q", "-c", "feat/x");
    const kept = repository.commit("kept", { "f.txt": "f\n" });
    const lost = repository.commit("lost", { "g.txt": "g\n" });
    repository.git("switch", "-q", "main");
    repository.commit("kept elsewhere", { "f.txt": "f\n" });
    repository.git("branch", "-q", "-D", "feat/x");
    expect(verdicts(scanJson(repository))).toEqual({ [kept]: "superseded", [lost]: "lost" });
  });
});

describe("refs of other tools", () => {
  const keepers = ["refs/jj/keep/1", "refs/branchless/1", "refs/keep-around/1", "refs/gitbutler/1", "refs/some-tool/1"];

  test.each(keepers)("%s holds nothing that was reset away", (ref) => {
    const repository = clone();
    const one = repository.commit("one");
    const two = repository.commit("two");
    repository.git("update-ref", ref, two);
    drop(repository, 2);
    expect(having(scanJson(repository), "lost").sort()).toEqual([one, two].sort());
    expect(repository.bulkhead(["recover", "--recover", two]).exitCode).toBe(0);
    expect(having(scanJson(repository), "lost")).toEqual([]);
  });

  test.each(["refs/original/refs/heads/main", "refs/prefetch/remotes/origin/x", "refs/bisect/good-1"])(
    "%s holds",
    (ref) => {
      const repository = clone();
      const sha = repository.commit("held");
      repository.git("update-ref", ref, sha);
      drop(repository);
      expect(scanJson(repository).commits).toEqual([]);
      expect(repository.bulkhead(["recover", "--recover", sha]).exitCode).toBe(1);
    },
  );

  test("what a tool made for itself under an unknown name is not listed", () => {
    const repository = clone();
    const tree = repository.git("rev-parse", "HEAD^{tree}");
    const made = repository.git("commit-tree", tree, "-m", "database of a tool");
    repository.write("notes", "x");
    repository.git("update-ref", "refs/bugs/1", made);
    expect(scanJson(repository).commits).toEqual([]);
  });
});

describe("packed", () => {
  test.each([
    ["gc", "-q"],
    ["maintenance", "run", "--task=loose-objects", "--quiet"],
  ])("by git %s, then branch and worktree removed", (...command) => {
    const repository = clone();
    const worktree = repository.addWorktree("side", "feat/side");
    const sha = worktree.commit("work");
    repository.git(...command);
    repository.git("worktree", "remove", "--force", worktree.path);
    repository.git("branch", "-q", "-D", "feat/side");
    expect(verdicts(scanJson(repository))).toEqual({ [sha]: "lost" });
  });
});

test("file names that are no UTF-8: an amended commit is superseded", () => {
  const repository = clone();
  const blob = repository.run("git", ["hash-object", "-w", "--stdin"], { input: "x\n" }).stdout.trim();
  const names = ["caf\\351.txt", "caf\\352.txt"];
  repository.run("sh", ["-c", `printf '100644 ${blob}\\t%b\\n' '${names[0]}' | git update-index --index-info`]);
  repository.git("commit", "-q", "-m", "latin");
  const old = repository.head();
  repository.git("commit", "-q", "--amend", "-m", "latin again");
  repository.run("sh", ["-c", `printf '100644 ${blob}\\t%b\\n' '${names[1]}' | git update-index --index-info`]);
  repository.git("commit", "-q", "-m", "lost");
  const lost = repository.head();
  repository.git("reset", "-q", "HEAD~1");
  const scan = scanJson(repository);
  expect(verdicts(scan)).toEqual({ [old]: "superseded", [lost]: "lost" });
  expect(commitIn(scan, old).missing).toEqual([]);
});

test("a shallow clone, fetched again with --depth: nobody's loss, and it is said", () => {
  const { clone: repository, origin, directory } = createGround();
  for (const name of ["two", "three"]) repository.commit(name);
  repository.git("push", "-q");
  repository.git("clone", "-q", "--depth=1", `file://${origin.path}`, join(directory, "shallow"));
  const shallow = repository.at(join(directory, "shallow"));
  repository.commit("four");
  repository.git("push", "-q");
  shallow.git("fetch", "-q", "--depth=1");
  shallow.git("reset", "-q", "--hard", "origin/main");
  const { stdout, exitCode } = shallow.bulkhead(["recover", "--exit-code"]);
  expect(exitCode).toBe(0);
  expect(scanJson(shallow).commits).toEqual([]);
  expect(stdout).toContain("History is cut here");
});

describe("made for a commit that came later", () => {
  test("a commit that a hook refused, then made again after formatting", () => {
    const repository = clone();
    repository.write(".git/hooks/reference-transaction", '#!/bin/sh\n[ "$1" = prepared ] && exit 1\nexit 0\n');
    repository.write("f.js", "function f() {\nreturn {a:1,\nb:2}\n}\n");
    repository.git("add", "-A");
    repository.run("chmod", ["+x", ".git/hooks/reference-transaction"]);
    expect(repository.tryGit(["commit", "-q", "-m", "work"]).exitCode).not.toBe(0);
    repository.run("rm", [".git/hooks/reference-transaction"]);
    repository.commit("work, formatted", { "f.js": "function f() {\n  return { a: 1, b: 2 }\n}\n" });
    expect(scanJson(repository).commits).toMatchObject([{ verdict: "superseded", replaced_by: repository.head() }]);
  });

  test("a re-indented commit that nobody made again is lost", () => {
    const repository = clone();
    repository.commit("base", { "f.py": "if x:\n  a()\nb()\n" });
    const lost = repository.commit("b only if x", { "f.py": "if x:\n  a()\n  b()\n" });
    drop(repository);
    expect(verdicts(scanJson(repository))).toEqual({ [lost]: "lost" });
  });

  test("backups that lint-staged makes are folded into one line", () => {
    const repository = clone();
    repository.commit("base", { "a.js": "a\n", "b.js": "b\n" });
    for (const round of ["one", "two"]) {
      repository.write("a.js", `${round};\n`);
      repository.git("add", "a.js");
      repository.write("b.js", `${round} not staged\n`);
      const backup = repository.git("stash", "create");
      repository.git("stash", "store", "-q", "-m", "lint-staged automatic backup", backup);
      repository.write("a.js", `${round} // formatted\n`);
      repository.git("add", "a.js");
      repository.git("commit", "-q", "-m", round);
      repository.git("stash", "drop", "-q");
    }
    const { stdout } = repository.bulkhead(["recover"]);
    expect(stdout).toMatch(/^✅ /);
    expect(stdout).toContain("2 backups that tools made for themselves");
    expect(stdout).not.toContain("Dropped stashes");
  });
});

test("--recover A B says what to do with each", () => {
  const repository = clone();
  const shas = ["one", "two"].map((name) => {
    const sha = repository.commit(name);
    drop(repository);
    return sha;
  });
  const { stdout } = repository.bulkhead(["recover", "--recover", ...shas]);
  const commands = [...stdout.matchAll(/^ {2}git (merge .*)$/gm)].map(([, words]) => (words ?? "").split(" "));
  for (const words of commands) repository.git(...words, "--no-edit");
  for (const sha of shas) repository.git("merge-base", "--is-ancestor", sha, "HEAD");
  expect(commands).toHaveLength(2);
});

test("staged, never committed, then reset: said by the plain scan, listed with likely paths by --blobs", () => {
  const repository = clone();
  repository.commit("base", { "src/long.txt": lines(30) });
  const staged = lines(30, { 7: "precious" });
  repository.write("src/long.txt", staged);
  repository.write("brand-new.txt", "never seen before\n");
  repository.git("add", "-A");
  repository.git("reset", "-q", "--hard");
  const plain = repository.bulkhead(["recover"]).stdout;
  expect(plain).toMatch(/^✅ .*\n\nStaged, but in no commit: 2 files' contents/);
  const blobs = scanJson(repository, "--blobs").staged_blobs;
  const long = blobs.find(({ likely_paths: [first] }) => first === "src/long.txt");
  expect(repository.git("cat-file", "blob", long?.sha ?? "")).toBe(staged.trimEnd());
  expect(blobs).toHaveLength(2);
  const listed = repository.bulkhead(["recover", "--blobs"]).stdout;
  writeFileSync(join(repository.path, "commands.sh"), listed.match(/git cat-file blob .*$/gm)?.join("\n") ?? "");
  repository.run("sh", ["commands.sh"]);
  expect(repository.read("src/long.txt.recovered")).toBe(staged);
});
