import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { listFiles } from "../support/file-listing.ts";
import { setUpManager } from "../support/hook-managers.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

interface Report {
  readonly protected: boolean;
  readonly coverage: readonly { operation: string; protected: boolean; hook: string | null; residue: string }[];
  readonly checks: readonly { name: string; state: string; detail: string }[];
  readonly settings: Record<string, { value: unknown; source: string }>;
}

/** A clone with husky and three worktrees, set up. Its temporary directory is its own: what is left there is seen. */
function createClone(): { clone: TestRepository; linked: TestRepository; third: TestRepository } {
  const { clone, directory } = createGround();
  clone.env.TMPDIR = join(directory, "tmp");
  mkdirSync(clone.env.TMPDIR);
  clone.env.PROBE = join(directory, "probe");
  setUpManager(clone, "husky");
  const linked = clone.addWorktree("linked", "feat/linked");
  expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
  return { clone, linked, third: clone.addWorktree("third", "feat/third") };
}

const doctor = (clone: TestRepository) => clone.bulkheadJson<Report>(["doctor"]);
/** A minute later, because moves in the second of arming do not count. */
function commitUnseen(worktree: TestRepository): void {
  const env = { GIT_COMMITTER_DATE: `@${Math.floor(Date.now() / 1000) + 60} +0000` };
  const args = ["-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "unseen"];
  worktree.run("git", args, { env });
}

const failedChecks = ({ checks }: Report) => checks.filter(({ state }) => state === "failed");
const warnings = ({ checks }: Report) => checks.filter(({ state }) => state === "warning");

test("every row is protected in a husky repository with three worktrees, and nothing is left behind", () => {
  const { clone, third } = createClone();
  const state = () => ({
    snapshot: clone.snapshot(),
    worktrees: clone.git("worktree", "list", "--porcelain"),
    files: listFiles(join(clone.path, ".git"), ["objects", "index", "packed-refs", "seen.log"]),
    temporary: readdirSync(clone.env.TMPDIR ?? ""),
  });
  const before = state();
  const { exitCode, json } = doctor(third);
  expect(state()).toEqual(before);
  expect(clone.bulkheadJson<{ commits: unknown[] }>(["recover", "--all", "--deep"]).json.commits).toEqual([]);
  expect(exitCode).toBe(0);
  expect(json.protected).toBe(true);
  expect(json.coverage.filter((row) => !row.protected)).toEqual([]);
  const operations = ["commit", "commit (bare PATH)", "commit --no-verify", "commit --amend", "merge"].concat(
    ["merge (fast-forward)", "cherry-pick", "revert", "rebase", "am", "reset --hard", "branch -f", "branch -D"],
    ["update-ref", "push over another session", "move of the expected branch"],
  );
  expect(json.coverage.map(({ operation }) => operation)).toEqual(operations);
  expect(json.coverage[0]).toEqual({ operation: "commit", protected: true, hook: "pre-commit", residue: "none" });
  expect([...failedChecks(json), ...warnings(json)]).toEqual([]);
  expect(json.checks.filter(({ name }) => name === "hooks")).toHaveLength(3);
  expect(json.settings.protect).toEqual({ value: [], source: "default" });
});

const home = (clone: TestRepository, ...path: string[]) => join(clone.path, ".git/bulkhead", ...path);

describe("exits 1 and says so when", () => {
  test("a hook is not executable, which init mends", () => {
    const { clone } = createClone();
    const hooks = ["pre-push", "reference-transaction"].map((name) => home(clone, "hooks", name));
    for (const hook of hooks) chmodSync(hook, 0o644);
    const { exitCode, json } = doctor(clone);
    expect(exitCode).toBe(1);
    const [drift, ...asleep] = failedChecks(json);
    expect(asleep.map(({ name }) => name)).toEqual(["hooks", "hooks", "hooks"]);
    expect([drift]).toEqual([
      {
        name: "installation",
        state: "failed",
        detail: `not as init leaves it (${hooks.join(", ")}); run: git bulkhead init`,
      },
    ]);
    expect(json.coverage.find(({ operation }) => operation === "reset --hard")?.protected).toBe(false);
    expect(clone.bulkhead(["init", "--no-scripts"]).exitCode).toBe(0);
    expect(doctor(clone)).toMatchObject({ exitCode: 0, json: { protected: true } });
  });

  test("worktrees are not as they must be: hooks path, broken and lost session file", () => {
    const { clone, linked, third } = createClone();
    clone.git("config", "extensions.worktreeConfig", "true");
    linked.git("config", "--worktree", "core.hooksPath", "/nowhere");
    third.write(".session.json", '{"expectedBranch": ');
    const fourth = clone.addWorktree("fourth", "feat/fourth");
    rmSync(join(fourth.path, ".session.json"));
    rmSync(join(fourth.git("rev-parse", "--absolute-git-dir"), "bulkhead-worktree"), { recursive: true });
    const { exitCode, json } = doctor(clone);
    expect(exitCode).toBe(1);
    const details = failedChecks(json).map(({ detail }) => detail);
    expect(details).toContainEqual(
      expect.stringMatching(/linked: git runs hooks from '\/nowhere' \(.*config.worktree\)/),
    );
    expect(details).toContain(`${third.path}: .session.json is not valid JSON; run: git bulkhead expect <branch>`);
    expect(details).toContain(`${fourth.path}: missing, so commits are refused; run: git bulkhead worktree --adopt`);
  });

  test("the full guard is gone: what it would decide is refused, right work included", () => {
    const { clone } = createClone();
    rmSync(home(clone, "guard.mjs"));
    const { exitCode, json } = doctor(clone);
    expect(exitCode).toBe(1);
    expect(failedChecks(json)).toContainEqual(
      expect.objectContaining({ name: "installation", detail: expect.stringContaining("guard.mjs") }),
    );
  });

  test("guard.conf is gone", () => {
    const { clone } = createClone();
    rmSync(home(clone, "guard.conf"));
    expect(doctor(clone)).toMatchObject({ exitCode: 1, json: { protected: false } });
  });

  test("settings have changed since init compiled them", () => {
    const { clone } = createClone();
    clone.git("config", "bulkhead.protect", "main");
    const { exitCode, json } = doctor(clone);
    expect(exitCode).toBe(1);
    expect(failedChecks(json).map(({ name, detail }) => [name, detail])).toEqual([
      ["installation", expect.stringMatching(/^not as init leaves it \(.+\); run: .*init$/)],
    ]);
    expect(json.coverage.filter((row) => !row.protected)).toEqual([]);
  });

  test("Bulkhead was never set up", () => {
    const { clone } = createGround();
    const { exitCode, json } = doctor(clone);
    expect(exitCode).toBe(1);
    expect(json.coverage.some((row) => row.protected && row.hook !== null)).toBe(false);
    expect(failedChecks(json).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["node for the hooks", "installation", "hooks"]),
    );
  });
});

