import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendEvent } from "../../src/layout/event-spool.ts";
import { createGround } from "../support/repository.ts";
import { createParties, type Document, letTimePass, letTimePassInSilence, Party } from "./session-ground.ts";

test("release frees the item and keeps the file's branch; twice is no error", () => {
  const { a, b } = createParties();
  a.run("start", "X-1");
  expect(a.json("release")).toMatchObject({ exitCode: 0, json: { released_sd: "X-1", status: "idle", ended: false } });
  expect(a.file()).toMatchObject({ expectedBranch: "feat/a" });
  expect(a.file()).not.toHaveProperty("sdKey");
  expect(a.file()).not.toHaveProperty("claimEpoch");
  expect(a.json("release")).toMatchObject({ exitCode: 0, json: { released_sd: null } });
  expect(b.json("start", "X-1").json).toMatchObject({ claim_epoch: 2 });
});

test("release --end drops the file in the main checkout and its traces", () => {
  const { clone } = createGround();
  const party = new Party(clone);
  party.run("start", "X-1");
  expect(party.json("release", "--end").json).toMatchObject({
    ended: true,
    session_file: "removed",
    reason: "graceful_exit",
  });
  expect(party.file()).toBeNull();
  expect(existsSync(join(clone.path, ".git", "bulkhead-worktree", "session.json"))).toBe(false);
  expect(clone.bulkheadJson<Document>(["sessions"]).json).toEqual({ sessions: [], overlaps: [] });
});

test("release --end keeps the file of a linked worktree, without the session", () => {
  const { a } = createParties();
  a.run("start", "X-1");
  a.run("release", "--end");
  expect(a.file()).toMatchObject({ session: "X-1", expectedBranch: "feat/a" });
  expect(a.file()).not.toHaveProperty("sessionId");
});

test("release --end leaves the file of the main checkout to another session that works there", () => {
  const { clone } = createGround();
  const [first, second] = [new Party(clone), new Party(clone)];
  second.run("start", "Y-2");
  first.run("start", "X-1", "--share");
  expect(first.json("release", "--end").json).toMatchObject({ ended: true, session_file: "kept" });
  expect(second.file()).toMatchObject({ expectedBranch: "main" });
});

test("another live session's item is released by --force only", () => {
  const { a, b } = createParties();
  a.run("start", "X-1");
  expect(b.json("release", "X-1")).toMatchObject({ exitCode: 1, json: { error: { code: "CLAIM_HELD_BY_OTHER" } } });
  expect(a.json("status").json).toMatchObject({ sd_id: "X-1" });
  expect(b.json("release", "X-1", "--force").json).toMatchObject({
    released_sd: "X-1",
    reason: "manual",
    status: "idle",
  });
  expect(a.json("heartbeat").exitCode).toBe(0);
});

test("a person at the worktree of an agent's session speaks for that session", () => {
  const { a } = createParties();
  a.run("start", "X-1", "--agent-session", "conversation-1");
  expect(a.worktree.bulkheadJson<Document>(["release"]).json).toMatchObject({ released_sd: "X-1" });
});

test("a session that was taken over puts its file right with release --end", () => {
  const { clone, a, database } = createParties();
  const party = new Party(clone);
  party.run("start", "X-1");
  letTimePassInSilence(database, 300);
  a.run("start", "X-1");
  expect(party.json("release", "--end").json).toMatchObject({ released_sd: null, session_file: "removed" });
  expect(a.json("status").json).toMatchObject({ sd_id: "X-1" });
});

