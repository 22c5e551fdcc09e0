import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ADVERSARIAL_BRANCHES, createGround } from "../support/repository.ts";
import { scratchDirectory } from "../support/scratch.ts";
import { createParties, type Document, letTimePassInSilence, Party } from "./session-ground.ts";

test("start claims the item and writes a session file that git ignores", () => {
  const { a, clone } = createParties();
  const { exitCode, json } = a.json("start", "X-1");
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({ sd_id: "X-1", claim_epoch: 1, new_claim: true, status: "active", on_base: false });
  expect(json).toMatchObject({
    current_branch: "feat/a",
    expected_branch: "feat/a",
    own: true,
    notes: [],
    warnings: [],
  });
  expect(a.file()).toMatchObject({
    session: "X-1",
    expectedBranch: "feat/a",
    repoRoot: clone.path,
    sdKey: "X-1",
    sessionId: json.session_id,
    claimEpoch: 1,
  });
  expect(a.worktree.git("status", "--porcelain")).toBe("");
});

test("the same owner and item again is nothing new", () => {
  const { a } = createParties();
  const first = a.json("start", "X-1");
  const file = a.file();
  const second = a.json("start", "X-1");
  expect(second).toMatchObject({ exitCode: 0, json: { new_claim: false, session_id: first.json.session_id } });
  expect(a.file()).toEqual(file);
  expect(a.worktree.bulkheadJson<Document>(["events"]).json.events).toHaveLength(2);
});

test("an item of a live session elsewhere is refused, and nothing changes", () => {
  const { a, b } = createParties();
  a.run("start", "X-1");
  const before = b.worktree.snapshot();
  const { exitCode, json } = b.json("start", "X-1");
  expect(exitCode).toBe(1);
  expect(json.error).toMatchObject({
    code: "GATE_MULTI_SESSION_CLAIM_CONFLICT",
    data: { sd_id: "X-1", current_branch: "feat/a", worktree: a.worktree.path },
  });
  expect(json.error?.message).toContain("X-1 is claimed by session session_");
  expect(b.worktree.snapshot()).toBe(before);
  expect(b.file()).toBeNull();
  expect((b.worktree.bulkheadJson<Document>(["sessions", "--all"]).json.sessions as unknown[]).length).toBe(1);
});

test("a refusal never shows the holder's full session id", () => {
  const { a, b } = createParties();
  const id = String(a.json("start", "X-1").json.session_id);
  for (const args of [["start", "X-1"], ["release", "X-1"], ["sessions"], ["events"]]) {
    const { stdout, stderr } = b.worktree.bulkhead([...args, "--json"]);
    expect(stdout + stderr).not.toContain(id);
    expect(stdout).toContain(id.slice(0, 16));
  }
});

test("a worktree of another live session is refused with the command for one's own", () => {
  const { a, clone } = createParties();
  a.run("start", "X-1");
  const file = a.file();
  const other = new Party(a.worktree);
  const refused = other.json("start", "Y-2");
  expect(refused.exitCode).toBe(1);
  expect(refused.json.error?.code).toBe("WORKTREE_IN_USE");
  expect(other.json("start", "X-1").json.error?.code).toBe("WORKTREE_IN_USE");
  expect(a.file()).toEqual(file);
  const command = String(refused.json.error?.data.worktree_command);
  clone.run("sh", ["-c", command]);
  expect(clone.at(join(clone.path, ".worktrees", "Y-2")).branch()).toBe("feat/Y-2");
  expect(clone.git("status", "--porcelain")).toBe("");
});

test("--share joins a worktree of another live session", () => {
  const { a } = createParties();
  a.run("start", "X-1");
  const other = new Party(a.worktree);
  expect(other.json("start", "Y-2", "--share")).toMatchObject({ exitCode: 0, json: { sd_id: "Y-2" } });
  expect(other.json("start", "Z-3")).toMatchObject({ exitCode: 0, json: { sd_id: "Z-3", switched_from: "Y-2" } });
  expect(other.json("start", "X-1", "--share").json.error?.code).toBe("GATE_MULTI_SESSION_CLAIM_CONFLICT");
});

test("a stale claim is taken over with a greater epoch, and its holder learns of it", () => {
  const { a, b, database } = createParties();
  a.run("start", "X-1");
  letTimePassInSilence(database, 280);
  expect(b.json("start", "X-1").exitCode).toBe(1);
  letTimePassInSilence(database, 20);
  expect(b.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { claim_epoch: 2, took_over: { own: false } } });
  expect(a.json("heartbeat").json.error?.code).toBe("SESSION_RELEASED");
});

