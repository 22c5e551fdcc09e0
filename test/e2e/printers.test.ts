import { expect, test } from "vitest";
import { createGround } from "../support/repository.ts";

const ESC = "\u001b";
/** What a terminal would act on. */
const STEERING = /(?!\n)[\p{Cc}\u202e]/u;

test("a tracked session file cannot steer the terminal, whatever command shows it", () => {
  const { clone } = createGround();
  const hostile = `${ESC}]0;owned\u0007${ESC}[2J\u009b31m\u202e\nbulkhead: all is well`;
  const work = clone.addWorktree("work", "feat/x");
  const file = { session: hostile, expectedBranch: "feat/x", sdKey: hostile, hostname: hostile };
  work.write(".session.json", JSON.stringify(file));
  for (const args of [
    ["worktree", "--list"],
    ["status"],
    ["expect"],
    ["sessions"],
    ["start", "X-1"],
    ["guard", "--check"],
  ]) {
    const { stdout, stderr } = work.bulkhead(args);
    expect([args, stdout.match(STEERING), stderr.match(STEERING)]).toEqual([args, null, null]);
    expect(`${stdout}${stderr}`.split("\n")).not.toContain("bulkhead: all is well");
  }
  work.write(".session.json", JSON.stringify({ ...file, expectedBranch: `x${hostile}` }));
  for (const args of [["worktree", "--list"], ["status"], ["expect"], ["worktree", "--adopt"]]) {
    const { stdout, stderr } = work.bulkhead(args);
    expect([args, stdout.match(STEERING), stderr.match(STEERING)]).toEqual([args, null, null]);
  }
});

test("JSON holds the text as it is, in bytes that steer nothing", () => {
  const { clone } = createGround();
  const work = clone.addWorktree("work", "feat/x");
  const session = `${ESC}[31m\u009b\u202e`;
  work.write(".session.json", JSON.stringify({ session, expectedBranch: "feat/x" }));
  const { stdout } = work.bulkhead(["worktree", "--list", "--json"]);
  expect(stdout).not.toMatch(STEERING);
  expect(JSON.parse(stdout).worktrees).toContainEqual(expect.objectContaining({ session }));
});

test("a directory's name with escapes and a secret in a URL are shown harmless", () => {
  const { clone } = createGround();
  const nowhere = clone.bulkhead(["-C", `/no/${ESC}[2J\nbulkhead: fine`, "status"]);
  expect([nowhere.exitCode, nowhere.stderr.match(STEERING)]).toEqual([3, null]);
  expect(nowhere.stderr.trim().split("\n")).toHaveLength(2);
  clone.git("remote", "set-url", "origin", "https://me:hunter2@example.test/nothing/here/at/all");
  const ship = clone.bulkhead(["ship"], { env: { GITHUB_TOKEN: "", GH_TOKEN: "" } });
  expect(`${ship.stdout}${ship.stderr}`).not.toContain("hunter2");
});

test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "'%s' is no command, and no internal error",
  (word) => {
    const { exitCode, stderr } = createGround().clone.bulkhead([word]);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([2, `bulkhead: '${word}' is not a bulkhead command.`]);
  },
);