test("sessions tells who is at work, and flags what is off", async () => {
  const { clone, a, b } = createParties();
  a.run("start", "X-1");
  b.run("start", "Y-2");
  new Party(clone).run("start", "Z-3");
  b.worktree.git("switch", "-q", "--detach");
  a.worktree.git("switch", "-q", "-c", "feat/strayed");
  await b.kill();
  const { sessions } = clone.bulkheadJson<{ sessions: Record<string, unknown>[] }>(["sessions"]).json;
  expect(
    sessions.map(({ sd_id, current_branch, expected_branch, flags }) => [
      sd_id,
      current_branch,
      expected_branch,
      flags,
    ]),
  ).toEqual([
    ["X-1", "feat/strayed", "feat/a", ["branch_mismatch"]],
    ["Y-2", null, "feat/b", ["branch_mismatch", "branch_unknown", "process_gone"]],
    ["Z-3", "main", "main", []],
  ]);
  expect(sessions[0]).toMatchObject({ computed_status: "active", health_status: "Healthy", worktree: a.worktree.path });
  const { stdout } = clone.bulkhead(["sessions"]);
  expect(stdout).toMatch(/X-1\s+feat\/strayed\s+\d+s ago\s+Healthy\s+active/);
  expect(stdout).toContain("not on the expected 'feat/a'");
});

test("several live sessions on one branch are flagged", () => {
  const { clone } = createGround();
  new Party(clone).run("start", "X-1");
  new Party(clone).run("start", "Y-2", "--share");
  const { sessions } = clone.bulkheadJson<{ sessions: Record<string, unknown>[] }>(["sessions"]).json;
  expect(sessions.map(({ flags }) => flags)).toEqual([["shared_branch"], ["shared_branch"]]);
});

test("concurrent names the session in the way, and who was second is to move", () => {
  const { clone, a } = createParties();
  const first = new Party(clone);
  first.run("start", "X-1");
  a.run("start", "Y-2");
  expect(a.json("concurrent").json).toMatchObject({ concurrent: [{ sd_id: "X-1" }], should_move: true, base: "main" });
  expect(first.json("concurrent").json).toMatchObject({ concurrent: [{ sd_id: "Y-2" }], should_move: false });
});

test("cleanup ends what is stale or gone, and spares the rest", async () => {
  const { clone, a, b, database } = createParties();
  a.run("start", "X-1");
  letTimePassInSilence(database, 300);
  b.run("start", "Y-2");
  const alive = new Party(clone);
  alive.run("start", "Z-3");
  await b.kill();
  expect(clone.bulkheadJson<Document>(["cleanup"]).json).toMatchObject({ process_exit: 1, stale_cleanup: 1 });
  expect(clone.bulkheadJson<Document>(["sessions"]).json.sessions).toMatchObject([{ sd_id: "Z-3" }]);
});

test("a heartbeat reports the worktree's branch, and null when detached", () => {
  const { a, database } = createParties();
  a.run("start", "X-1");
  letTimePass(database, 200);
  a.worktree.git("switch", "-q", "-c", "feat/next");
  expect(a.json("heartbeat").json).toMatchObject({ success: true, current_branch: "feat/next", sd_id: "X-1" });
  expect(a.json("status").json).toMatchObject({ session: { health_status: "Healthy" } });
  a.worktree.git("switch", "-q", "--detach");
  expect(a.json("heartbeat").json).toMatchObject({ current_branch: null });
});

test("a worktree without a session has no heartbeat to send", () => {
  const { a } = createParties();
  expect(a.json("heartbeat")).toMatchObject({ exitCode: 1, json: { error: { code: "NO_SESSION" } } });
});

test("expect shows the expectation, and changes it after a branch was renamed", () => {
  const { a } = createParties();
  a.run("start", "X-1");
  // A rename made where no log tells of it is not followed.
  a.worktree.git("-c", "core.logAllRefUpdates=false", "branch", "-m", "feat/renamed");
  rmSync(join(a.worktree.git("rev-parse", "--absolute-git-dir"), "logs"), { recursive: true, force: true });
  const shown = a.worktree.bulkheadJson<Document>(["expect"]).json;
  expect(shown).toMatchObject({ expected_branch: "feat/a", current_branch: "feat/renamed", agrees: false });
  expect(a.worktree.bulkheadJson<Document>(["expect", "feat/renamed"]).json).toMatchObject({ agrees: true });
  expect(a.file()).toMatchObject({ expectedBranch: "feat/renamed", sdKey: "X-1", claimEpoch: 1 });
});

test("expect refuses a branch that is not there and changes nothing", () => {
  const { a } = createParties();
  a.run("start", "X-1");
  const file = a.file();
  const { exitCode, json } = a.worktree.bulkheadJson<Document>(["expect", "feat/typo"]);
  expect([exitCode, json.error?.code]).toEqual([2, "NO_SUCH_BRANCH"]);
  expect(a.file()).toEqual(file);
});

