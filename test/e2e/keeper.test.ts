import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { onCleanup } from "../support/scratch.ts";
import { createParties, type Document, letTimePass, letTimePassInSilence, type Party } from "./session-ground.ts";

const KEEPER = { env: { BULKHEAD_KEEPER: "1" } };

interface KeeperDocument {
  readonly running: boolean;
  readonly pid: number | null;
  readonly last_beat_at: string | null;
}

/** Waits until something holds. */
async function until<T>(look: () => T | false | null | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await setTimeout(50);
  }
}

/** Parties whose commands may start a keeper; it is ended after the test. */
function keptParties() {
  const ground = createParties();
  const { clone, a, b } = ground;
  onCleanup(() => void clone.bulkhead(["keeper", "stop"], KEEPER));
  const status = () => clone.bulkheadJson<KeeperDocument>(["keeper", "status"], KEEPER).json;
  const start = (party: Party, item: string) =>
    party.worktree.bulkheadJson<Document>(["start", item, "--pid", party.pid], KEEPER);
  const nudge = async () => {
    const { pid } = await until(() => (status().running ? status() : null));
    process.kill(Number(pid), "SIGUSR2");
  };
  const age = () =>
    clone.bulkheadJson<{ sessions: { heartbeat_age_seconds: number }[] }>(["sessions"]).json.sessions[0]
      ?.heartbeat_age_seconds;
  return { ...ground, a, b, status, start, nudge, age };
}

test("start brings up a keeper, which beats for every session of the clone and outlives the command", async () => {
  const { a, b, start, status, nudge, database, clone } = keptParties();
  start(a, "X-1");
  start(b, "Y-2");
  const { pid } = await until(() => (status().running ? status() : null));
  letTimePass(database, 100);
  await nudge();
  await until(() => status().last_beat_at);
  const { sessions } = clone.bulkheadJson<{ sessions: { heartbeat_age_seconds: number }[] }>(["sessions"]).json;
  expect(sessions.map((row) => row.heartbeat_age_seconds < 100)).toEqual([true, true]);
  expect(status().pid).toBe(pid);
});

test("a second keeper never runs, and a killed one is followed by the next command's", async () => {
  const { clone, a, start, status } = keptParties();
  start(a, "X-1");
  const { pid } = await until(() => (status().running ? status() : null));
  expect(clone.bulkheadJson<Document>(["keeper", "run"])).toMatchObject({
    exitCode: 1,
    json: { error: { code: "KEEPER_RUNNING", data: { pid } } },
  });
  process.kill(Number(pid), "SIGKILL");
  await until(() => !status().running);
  start(a, "X-1");
  expect((await until(() => (status().running ? status() : null))).pid).not.toBe(pid);
});

test("of many that start at once one keeps", async () => {
  const { clone, a, start } = keptParties();
  start(a, "X-1");
  clone.bulkhead(["keeper", "stop"], KEEPER);
  const racing = Array.from({ length: 6 }, () => clone.startBulkhead(["keeper", "run", "--json"], KEEPER));
  const losers = await Promise.all(
    racing.map(({ finished, child }) =>
      Promise.race([finished, setTimeout(8_000, null)]).then((end) => ({ end, child })),
    ),
  );
  expect(losers.filter(({ end }) => end === null)).toHaveLength(1);
  expect(losers.flatMap(({ end }) => (end === null ? [] : [end.exitCode]))).toEqual([1, 1, 1, 1, 1]);
  for (const { end, child } of losers) if (end === null) child.kill();
});

test("it ends sessions whose process is gone, and goes with the last one", async () => {
  const { clone, a, start, status, nudge } = keptParties();
  start(a, "X-1");
  await a.kill();
  await nudge();
  await until(() => !status().running);
  expect(clone.bulkheadJson(["sessions"]).json).toEqual({ sessions: [], overlaps: [] });
  expect(clone.bulkheadJson<{ events: Document[] }>(["events", "--type", "stale_cleanup"]).json.events).toMatchObject([
    { event_data: { sd_id: "X-1", reason: "process_exit" } },
  ]);
});

test("it beats for who names no process only when something was heard of them since", async () => {
  const { clone, a, b, start, nudge, database } = keptParties();
  start(a, "X-1");
  start(b, "Y-2");
  letTimePassInSilence(database, 299);
  await setTimeout(1_100);
  a.worktree.commit("work");
  await nudge();
  const items = () => clone.bulkheadJson<{ sessions: Document[] }>(["sessions"]).json.sessions.map((row) => row.sd_id);
  await until(() => items().length === 1);
  expect(items()).toEqual(["X-1"]);
});

test("keeper stop ends it and leaves sessions alone; without one all else works", async () => {
  const { clone, a, b, start, status } = keptParties();
  start(a, "X-1");
  await until(() => status().running);
  expect(clone.bulkheadJson(["keeper", "stop"], KEEPER)).toMatchObject({ exitCode: 0, json: { running: false } });
  expect(b.json("start", "X-1").exitCode).toBe(1);
  expect(a.json("status").json).toMatchObject({ sd_id: "X-1" });
  expect(status().running).toBe(false);
});

test("release --end of the last session ends the keeper", async () => {
  const { a, start, status } = keptParties();
  start(a, "X-1");
  await until(() => status().running);
  a.run("release", "--end");
  await until(() => !status().running);
});

test("it goes when its clone goes, and makes nothing of it anew", async () => {
  const { clone, a, start, status } = keptParties();
  start(a, "X-1");
  const { pid } = await until(() => (status().running ? status() : null));
  rmSync(join(clone.path, ".git"), { recursive: true, force: true, maxRetries: 5 });
  await until(() => !isRunning(Number(pid)));
  expect(existsSync(join(clone.path, ".git"))).toBe(false);
  expect(readdirSync(clone.path)).toContain("README.md");
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
