import { expect, test } from "vitest";
import { createParties, type Document, letTimePass, letTimePassInSilence, Party } from "./session-ground.ts";

test("whose process runs on this machine keeps the claim, however old its heartbeat, and is beaten for", () => {
  const { clone, a, b, database } = createParties();
  a.run("start", "X-1");
  letTimePass(database, 3600);
  expect(b.json("start", "X-1")).toMatchObject({
    exitCode: 1,
    json: { error: { code: "GATE_MULTI_SESSION_CLAIM_CONFLICT", data: { life_signal: "process" } } },
  });
  const [row] = clone.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json.sessions;
  expect(row).toMatchObject({ sd_id: "X-1", computed_status: "active" });
  expect(Number(row?.heartbeat_age_seconds)).toBeLessThan(300);
});

test("whose process is proven gone is taken over at once, a commit a moment ago or not", async () => {
  const { a, b } = createParties();
  a.run("start", "X-1");
  a.worktree.commit("work");
  await a.kill();
  expect(b.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { took_over_because: "process_gone" } });
});

test("whoever commits keeps the claim without any process that could be found", () => {
  const { clone, a, b, database } = createParties();
  a.run("start", "X-1");
  letTimePassInSilence(database, 3600);
  a.worktree.commit("work");
  const sessions = () => clone.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json.sessions;
  expect(sessions()).toMatchObject([{ life: "alive", life_signal: "guard", health_status: "Healthy" }]);
  expect(clone.bulkhead(["sessions"]).stdout).toContain("alive: guard");
  expect(b.json("start", "X-1").exitCode).toBe(1);
  expect(clone.bulkheadJson<Document>(["cleanup"]).json).toMatchObject({ stale_cleanup: 0 });
  expect(a.json("status").json).toMatchObject({ sd_id: "X-1" });
});

test("what happened in the worktree before the session began is no sign of its life", () => {
  const { a, b, database } = createParties();
  a.worktree.commit("earlier work");
  a.run("start", "X-1");
  letTimePassInSilence(database, 300);
  expect(b.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { took_over_because: "stale" } });
});

test("sessions says which sign it went by, and that a beat is missing", () => {
  const { clone, a, database } = createParties();
  a.run("start", "X-1");
  letTimePass(database, 360);
  const { sessions } = clone.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json;
  expect(sessions).toMatchObject([{ life_human: "alive: process, last beat 6m ago", health_status: "Warning" }]);
  expect(clone.bulkhead(["sessions"]).stdout).toContain("alive: process, last beat 6m ago");
});

test("a refusal names the branch that the holder's worktree is on now", () => {
  const { a, b } = createParties();
  a.run("start", "X-1");
  a.worktree.git("switch", "-q", "-c", "feat/strayed");
  expect(b.json("start", "X-1").json.error?.data).toMatchObject({ current_branch: "feat/strayed" });
});

test("after a take-over one worktree has the item, also where the first claim had ended before", async () => {
  const { clone, a, b } = createParties();
  a.run("start", "X-1");
  await a.kill();
  clone.bulkhead(["cleanup"]);
  b.run("start", "X-1");
  expect(a.file()).toMatchObject({ claimLost: { by: expect.stringContaining("session session_") } });
  const { worktrees } = clone.bulkheadJson<{ worktrees: Document[] }>(["worktree", "--list"]).json;
  expect(worktrees.filter(({ sdKey }) => sdKey === "X-1").map(({ path }) => path)).toEqual([b.worktree.path]);
  expect(new Party(a.worktree).run("start", "Z-9").exitCode).toBe(0);
  expect(a.file()).not.toHaveProperty("claimLost");
});
