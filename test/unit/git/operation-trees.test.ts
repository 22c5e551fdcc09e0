/** What git's own files say of a worktree, tree by tree in memory: only reading and judging is tried here. */
import { vol } from "memfs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { isCommitSha, parseBranchName } from "../../../src/domain/names.ts";
import { readOperation } from "../../../src/git/operation.ts";
import { findHolders, readHeadFile, type WorktreeState } from "../../../src/git/worktree-state.ts";

vi.mock("node:fs", async () => (await import("memfs")).fs);

const SHA = "1234567890123456789012345678901234567890";
const NO_MORE = { branch: null, updates: [] };

beforeEach(() => vol.reset());

describe("HEAD", () => {
  test.each([
    ["ref: refs/heads/main\n", { kind: "branch", branch: "main" }],
    ["ref: refs/heads/feat/x  \n", { kind: "branch", branch: "feat/x" }],
    [`${SHA}\n`, { kind: "detached", sha: SHA }],
    [`${"a".repeat(64)}\n`, { kind: "detached", sha: "a".repeat(64) }],
    // git has to be asked:
    ["ref: refs/heads/.invalid\n", null],
    ["ref: refs/remotes/origin/main\n", null],
    ["", null],
    ["1234567\n", null],
    ["rubbish\n", null],
  ])("%j", (content, head) => {
    vol.fromJSON({ "/git/HEAD": content });
    expect(readHeadFile("/git")).toEqual(head);
  });

  test("as a link, or not there, it does not tell", () => {
    vol.fromJSON({ "/git/refs/heads/main": `${SHA}\n` });
    vol.symlinkSync("refs/heads/main", "/git/HEAD");
    expect([readHeadFile("/git"), readHeadFile("/nowhere")]).toEqual([null, null]);
  });
});

describe("the operation in progress", () => {
  test.each([
    ["none", {}, null],
    ["a merge", { MERGE_HEAD: SHA }, { kind: "merge", ...NO_MORE }],
    ["a cherry-pick", { CHERRY_PICK_HEAD: SHA }, { kind: "cherry-pick", ...NO_MORE }],
    ["a revert", { REVERT_HEAD: SHA }, { kind: "revert", ...NO_MORE }],
    ["between two picks", { "sequencer/todo": "pick 1234 x\n" }, { kind: "cherry-pick", ...NO_MORE }],
    ["between two reverts", { "sequencer/todo": "revert 1234 x\n" }, { kind: "revert", ...NO_MORE }],
    ["patches being applied", { "rebase-apply/applying": "" }, { kind: "am", ...NO_MORE }],
    [
      "a rebase",
      { "rebase-merge/head-name": "refs/heads/feat/x\n" },
      { kind: "rebase", branch: "feat/x", updates: [] },
    ],
    [
      "a rebase by patches",
      { "rebase-apply/head-name": "refs/heads/feat/x\n", "rebase-apply/rebasing": "" },
      { kind: "rebase", branch: "feat/x", updates: [] },
    ],
    [
      "a rebase of a detached HEAD",
      { "rebase-merge/head-name": "detached HEAD\n" },
      { kind: "rebase", branch: null, updates: [] },
    ],
    [
      "a rebase that stopped at a pick",
      { "rebase-merge/head-name": "refs/heads/x\n", CHERRY_PICK_HEAD: SHA },
      { kind: "rebase", branch: "x", updates: [] },
    ],
    [
      "a rebase that moves other branches too",
      {
        "rebase-merge/head-name": "refs/heads/top\n",
        "rebase-merge/update-refs": `refs/heads/below\n${SHA}\n${"0".repeat(40)}\nrefs/heads/lowest\n${SHA}\n${SHA}\n`,
      },
      { kind: "rebase", branch: "top", updates: ["below", "lowest"] },
    ],
    ["a bisect", { BISECT_START: "feat/x\n", BISECT_LOG: "" }, { kind: "bisect", branch: "feat/x", updates: [] }],
    ["a bisect of a commit", { BISECT_START: `${SHA}\n` }, { kind: "bisect", branch: null, updates: [] }],
    ["a merge in a bisect", { BISECT_START: "feat/x\n", MERGE_HEAD: SHA }, { kind: "merge", ...NO_MORE }],
  ])("%s", (_, files, operation) => {
    vol.fromJSON({ "/git/HEAD": SHA, ...Object.fromEntries(Object.entries(files).map(([k, v]) => [`/git/${k}`, v])) });
    expect(readOperation("/git")).toEqual(operation);
  });
});

describe("who holds a branch", () => {
  const state = (over: Partial<WorktreeState>): WorktreeState => ({
    path: "/w",
    head: isCommitSha(SHA) ? SHA : null,
    branch: null,
    bare: false,
    detached: true,
    locked: null,
    prunable: null,
    gitDir: "/git",
    operation: null,
    ...over,
  });
  const x = parseBranchName("feat/x");

  test.each([
    ["has it checked out", { branch: x, detached: false }, true],
    ["is on another", { branch: parseBranchName("other"), detached: false }, false],
    ["rebases it", { operation: { kind: "rebase", branch: "feat/x", updates: [] } }, true],
    ["bisects from it", { operation: { kind: "bisect", branch: "feat/x", updates: [] } }, true],
    ["will move it with another", { operation: { kind: "rebase", branch: "top", updates: ["feat/x"] } }, true],
    [
      "rebased it where now nothing is",
      { prunable: "gone", operation: { kind: "rebase", branch: "feat/x", updates: [] } },
      false,
    ],
    ["is merging elsewhere", { operation: { kind: "merge", branch: null, updates: [] } }, false],
  ] as const)("one that %s: %s", (_, over, holds) => {
    expect(findHolders([state(over)], x)).toHaveLength(holds ? 1 : 0);
  });
});