test("the worktree that lost its claim takes no commits until its session claims again", () => {
  const { a, b, clone, database } = createParties();
  expect(clone.bulkhead(["init"]).exitCode).toBe(0);
  a.run("start", "X-1");
  letTimePassInSilence(database, 300);
  b.run("start", "X-1");
  expect(a.file()).toMatchObject({ claimLost: { by: expect.stringContaining("session session_") }, sdKey: "X-1" });
  a.worktree.write("work.txt", "work");
  a.worktree.git("add", "work.txt");
  const before = a.worktree.snapshot();
  const { exitCode, stderr } = a.worktree.tryGit(["commit", "-m", "late"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("took the claim of X-1 over");
  expect(stderr).toContain("is safe");
  expect(a.worktree.snapshot()).toBe(before);
  expect(a.run("start", "Y-2").exitCode).toBe(0);
  expect(a.file()).not.toHaveProperty("claimLost");
  expect(a.worktree.tryGit(["commit", "-q", "-m", "in time"]).exitCode).toBe(0);
});

test("a claim whose process is gone is taken over at once", async () => {
  const { a, b } = createParties();
  a.run("start", "X-1");
  await a.kill();
  expect(b.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { claim_epoch: 2 } });
});

test("one conversation stays one session when its process changes", async () => {
  const { a, b } = createParties();
  const first = a.json("start", "X-1", "--agent-session", "conversation-1");
  const resumed = new Party(a.worktree);
  const second = resumed.json("start", "X-1", "--agent-session", "conversation-1");
  expect(second.json).toMatchObject({ new_claim: false, session_id: first.json.session_id, pid: Number(resumed.pid) });
  await a.kill();
  expect(b.json("start", "X-1").exitCode).toBe(1);
});

test("the agent's environment names the conversation", () => {
  const { a } = createParties();
  const start = (id: string, item: string) =>
    a.worktree.bulkheadJson<Document>(["start", item, "--pid", a.pid], { env: { CLAUDE_CODE_SESSION_ID: id } });
  const first = start("one", "X-1");
  expect(start("one", "X-1").json.session_id).toBe(first.json.session_id);
  expect(start("two", "Y-2").json.error?.code).toBe("WORKTREE_IN_USE");
});

test("switching to another item frees the first", () => {
  const { a, b } = createParties();
  a.run("start", "X-1");
  expect(a.json("start", "Y-2").json).toMatchObject({ switched_from: "X-1", claim_epoch: 1 });
  expect(a.file()).toMatchObject({ sdKey: "Y-2", expectedBranch: "feat/a" });
  expect(b.json("start", "X-1").json).toMatchObject({ claim_epoch: 2 });
});

test("on the base branch it claims, warns and prints the worktree command", () => {
  const { clone } = createGround();
  const party = new Party(clone);
  const { exitCode, json } = party.json("start", "X-1");
  expect(exitCode).toBe(0);
  expect(json).toMatchObject({ on_base: true, expected_branch: "main" });
  expect(json.worktree_command).toMatch(/ worktree X-1 --start$/);
  expect(party.run("start", "X-1").stderr).toContain("on the base branch 'main'");
});

test("the worktree command takes the claim along, in one step of the epoch", () => {
  const { clone } = createGround();
  const party = new Party(clone);
  party.run("start", "X-1");
  const { exitCode, json } = party.json("worktree", "X-1", "--start");
  expect(exitCode).toBe(0);
  expect(json.started).toMatchObject({ sd_id: "X-1", claim_epoch: 2, current_branch: "feat/X-1", took_over: null });
  expect(party.file()).toBe(null);
  const { sessions } = clone.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json;
  expect(sessions.map((row) => [row.sd_id, row.worktree])).toEqual([["X-1", join(clone.path, ".worktrees", "X-1")]]);
});

test("in the main checkout a new claim expects the branch that it is on", () => {
  const { clone } = createGround();
  const party = new Party(clone);
  party.run("start", "X-1");
  clone.git("switch", "-q", "-c", "feat/next");
  expect(party.json("start", "Y-2").json.expected_branch).toBe("feat/next");
  expect(party.file()).toMatchObject({ session: "Y-2", expectedBranch: "feat/next" });
});

test("the claim that stands keeps its branch when HEAD was switched, and says so", () => {
  const { clone } = createGround();
  clone.git("switch", "-q", "-c", "feat/mine");
  const party = new Party(clone);
  party.run("start", "X-1");
  clone.git("switch", "-q", "main");
  const again = party.json("start", "X-1").json;
  expect(again).toMatchObject({ expected_branch: "feat/mine", current_branch: "main" });
  expect(String(again.warnings)).toContain("git switch feat/mine");
});

test("a linked worktree with a file keeps its branch, name and other keys, and gains the claim", () => {
  const { a } = createParties();
  const made = {
    session: "track-a",
    expectedBranch: "feat/other",
    createdAt: "2026-02-07T03:18:54.281Z",
    tool: { x: 1 },
  };
  a.worktree.write(
    ".session.json",
    JSON.stringify({ ...made, hostname: "h", repoRoot: "/r", claimLost: { by: "s", at: "t" } }),
  );
  const { json } = a.json("start", "X-1");
  expect(json).toMatchObject({ expected_branch: "feat/other", current_branch: "feat/a" });
  expect(a.file()).toMatchObject({ ...made, sdKey: "X-1", claimEpoch: 1 });
  expect(a.file()).not.toHaveProperty("claimLost");
});

test("a file that git clean took from a linked worktree comes back with its branch", () => {
  const { a } = createParties();
  a.run("start", "X-1");
  a.worktree.git("clean", "-qfdx");
  a.worktree.git("switch", "-q", "-c", "feat/elsewhere");
  expect(a.json("start", "X-1").json).toMatchObject({ new_claim: false, expected_branch: "feat/a" });
  expect(a.file()).toMatchObject({ expectedBranch: "feat/a", sdKey: "X-1" });
});

test("in the main checkout, too, a file that git clean took comes back with the claim's branch", () => {
  const { clone } = createGround();
  clone.git("switch", "-q", "-c", "feat/mine");
  const party = new Party(clone);
  party.run("start", "X-1");
  clone.git("clean", "-qfdx");
  clone.git("switch", "-q", "main");
  expect(party.json("start", "X-1").json).toMatchObject({ new_claim: false, expected_branch: "feat/mine" });
  expect(party.file()).toMatchObject({ expectedBranch: "feat/mine", sdKey: "X-1" });
});

test.each(ADVERSARIAL_BRANCHES.slice(0, 3))("the branch %s comes through whole", (name) => {
  const { clone } = createGround();
  clone.git("switch", "-q", "-c", name);
  const party = new Party(clone);
  expect(party.json("start", "X-1").json).toMatchObject({ expected_branch: name, current_branch: name });
  expect(party.file()).toMatchObject({ expectedBranch: name });
});

test("a worktree whose path has a space and a newline works", () => {
  const { clone } = createGround();
  const party = new Party(clone.addWorktree("odd \n name", "feat/odd"));
  expect(party.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { worktree: party.worktree.path } });
  expect(party.worktree.bulkhead(["sessions"]).stdout).toContain("odd ? name");
});

