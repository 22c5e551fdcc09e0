import { describe, expect, test } from "vitest";
import { commitIn, having, scanJson, verdicts } from "../support/recover.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

function clone(): TestRepository {
  return createGround().clone;
}

const drop = (repository: TestRepository, count = 1) => repository.git("reset", "-q", "--hard", `HEAD~${count}`);

describe("lost", () => {
  test("a commit behind a hard reset, with who lost it and until when it is kept", () => {
    const repository = clone();
    const sha = repository.commit("lost work", { "a.txt": "1\n2\n", "b c\n.txt": "x\n" });
    drop(repository);
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual({ [sha]: "lost" });
    const found = commitIn(scan, sha);
    expect(found).toMatchObject({
      short: sha.slice(0, 7),
      subject: "lost work",
      author: "Ada Tester <ada@example.test>",
      files: 2,
      paths: ["a.txt", "b c\n.txt"],
      insertions: 3,
      deletions: 0,
      replaced_by: null,
      stack: sha,
      lost_by: { command: "reset: moving to HEAD~1", ref: "HEAD", worktree: repository.path },
    });
    const kept = Date.parse(found.expires_at ?? "") - Date.parse(found.last_seen ?? "");
    expect(kept).toBe(30 * 86_400_000);
    expect(scan.window_hours).toBe(24);
  });

  test("the commits of a deleted branch, as one stack under its tip", () => {
    const repository = clone();
    repository.git("switch", "-q", "-c", "feat/x");
    const one = repository.commit("one");
    const two = repository.commit("two");
    const three = repository.commit("three");
    repository.git("switch", "-q", "main");
    repository.git("branch", "-q", "-D", "feat/x");
    const scan = scanJson(repository);
    expect(having(scan, "lost")).toEqual([three, two, one]);
    expect(scan.stacks).toMatchObject([{ tip: three, commits: [three, two, one] }]);
    expect(commitIn(scan, one).stack).toBe(three);
  });

  test("two tips on one commit are two stacks, and both bring the commit back", () => {
    const repository = clone();
    const base = repository.commit("base");
    const left = repository.commit("left");
    drop(repository);
    const right = repository.commit("right");
    drop(repository, 2);
    const scan = scanJson(repository);
    expect(having(scan, "lost").sort()).toEqual([base, left, right].sort());
    expect(new Set(scan.stacks.map(({ tip }) => tip))).toEqual(new Set([left, right]));
    for (const { tip, commits } of scan.stacks) expect(commits).toEqual([tip, base]);
  });

  test("commits of a removed worktree, whose reflog went with it", () => {
    const repository = clone();
    const worktree = repository.addWorktree("side", "feat/side");
    worktree.git("switch", "-q", "--detach");
    const sha = worktree.commit("only here");
    repository.git("worktree", "remove", "--force", worktree.path);
    const found = commitIn(scanJson(repository), sha);
    expect(found.verdict).toBe("lost");
    expect(Date.parse(found.expires_at ?? "") - Date.parse(found.last_seen ?? "")).toBe(14 * 86_400_000);
  });

  test("packed commits of a removed worktree are found too", () => {
    const repository = clone();
    const worktree = repository.addWorktree("side", "feat/side");
    worktree.git("switch", "-q", "--detach");
    const sha = worktree.commit("only here");
    repository.git("repack", "-q", "-a", "-d", "-k");
    repository.run("sh", [
      "-c",
      "git rev-list --objects $0 | cut -d' ' -f1 | git pack-objects -q .git/objects/pack/pack",
      sha,
    ]);
    repository.git("prune-packed", "-q");
    repository.git("worktree", "remove", "--force", worktree.path);
    expect(verdicts(scanJson(repository))).toEqual({ [sha]: "lost" });
    expect(verdicts(scanJson(repository, "--deep"))).toEqual({ [sha]: "lost" });
  });

  test("a sibling made in the same second by the same author on the same file is no replacement", () => {
    const repository = clone();
    const when = { GIT_AUTHOR_DATE: "1700000000 +0000" };
    const commit = (content: string) => {
      repository.write("f.txt", content);
      repository.git("add", "-A");
      repository.run("git", ["commit", "-q", "-m", "wip"], { env: when });
      return repository.head();
    };
    const lost = commit("one\n");
    drop(repository);
    commit("two\n");
    expect(verdicts(scanJson(repository))).toEqual({ [lost]: "lost" });
  });

  test("a change that was taken back, then made again on a lost branch", () => {
    const repository = clone();
    repository.commit("change", { "f.txt": "new\n" });
    repository.git("revert", "--no-edit", "HEAD");
    const lost = repository.commit("again", { "f.txt": "new\n" });
    drop(repository);
    expect(verdicts(scanJson(repository))).toEqual({ [lost]: "lost" });
  });

  test("a merge whose conflict was resolved by hand", () => {
    const repository = clone();
    repository.git("switch", "-q", "-c", "side");
    repository.commit("theirs", { "f.txt": "theirs\n" });
    repository.git("switch", "-q", "main");
    repository.commit("ours", { "f.txt": "ours\n" });
    repository.tryGit(["merge", "-q", "side"]);
    repository.write("f.txt", "both\n");
    repository.git("commit", "-q", "-a", "--no-edit");
    const merge = repository.head();
    repository.git("reset", "-q", "--hard", "HEAD~1");
    expect(verdicts(scanJson(repository))).toEqual({ [merge]: "lost" });
  });

  test("a commit whose dates lie in the future, and one from 1990", () => {
    const repository = clone();
    const at = (date: string, name: string) => {
      repository.write(name, name);
      repository.git("add", "-A");
      repository.run("git", ["commit", "-q", "-m", name], { env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } });
      const sha = repository.head();
      // The log is written with the committer's date, too: what counts is when it was reset away.
      drop(repository);
      return sha;
    };
    const future = at("4000000000 +0000", "future");
    const past = at("631152000 +0000", "past");
    expect(having(scanJson(repository), "lost").sort()).toEqual([future, past].sort());
  });

  test("reachable commits are never listed when children are older than their parents", () => {
    const repository = clone();
    for (let i = 0; i < 12; i++) {
      const date = `${1_700_000_000 - i * 1_000_000} +0000`;
      repository.write("f.txt", String(i));
      repository.git("add", "-A");
      repository.run("git", ["commit", "-q", "-m", `c${i}`], { env: { GIT_COMMITTER_DATE: date } });
      repository.git("branch", `keep-${i}`);
    }
    const lost = repository.commit("lost", { "g.txt": "g" });
    drop(repository, 5);
    expect(verdicts(scanJson(repository))).toEqual({ [lost]: "lost" });
  });
});

