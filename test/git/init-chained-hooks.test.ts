import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeHook } from "../support/hook-managers.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

/** Hooks that write down how they were called: arguments, then standard input. */
function recorder(name: string): string {
  return `{ printf '${name}'; printf ' [%s]' "$@"; echo; cat; } >>"$RECORD"\n`;
}
const READS_NO_INPUT = (name: string) => `{ printf '${name}'; printf ' [%s]' "$@"; echo; } >>"$RECORD"\n`;

/** What hooks record while `act` runs, in a clone without Bulkhead and in one with it. */
function recordBoth(hooks: Record<string, string>, act: (clone: TestRepository) => void): [string, string] {
  const [without, withGuard] = [false, true].map((guarded) => {
    const { clone, directory } = createGround();
    const record = join(directory, "record");
    clone.env.RECORD = record;
    clone.env.GIT_AUTHOR_DATE = clone.env.GIT_COMMITTER_DATE = "2026-01-01T00:00:00Z";
    for (const [name, body] of Object.entries(hooks)) writeHook(clone, `.git/hooks/${name}`, body);
    if (guarded) expect(clone.bulkhead(["init"]).exitCode).toBe(0);
    clone.git("commit", "-q", "--amend", "-m", "the same in both", "--date=2026-01-01T00:00:00Z");
    clone.git("push", "-q", "--force", "origin", "main");
    rmSync(record, { force: true });
    act(clone);
    return readFileSync(record, "utf8").replaceAll(directory, "<directory>");
  });
  return [without ?? "", withGuard ?? ""];
}

test("a chained reference-transaction hook gets the same arguments and input in every state", () => {
  const [without, withGuard] = recordBoth({ "reference-transaction": recorder("transaction") }, (clone) => {
    clone.commit("one");
    clone.git("branch", "other");
    clone.git("tag", "v1");
    clone.git("switch", "-q", "other");
    clone.commit("two");
    clone.git("switch", "-q", "main");
    clone.git("merge", "-q", "other");
    clone.git("branch", "-D", "other");
    clone.git("reset", "-q", "--hard", "HEAD~1");
    clone.git("pack-refs", "--all");
    clone.tryGit(["update-ref", "refs/heads/main", "HEAD", "1111111111111111111111111111111111111111"]);
  });
  expect(without).toContain("transaction [prepared]\n");
  expect(withGuard).toBe(without);
});

test("a chained reference-transaction hook gets all of a transaction with a thousand refs", () => {
  const [without, withGuard] = recordBoth({ "reference-transaction": recorder("transaction") }, (clone) => {
    const head = clone.head();
    const refs = Array.from({ length: 1000 }, (_, i) => `create refs/${i % 2 ? "heads" : "tags"}/many-${i} ${head}\n`);
    clone.run("git", ["update-ref", "--stdin"], { input: refs.join("") });
  });
  expect(without.split("\n").length).toBeGreaterThan(2000);
  expect(withGuard).toBe(without);
});

test("a chained reference-transaction hook that comes after init is given everything from the next commit on", () => {
  const { clone, directory } = createGround();
  const record = join(directory, "record");
  clone.env.RECORD = record;
  clone.bulkhead(["init"]);
  writeHook(clone, ".git/hooks/reference-transaction", recorder("transaction"));
  clone.commit("arms it");
  rmSync(record, { force: true });
  clone.git("tag", "v1");
  expect(readFileSync(record, "utf8")).toMatch(
    /^transaction \[(preparing|prepared)\]\n0+ [0-9a-f]{40} refs\/tags\/v1\n/,
  );
  expect(readFileSync(record, "utf8")).toContain("transaction [committed]\n");
});

test("a chained reference-transaction hook that refuses still refuses", () => {
  const { clone } = createGround();
  writeHook(clone, ".git/hooks/reference-transaction", "case $1:$(cat) in prepared:*refs/tags/*) exit 1 ;; esac\n");
  clone.bulkhead(["init"]);
  expect(clone.tryGit(["tag", "v1"]).exitCode).not.toBe(0);
  expect(clone.tryGit(["branch", "fine"]).exitCode).toBe(0);
});

test("a chained pre-push hook gets the same arguments and input", () => {
  const [without, withGuard] = recordBoth({ "pre-push": recorder("pre-push") }, (clone) => {
    clone.commit("one");
    clone.git("branch", "ümläut");
    clone.git("push", "-q", "origin", "main", "ümläut", "HEAD:refs/heads/third");
    clone.git("push", "-q", "origin", ":refs/heads/third");
  });
  expect(without.split("\n").length).toBeGreaterThan(5);
  expect(withGuard).toBe(without);
});

test("a chained pre-push hook that fails stops the push", () => {
  const { clone, origin } = createGround();
  writeHook(clone, ".git/hooks/pre-push", "exit 5\n");
  clone.bulkhead(["init"]);
  clone.commit("one");
  const before = origin.refs();
  expect(clone.tryGit(["push", "origin", "main"]).exitCode).not.toBe(0);
  expect(origin.refs()).toBe(before);
});

test("hooks of a commit get their arguments, in git's order", () => {
  const names = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-checkout", "post-merge"];
  const hooks = Object.fromEntries(names.map((name) => [name, READS_NO_INPUT(name)]));
  const [without, withGuard] = recordBoth({ ...hooks, "post-rewrite": recorder("post-rewrite") }, (clone) => {
    clone.commit("one");
    clone.git("commit", "-q", "--amend", "-m", "amended", "--date=2026-01-01T00:00:00Z");
    clone.git("switch", "-q", "-c", "side", "HEAD~1");
    clone.commit("two");
    clone.git("merge", "-q", "--no-edit", "main");
    clone.git("checkout", "main", "--", "one.txt");
  });
  expect(without).toContain("prepare-commit-msg [.git/COMMIT_EDITMSG] [message]\n");
  expect(withGuard).toBe(without);
});

test.each(["pre-commit", "prepare-commit-msg", "commit-msg"])(
  "a chained %s hook that fails fails the commit",
  (name) => {
    const { clone } = createGround();
    writeHook(clone, `.git/hooks/${name}`, 'test -e "$(git rev-parse --git-dir)/let-pass" || exit 7\n');
    clone.bulkhead(["init"]);
    const before = clone.head();
    expect(clone.tryGit(["commit", "--allow-empty", "-m", "x"]).exitCode).not.toBe(0);
    expect(clone.head()).toBe(before);
    clone.write(".git/let-pass", "");
    clone.git("commit", "-q", "--allow-empty", "-m", "x");
    expect(clone.head()).not.toBe(before);
  },
);

test("a commit-msg hook that rewrites the message, and one in another language", () => {
  const { clone } = createGround();
  writeHook(clone, ".git/hooks/commit-msg", 'echo "signed" >>"$1"\n');
  writeHook(clone, ".git/hooks/post-commit", "");
  clone.write(".git/hooks/post-commit", `#!${process.execPath}\nrequire("fs").writeFileSync("marker.txt", "node");\n`);
  clone.bulkhead(["init"]);
  clone.commit("hello");
  expect(clone.git("log", "-1", "--format=%B")).toBe("hello\nsigned\n");
  expect(clone.read("marker.txt")).toBe("node");
});