test("two starts at once on one item: exactly one wins", async () => {
  const { a, b } = createParties();
  const cli = (party: Party) => startInBackground(party, "X-1");
  const codes = await Promise.all([cli(a), cli(b)]);
  expect(codes.sort()).toEqual([0, 1]);
});

test("two starts at once in one worktree: exactly one wins", async () => {
  const { a } = createParties();
  const codes = await Promise.all([startInBackground(a, "X-1"), startInBackground(new Party(a.worktree), "Y-2")]);
  expect(codes.sort()).toEqual([0, 1]);
});

async function startInBackground(party: Party, item: string): Promise<number | null> {
  const { spawn } = await import("node:child_process");
  const cli = join(import.meta.dirname, "../../dist/cli.js");
  const args = [cli, "start", item, "--pid", party.pid];
  const child = spawn(process.execPath, args, { cwd: party.worktree.path, env: party.worktree.env, stdio: "ignore" });
  return new Promise((resolve) => child.on("close", resolve));
}

const BAD_INPUT: [string, string[], number, string][] = [
  ["an item with a slash", ["start", "a/b"], 2, "INVALID_WORK_ITEM"],
  ["no item", ["start"], 2, "USAGE"],
  ["an unknown flag", ["start", "X-1", "--nope"], 2, "USAGE"],
  ["a process that is none", ["start", "X-1", "--pid", "abc"], 2, "USAGE"],
  ["a process that is not there", ["start", "X-1", "--pid", "999999999"], 2, "PROCESS_NOT_FOUND"],
  ["an agent session with a space", ["start", "X-1", "--agent-session", "a b"], 2, "USAGE"],
  ["an expectation that is no branch name", ["expect", "a..b"], 2, "INVALID_BRANCH_NAME"],
  ["a session id that is none", ["heartbeat", "../x"], 2, "INVALID_SESSION_ID"],
  ["hours that are no number", ["events", "--hours", "soon"], 2, "USAGE"],
  ["an unknown database action", ["db", "drop"], 2, "USAGE"],
];