test("a recorded node that is gone is no fault where the hooks find another, which they record", () => {
  const { clone } = createClone();
  const conf = readFileSync(home(clone, "guard.conf"), "utf8");
  writeFileSync(home(clone, "guard.conf"), conf.replace(/^node=.*$/m, "node='/gone/node'"));
  const { exitCode, json } = doctor(clone);
  expect([exitCode, failedChecks(json), json.coverage.filter((row) => !row.protected)]).toEqual([0, [], []]);
  expect(readFileSync(home(clone, "guard.conf"), "utf8")).not.toContain("/gone/node");
});

test("what people should know makes it warn, not fail: they are protected", () => {
  const { clone, linked, third } = createClone();
  linked.commit("seen");
  commitUnseen(linked);
  const unseen = linked.head().slice(0, 12);
  linked.commit("seen again");
  third.git("switch", "-q", "-c", "astray");
  const skipped = third.tryGit(["commit", "--allow-empty", "-m", "on purpose"], { env: { SKIP_BRANCH_GUARD: "1" } });
  expect(skipped).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("let pass and recorded") });
  const log = join(clone.path, ".git/bulkhead/bypass.log");
  const old = {
    at: "2020-01-01T00:00:00.000Z",
    user: "u",
    hook: "pre-commit",
    command: "git",
    worktree: "/w",
    code: "C",
  };
  writeFileSync(log, `${JSON.stringify({ ...old, message: "m", pid: "1" })}\n${readFileSync(log, "utf8")}half a line`);
  const { exitCode, json } = doctor(clone);
  expect(exitCode).toBe(0);
  expect(warnings(json).map(({ name, detail }) => [name, detail])).toEqual([
    ["session file", `${third.path}: expects feat/third, is on astray; commits are refused`],
    [
      "bypasses",
      expect.stringMatching(/^1 in 7 days, last by .+: git commit --allow-empty -m on purpose \(BRANCH_MISMATCH\)$/),
    ],
    ["made with hooks off", `feat/linked: ${unseen} commit: unseen`],
  ]);
});