describe("not lost", () => {
  test("nothing is listed while a branch, a tag or a remote-tracking branch reaches the commits", () => {
    const repository = clone();
    for (const keep of [
      ["branch", "keep"],
      ["tag", "-a", "-m", "t", "kept"],
      ["update-ref", "refs/remotes/origin/kept", "HEAD"],
    ]) {
      repository.commit(`work ${keep[0]}`);
      repository.git(...keep);
      drop(repository);
    }
    expect(scanJson(repository).commits).toEqual([]);
  });

  test("live stash entries, also those below the top", () => {
    const repository = clone();
    for (const text of ["one\n", "two\n"]) {
      repository.write("README.md", text);
      repository.git("stash", "-q");
    }
    expect(scanJson(repository).commits).toEqual([]);
  });

  test("the old commits of a rebase that is under way, and the new ones", () => {
    const repository = clone();
    repository.git("switch", "-q", "-c", "feat/x");
    repository.commit("fine", { "a.txt": "a" });
    repository.commit("conflicting", { "f.txt": "theirs\n" });
    repository.git("switch", "-q", "main");
    repository.commit("ours", { "f.txt": "ours\n" });
    repository.git("switch", "-q", "feat/x");
    expect(repository.tryGit(["rebase", "main"]).exitCode).not.toBe(0);
    expect(scanJson(repository).commits).toEqual([]);
  });

  test("what another worktree keeps in refs of its own", () => {
    const repository = clone();
    const worktree = repository.addWorktree("side", "feat/side");
    worktree.commit("kept");
    worktree.git("update-ref", "refs/worktree/keep", "HEAD");
    drop(worktree);
    expect(scanJson(repository).commits).toEqual([]);
    expect(scanJson(worktree).commits).toEqual([]);
  });

  test("ORIG_HEAD keeps nothing", () => {
    const repository = clone();
    const sha = repository.commit("work");
    drop(repository);
    expect(repository.git("rev-parse", "ORIG_HEAD")).toBe(sha);
    expect(verdicts(scanJson(repository))).toEqual({ [sha]: "lost" });
  });

  test("commits that doctor made to try the guard", () => {
    const repository = clone();
    repository.write("f.txt", "x");
    repository.git("add", "-A");
    repository.git("commit", "-q", "--author=doctor <doctor@bulkhead.invalid>", "-m", "trial");
    drop(repository);
    expect(scanJson(repository).commits).toEqual([]);
  });
});

describe("at risk", () => {
  test("commits that only a detached HEAD of another worktree holds", () => {
    const repository = clone();
    const worktree = repository.addWorktree("side", "feat/side");
    worktree.git("switch", "-q", "--detach");
    const one = worktree.commit("one");
    const two = worktree.commit("two");
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual({ [one]: "at_risk", [two]: "at_risk" });
    expect(commitIn(scan, two).expires_at).toBeNull();
    expect(repository.bulkhead(["recover", "--exit-code"]).exitCode).toBe(0);
  });
});

describe("trivial", () => {
  test("an empty commit and a clean merge", () => {
    const repository = clone();
    repository.git("commit", "-q", "--allow-empty", "-m", "nothing");
    const empty = repository.head();
    drop(repository);
    repository.git("branch", "side");
    repository.commit("ours", { "ours.txt": "x" });
    repository.git("switch", "-q", "side");
    repository.commit("theirs", { "theirs.txt": "x" });
    repository.git("switch", "-q", "main");
    repository.git("merge", "-q", "--no-edit", "side");
    const merge = repository.head();
    repository.git("reset", "-q", "--hard", "HEAD~1");
    expect(verdicts(scanJson(repository))).toEqual({ [empty]: "trivial", [merge]: "trivial" });
  });

  test("a change and its revert, both dropped", () => {
    const repository = clone();
    const change = repository.commit("change", { "f.txt": "x" });
    repository.git("revert", "--no-edit", "HEAD");
    const revert = repository.head();
    drop(repository, 2);
    expect(verdicts(scanJson(repository))).toEqual({ [change]: "trivial", [revert]: "trivial" });
  });
});

describe("gone", () => {
  test("a commit that the reflog names and git has deleted", () => {
    const repository = clone();
    const sha = repository.commit("work");
    drop(repository);
    repository.run("rm", ["-f", `.git/objects/${sha.slice(0, 2)}/${sha.slice(2)}`]);
    const scan = scanJson(repository);
    expect(verdicts(scan)).toEqual({ [sha]: "gone" });
    expect(repository.bulkhead(["recover"]).stdout).toBe("✅ No orphaned commits found in last 24 hours\n");
  });

  test("a commit whose reflog entries have expired is still found as a loose object", () => {
    const repository = clone();
    const sha = repository.commit("work");
    drop(repository);
    repository.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all");
    expect(verdicts(scanJson(repository))).toEqual({ [sha]: "lost" });
  });
});