test.each(BAD_INPUT)("%s is one sentence and a next step, and changes nothing", (_, args, exitCode, code) => {
  const { clone } = createGround();
  const before = clone.snapshot();
  const { json, ...finished } = clone.bulkheadJson<Document>(args);
  expect(finished.exitCode).toBe(exitCode);
  expect(json.error?.code).toBe(code);
  expect(json.error?.message).toMatch(/^[^\n]+$/);
  expect(json.error?.hint).toMatch(/^[^\n]+$/);
  expect(clone.snapshot()).toBe(before);
});

const COMMANDS = [["start", "X-1"], ["sessions"], ["expect"]];

test.each(COMMANDS)("outside of a repository `%s` says so", (...args) => {
  const { clone } = createGround();
  const outside = clone.at(scratchDirectory());
  const { exitCode, json } = outside.bulkheadJson<Document>(args);
  expect([exitCode, json.error?.code]).toEqual([3, "NOT_A_REPOSITORY"]);
});

test.each(COMMANDS)("in a bare repository `%s` says so and makes nothing", (...args) => {
  const { origin } = createGround();
  const { exitCode, json } = origin.bulkheadJson<Document>(args);
  expect([exitCode, json.error?.code]).toEqual([3, "BARE_REPOSITORY"]);
  expect(existsSync(join(origin.path, "bulkhead"))).toBe(false);
});

test("an unborn branch is refused", () => {
  const { directory, clone } = createGround();
  mkdirSync(join(directory, "fresh"));
  const fresh = clone.at(join(directory, "fresh"));
  fresh.git("init", "-q", "-b", "main");
  const { exitCode, json } = fresh.bulkheadJson<Document>(["start", "X-1"]);
  expect([exitCode, json.error?.code]).toEqual([3, "UNBORN_BRANCH"]);
  expect(existsSync(join(fresh.path, ".session.json"))).toBe(false);
  expect(fresh.bulkheadJson<Document>(["sessions"]).json).toEqual({ sessions: [], overlaps: [] });
});

test("a detached HEAD is refused", () => {
  const { clone } = createGround();
  clone.git("checkout", "-q", "--detach");
  const before = clone.snapshot();
  const { exitCode, json } = clone.bulkheadJson<Document>(["start", "X-1"]);
  expect([exitCode, json.error?.code]).toEqual([1, "SESSION_NEEDS_BRANCH"]);
  expect(clone.snapshot()).toBe(before);
});

test.each(["{", '{"expectedBranch": 7}', ""])("a broken session file (%s) is refused and left as it is", (content) => {
  const { a } = createParties();
  a.worktree.write(".session.json", content);
  const { exitCode, json } = a.json("start", "X-1");
  expect([exitCode, json.error?.code]).toEqual([1, "EXPECTATION_INVALID"]);
  expect(a.worktree.read(".session.json")).toBe(content);
  expect(a.worktree.bulkheadJson<Document>(["sessions"]).json).toEqual({ sessions: [], overlaps: [] });
});

test("a file that cannot be written is said, and a second start finishes", () => {
  const { a } = createParties();
  const excluded = a.worktree.git("rev-parse", "--path-format=absolute", "--git-path", "info/exclude");
  a.worktree.run("rm", ["-f", excluded]);
  mkdirSync(excluded, { recursive: true });
  const { exitCode, json } = a.json("start", "X-1");
  expect([exitCode, json.error?.code]).toEqual([4, "SESSION_FILE_NOT_WRITTEN"]);
  a.worktree.run("rmdir", [excluded]);
  expect(a.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { new_claim: false } });
  expect(a.file()).toMatchObject({ sdKey: "X-1" });
});
