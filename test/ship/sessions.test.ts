import { expect, test } from "vitest";
import { createShipGround, runShip, type ShipGround } from "../support/github/ship-ground.ts";

/** A session of this worktree, kept alive by the test's own process. */
async function start(ground: ShipGround, agentSession: string): Promise<void> {
  const args = ["start", "T-1", "--agent-session", agentSession, "--pid", String(process.pid)];
  const { exitCode, stderr } = await ground.work.startBulkhead(args).finished;
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
}

test("a session's claim is confirmed in the store, and the merge is in its log", async () => {
  const ground = await createShipGround();
  await start(ground, "agent-1");
  const { exitCode, json } = await runShip(ground, ground.work);
  expect([exitCode, json.claim.state]).toEqual([0, "ours"]);
  const { stdout } = await ground.work.startBulkhead(["events", "--json"]).finished;
  expect(stdout).toContain('"shipped"');
  expect(stdout).toContain(json.merge.sha);
});

test("a claim that the store gives to someone else is lost, whatever the file says", async () => {
  const ground = await createShipGround();
  await start(ground, "agent-1");
  const file = ground.work.read(".session.json");
  const released = await ground.work.startBulkhead(["release", "T-1", "--agent-session", "agent-1"]).finished;
  expect(released.exitCode).toBe(0);
  ground.work.write(".session.json", file);
  const { exitCode, json } = await runShip(ground, ground.work);
  expect([exitCode, json.error?.code, ground.pull.state]).toEqual([1, "CLAIM_LOST", "open"]);
});

test.each([
  ["in the main checkout", "main"],
  ["nowhere", "elsewhere"],
])("the armed guard lets a protected base follow that is checked out %s", async (_, branch) => {
  const ground = await createShipGround();
  if (branch !== "main") ground.clone.git("switch", "-q", "-c", branch);
  ground.clone.git("config", "bulkhead.protect", "main");
  const init = await ground.clone.startBulkhead(["init"]).finished;
  expect([init.exitCode, init.stderr]).toEqual([0, expect.any(String)]);
  await start(ground, "agent-1");
  const { exitCode, json } = await runShip(ground, ground.work);
  expect([exitCode, json.sync.state, json.cleanup.remote_branch?.state]).toEqual([0, "updated", "done"]);
  expect(ground.clone.git("rev-parse", "refs/heads/main")).toBe(json.merge.sha);
  expect(ground.clone.branch()).toBe(branch);
});