test("before a push, too, commits made with hooks off are named", () => {
  const { linked } = createClone();
  linked.commit("seen");
  commitUnseen(linked);
  const { exitCode, stderr } = linked.tryGit(["push", "origin", "feat/linked"]);
  expect(exitCode).toBe(0);
  expect(stderr).toContain("'feat/linked' was moved while hooks were off; the guard never saw:");
  expect(stderr).toContain(`  ${linked.head().slice(0, 12)} commit: unseen`);
});

/** Lines of a text that fits a terminal of 24 lines and 80 columns. */
function screen(stdout: string): string[] {
  const lines = stdout.trimEnd().split("\n");
  expect(lines.length).toBeLessThan(24);
  for (const line of lines.filter((one) => one.includes(" ") && !/^ *\S+$/.test(one)))
    expect(line).toHaveLength(Math.min(line.length, 80));
  return lines;
}

test("people read a screen: a line a group, and who is not guarded", () => {
  const { clone } = createGround();
  clone.bulkhead(["init"]);
  const lines = screen(clone.bulkhead(["doctor"]).stdout);
  expect(lines[0]).toMatch(/^ok +operations: all \d+ tried live came out as they must$/);
  expect(lines.join(" ")).toMatch(/Main checkout: guarded for nobody until .*start <item>/);
  expect(lines.join("\n")).not.toContain("Everything is protected");
  const { stdout } = clone.bulkhead(["doctor", "--verbose"]);
  expect(stdout).toMatch(/^operation +blocked by +residue\ncommit +ok +pre-commit +none\n/);
  expect(doctor(clone).json).toMatchObject({ main_checkout: "unguarded" });
  clone.git("config", "bulkhead.requireSession", "true");
  clone.bulkhead(["init"]);
  expect(clone.bulkhead(["doctor"]).stdout).toContain("Everything is protected.");
});

test("a failure stands first, with what to type", () => {
  const { clone, linked } = createClone();
  clone.git("config", "extensions.worktreeConfig", "true");
  linked.git("config", "--worktree", "core.hooksPath", "/nowhere");
  const { exitCode, stdout } = clone.bulkhead(["doctor"]);
  expect(exitCode).toBe(1);
  const lines = screen(stdout);
  expect(lines[0]).toMatch(/^FAILED /);
  const told = lines.join("\n").replace(/\n +/g, " ");
  expect(told).toMatch(/FAILED +hooks: \S+linked: git runs hooks from '\/nowhere' \(.*config.worktree\); run: .*init/);
});

test("files kept by git-lfs need a pre-push hook that uploads them", () => {
  const { clone } = createGround();
  clone.env.GIT_CONFIG_PARAMETERS = "'filter.lfs.clean=cat' 'filter.lfs.smudge=cat' 'filter.lfs.required=false'";
  clone.commit("lfs", { ".gitattributes": "*.bin filter=lfs\n", "a.bin": "x\n" });
  clone.bulkhead(["init", "--no-scripts"]);
  const { json } = doctor(clone);
  expect(failedChecks(json)).toMatchObject([{ name: "git-lfs", detail: expect.stringContaining("no pre-push hook") }]);
  const hook = join(clone.path, ".git/hooks/pre-push");
  writeFileSync(hook, '#!/bin/sh\ngit lfs pre-push "$@"\n', { mode: 0o755 });
  clone.bulkhead(["init", "--no-scripts"]);
  expect(failedChecks(doctor(clone).json)).toEqual([]);
});

test("a worktree without packages is named, where hooks may need them", () => {
  const { clone } = createClone();
  clone.commit("package", { "package.json": "{}\n" });
  const bare = clone.addWorktree("bare", "feat/bare");
  expect(warnings(doctor(clone).json)).toMatchObject([
    { name: "packages", detail: expect.stringContaining(`${bare.path}: no node_modules`) },
  ]);
});

test("in a bare repository with linked worktrees", () => {
  const { origin, directory } = createGround();
  origin.git("worktree", "add", "-q", join(directory, "one"), "-b", "feat/one");
  expect(origin.bulkhead(["init"]).exitCode).toBe(0);
  const { exitCode, json } = doctor(origin.at(join(directory, "one")));
  expect(json.coverage.filter((row) => !row.protected)).toEqual([]);
  expect(failedChecks(json)).toEqual([]);
  expect(exitCode).toBe(0);
  expect(dirname(origin.path)).toBe(directory);
});
