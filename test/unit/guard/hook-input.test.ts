import { expect, test } from "vitest";
import { encodeText } from "../../../src/files/text-encoding.ts";
import { callingCommand, readFetch } from "../../../src/guard/calling-git.ts";
import { parseHeadMovements } from "../../../src/guard/head-movement.ts";
import { concernsGuard, parsePushedRefs, parseTransaction } from "../../../src/guard/transaction.ts";
import { parseReflog, selectUnseen } from "../../../src/guard/unseen.ts";
import { SHA } from "./facts-builder.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

test("a transaction's lines are parsed, whatever bytes the names have", () => {
  const lines = parseTransaction(
    bytes(`${SHA.old} ${SHA.new} refs/heads/caf\xc3\xa9\n${SHA.zero} ref:refs/heads/\xfc HEAD\n`),
  );
  expect(lines[0]).toEqual({ oldValue: SHA.old, newValue: SHA.new, ref: "refs/heads/café" });
  expect(lines[1]?.ref).toBe("HEAD");
  expect(encodeText(lines[1]?.newValue ?? "")).toEqual(bytes("ref:refs/heads/\xfc"));
  expect(parseTransaction(bytes(""))).toEqual([]);
});

test("a push's lines are parsed", () => {
  expect(parsePushedRefs(bytes(`(delete) ${SHA.zero} refs/heads/x ${SHA.old}\n`))).toEqual([
    { localRef: "(delete)", localSha: SHA.zero, remoteRef: "refs/heads/x", remoteSha: SHA.old },
  ]);
});

test.each([
  ["refs/heads/x", SHA.new, "", true],
  ["HEAD", SHA.new, "", true],
  ["HEAD", "ref:refs/heads/x", "", false],
  ["ORIG_HEAD", SHA.new, "merge x", true],
  ["ORIG_HEAD", SHA.new, "pull", true],
  ["ORIG_HEAD", SHA.new, "rebase", false],
  ["refs/remotes/origin/x", SHA.new, "merge", false],
  ["refs/tags/x", SHA.new, "", false],
  ["refs/stash", SHA.new, "", false],
])("a line of %s to %s, by '%s', concerns the guard: %s", (ref, newValue, action, expected) => {
  const quiet = { oldValue: SHA.old, newValue: SHA.new, ref: "refs/tags/t" };
  expect(concernsGuard([quiet, { oldValue: SHA.old, newValue, ref }], action)).toBe(expected);
});

test.each([
  ["git commit -m x", "commit"],
  ["git -C dir -c a=b --no-pager merge x", "merge"],
  ["/usr/lib/git-core/git-receive-pack .", "receive-pack"],
  ["/usr/bin/git", ""],
  ["", ""],
])("'%s' runs %s", (words, expected) => expect(callingCommand(words.split(" "))).toBe(expected));

test.each([
  ["origin main:main", "origin", ["main"]],
  ["-q --depth=1 origin +refs/heads/main:refs/heads/main", "origin", ["main"]],
  ["origin a:b main", "origin", []],
  [". topic:main", ".", []],
  ["--depth 1 origin main:main", "1", ["main"]],
  ["", "", []],
])("`fetch %s` asks %s for the branches %j", (words, remote, follows) => {
  expect(readFetch(words.split(" ").filter(Boolean))).toEqual({ remote, follows });
});

test("switches of HEAD are read from a reflog, other entries are not", () => {
  const line = (message: string) => `${SHA.old} ${SHA.new} Ada Tester <ada@example.test> 1772359200 +0100\t${message}`;
  const log = [
    line("checkout: moving from feat/x to main"),
    line("commit: checkout: moving from a to b"),
    line("reset: moving to HEAD~1"),
    "garbage",
    "",
  ];
  expect(parseHeadMovements(log.join("\n"))).toEqual([
    { who: "Ada Tester", at: 1_772_359_200, from: "feat/x", to: "main" },
  ]);
});

test("a reflog's entries are parsed, newest first", () => {
  const ref = "refs/heads/x";
  const output = `${SHA.new}\t${ref}@{1700000100}\tcommit: with\ttab\n${SHA.old}\t${ref}@{1700000000}\tbranch: Created\n`;
  expect(parseReflog(bytes(output))).toEqual([
    { ref, sha: SHA.new, at: 1_700_000_100, what: "commit: with\ttab" },
    { ref, sha: SHA.old, at: 1_700_000_000, what: "branch: Created" },
  ]);
});

test("moves that nobody saw are those after arming, but for the first and for renames", () => {
  const move = (sha: string, at: number) => ({ ref: "refs/heads/x", sha, at, what: `at ${at}` });
  const [newest, renamed, seen, unseen, before, created] = [
    move(SHA.new, 60),
    move(SHA.new, 50),
    move("5".repeat(40), 40),
    move("4".repeat(40), 30),
    move("3".repeat(40), 10),
    move(SHA.old, 5),
  ];
  const moves = [newest, renamed, seen, unseen, before, created].filter((one) => one !== undefined);
  expect(selectUnseen(moves, new Set([seen?.sha ?? ""]), 20)).toEqual([renamed, unseen]);
  expect(selectUnseen([move(SHA.old, 99)], new Set(), 20)).toEqual([]);
});
