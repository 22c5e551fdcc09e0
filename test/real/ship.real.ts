/**
 * The scenarios of `test/ship` that GitHub itself can be asked for, against a real repository:
 *
 *     BULKHEAD_TEST_GITHUB=owner/repo GITHUB_TOKEN=… npm run test:github
 *
 * Everything happens on branches below `bulkhead-test/`, into a base that is made for it; they are deleted at the end.
 * The token needs to write contents and pull requests. Without a token in the environment `gh auth token` is asked.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testEnvironment } from "../support/environment.ts";
import { type Finished, TestRepository } from "../support/repository.ts";
import { scratchDirectory } from "../support/scratch.ts";

const REPOSITORY = process.env.BULKHEAD_TEST_GITHUB ?? "";
if (!/^[\w.-]+\/[\w.-]+$/.test(REPOSITORY)) {
  throw new Error("Name a repository that may be written to: BULKHEAD_TEST_GITHUB=owner/repo npm run test:github");
}
const TOKEN = process.env.GITHUB_TOKEN ?? execFileSync("gh", ["auth", "token"], { encoding: "utf8" }).trim();
const PREFIX = `bulkhead-test/${Date.now().toString(36)}`;
const BASE = `${PREFIX}/base`;

/** A clone with a base of this run's own. A test's scratch goes with the test, so it is made in each. */
function createClone(): TestRepository {
  const directory = scratchDirectory();
  const home = join(directory, "home");
  mkdirSync(home);
  const env = { ...testEnvironment(home), GITHUB_TOKEN: TOKEN };
  const helper = '!f() { echo username=x-access-token; echo "password=$GITHUB_TOKEN"; }; f';
  appendFileSync(join(home, ".gitconfig"), `[credential "https://github.com"]\n\thelper = ${JSON.stringify(helper)}\n`);
  const top = new TestRepository(directory, env);
  top.git("clone", "-q", `https://github.com/${REPOSITORY}.git`, "clone");
  const clone = top.at(join(directory, "clone"));
  clone.git("config", "bulkhead.base", BASE);
  return clone;
}

/** A branch off the base with one commit, in a worktree of its own. */
function createWork(clone: TestRepository, name: string, files: Record<string, string>): TestRepository {
  clone.git("fetch", "-q", "origin", `refs/heads/${BASE}:refs/remotes/origin/${BASE}`);
  const work = clone.addWorktree(`work-${name}`, `${PREFIX}/${name}`, `refs/remotes/origin/${BASE}`);
  work.commit(name, files);
  return work;
}

interface Answer {
  readonly exitCode: number | null;
  readonly json: {
    readonly pr?: { readonly number: number };
    readonly merge?: { readonly state: string; readonly sha: string; readonly before: boolean };
    readonly cleanup?: { readonly remote_branch: { readonly state: string; readonly detail: string } | null };
    readonly revert?: { readonly number: number };
    readonly error?: { readonly code: string; readonly message: string; readonly data: Record<string, unknown> };
  };
}

function ship(at: TestRepository, ...words: string[]): Answer {
  const { exitCode, stdout }: Finished = at.bulkhead(["ship", ...words, "--json"]);
  return { exitCode, json: JSON.parse(stdout) as Answer["json"] };
}

const remoteTip = (at: TestRepository, branch: string) => at.git("ls-remote", "origin", `refs/heads/${branch}`);

beforeAll(() => {
  const clone = createClone();
  clone.git("push", "-q", "origin", `HEAD:refs/heads/${BASE}`);
});

afterAll(() => {
  const clone = createClone();
  const lines = clone
    .git("ls-remote", "origin", `refs/heads/${PREFIX}/*`, `refs/heads/revert-*${PREFIX}/*`)
    .split("\n");
  const refs = lines.flatMap((line) => line.split("\t")[1] ?? []);
  if (refs.length > 0) clone.git("push", "-q", "origin", ...refs.map((ref) => `:${ref}`));
});

test("a pull request is opened, merged pinned to its head, proven, and its branch deleted; again it merges nothing", () => {
  const clone = createClone();
  const work = createWork(clone, "one", { "bulkhead-test/one.txt": "one\n" });
  const { exitCode, json } = ship(work, "--create", "--wait", "5m");
  expect([exitCode, json.merge?.state, json.merge?.before]).toEqual([0, "merged", false]);
  expect(remoteTip(clone, BASE)).toContain(json.merge?.sha);
  expect(remoteTip(clone, `${PREFIX}/one`)).toBe("");
  const again = ship(work);
  expect([again.exitCode, again.json.merge?.before, again.json.cleanup?.remote_branch?.detail]).toEqual([
    0,
    true,
    "was already gone",
  ]);
});

test("what is only here is refused, and pushed with --push", () => {
  const clone = createClone();
  const work = createWork(clone, "two", { "bulkhead-test/two.txt": "two\n" });
  const { json } = ship(work, "--create", "--draft");
  expect(json.error).toBeUndefined();
  expect(ship(work).json.error?.code).toBe("SHIP_DRAFT");
  work.commit("more", { "bulkhead-test/more.txt": "more\n" });
  expect(["SHIP_DRAFT", "SHIP_NOT_PUSHED"]).toContain(ship(work).json.error?.code);
});

test("a conflict is told with its files, and nothing is merged", () => {
  const clone = createClone();
  const left = createWork(clone, "left", { "bulkhead-test/same.txt": "left\n" });
  const right = createWork(clone, "right", { "bulkhead-test/same.txt": "right\n" });
  expect(ship(right, "--create", "--draft").json.error).toBeUndefined();
  expect(ship(left, "--create", "--wait", "5m").exitCode).toBe(0);
  const { exitCode, json } = ship(right, "--create");
  expect([exitCode, json.error?.code]).toEqual([1, expect.stringMatching(/^SHIP_(CONFLICTS|DRAFT)$/)]);
});

test("pull requests that stand on a merged branch are moved before it is deleted", () => {
  const clone = createClone();
  const below = createWork(clone, "below", { "bulkhead-test/below.txt": "below\n" });
  const first = ship(below, "--create", "--draft");
  expect(first.json.error).toBeUndefined();
  const above = clone.addWorktree("work-above", `${PREFIX}/above`, `${PREFIX}/below`);
  above.commit("above", { "bulkhead-test/above.txt": "above\n" });
  above.git("config", "bulkhead.base", `${PREFIX}/below`);
  expect(ship(above, "--create", "--draft").json.error).toBeUndefined();
});

test("a ship is taken back by a pull request that reverts it, with its branch", () => {
  const clone = createClone();
  const work = createWork(clone, "undo", { "bulkhead-test/undo.txt": "undo\n" });
  const { json } = ship(work, "--create", "--wait", "5m");
  const undone = ship(work, "--undo", String(json.pr?.number));
  expect([undone.exitCode, (undone.json.revert?.number ?? 0) > 0]).toEqual([0, true]);
  expect(remoteTip(clone, `${PREFIX}/undo`)).not.toBe("");
});