test("expect writes a broken file anew and keeps the broken one", () => {
  const { a, clone } = createParties();
  a.worktree.write(".session.json", "{ half");
  expect(a.worktree.bulkheadJson<Document>(["expect"]).json.error?.code).toBe("EXPECTATION_INVALID");
  expect(a.worktree.bulkhead(["expect", "feat/a"]).exitCode).toBe(0);
  expect(a.file()).toMatchObject({ expectedBranch: "feat/a" });
  expect(clone.read(".git/worktrees/a/bulkhead-worktree/session.json.broken")).toBe("{ half");
});

test("events that hooks noted come into the log once", () => {
  const { a, clone } = createParties();
  const { session_id } = a.json("start", "X-1").json;
  const data = { who: "Ada" };
  const at = new Date().toISOString();
  appendEvent(join(clone.path, ".git"), { type: "guard_bypassed", at, worktree: a.worktree.path, data });
  const read = () =>
    a.json("status") && clone.bulkheadJson<Document>(["events", "--type", "guard_bypassed"]).json.events;
  const expected = [
    {
      event_type: "guard_bypassed",
      event_data: data,
      session_id: `${String(session_id).slice(0, 16)}…`,
      occurred_at: at,
    },
  ];
  expect(read()).toEqual(expected);
  expect(read()).toEqual(expected);
});

test("events can be narrowed to one session by the short id that others see", () => {
  const { a, b, clone } = createParties();
  a.run("start", "X-1");
  b.run("start", "Y-2");
  const { sessions } = clone.bulkheadJson<{ sessions: { session_id: string }[] }>(["sessions"]).json;
  const { events } = clone.bulkheadJson<{ events: { event_type: string }[] }>([
    "events",
    "--session",
    sessions[0]?.session_id ?? "",
  ]).json;
  expect(events.map(({ event_type }) => event_type)).toEqual(["claimed", "created"]);
});

test("metrics has its fields also when nothing has happened", () => {
  const { clone } = createGround();
  expect(clone.bulkheadJson<Document>(["metrics"]).json).toEqual({
    total_sessions: 0,
    active_sessions: 0,
    stale_sessions: 0,
    avg_heartbeat_age: null,
    graceful_exits: 0,
    stale_cleanups: 0,
    terminal_replacements: 0,
  });
});

test("db status makes no database, db migrate does, for the owner alone", () => {
  const { clone } = createGround();
  const database = join(clone.path, ".git", "bulkhead", "bulkhead.db");
  expect(clone.bulkheadJson<Document>(["db", "status"]).json).toMatchObject({ exists: false, store: "sqlite" });
  expect(existsSync(database)).toBe(false);
  expect(clone.bulkheadJson<Document>(["db", "migrate"]).json.applied).toContain("0001_sessions");
  expect(clone.bulkheadJson<Document>(["db", "migrate"]).json.applied).toEqual([]);
  expect(statSync(database).mode & 0o777).toBe(0o600);
});

test("a database that is none is a failure that says so, and stays", () => {
  const { a, clone } = createParties();
  clone.write(".git/bulkhead/bulkhead.db", "no database ".repeat(500));
  const { exitCode, json } = a.json("start", "X-1");
  expect([exitCode, json.error?.code]).toEqual([3, "STORE_FAILED"]);
  expect(a.file()).toBeNull();
  expect(clone.read(".git/bulkhead/bulkhead.db")).toContain("no database");
});

test("another live session of the same worktree is released by --force only", () => {
  const { a } = createParties();
  a.run("start", "X-1");
  const other = new Party(a.worktree);
  const file = a.file();
  for (const args of [["release"], ["release", "X-1"], ["release", "--end"]]) {
    expect(other.json(...args)).toMatchObject({ exitCode: 1, json: { error: { code: "CLAIM_HELD_BY_OTHER" } } });
  }
  expect(a.file()).toEqual(file);
  expect(other.json("release", "--force").json).toMatchObject({ released_sd: "X-1" });
});
