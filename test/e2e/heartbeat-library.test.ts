import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { SqliteConnection } from "../../src/store/sqlite/connection.ts";
import { createParties, letTimePass } from "./session-ground.ts";

const LIBRARY = JSON.stringify(fileURLToPath(new URL("../../dist/heartbeat.js", import.meta.url)));

/** Runs a program in a worktree with the built library as `hb` and the session as `id`; it prints one JSON document. */
async function inProgram(cwd: string, env: NodeJS.ProcessEnv, id: string, body: string, load = "require") {
  const library = load === "require" ? `const hb = require(${LIBRARY});` : `const hb = await import(${LIBRARY});`;
  const program = `${library} const id = process.argv[1]; const print = (v) => console.log(JSON.stringify(v)); ${body}`;
  const kind = load === "require" ? "commonjs" : "module";
  const args = ["--no-warnings", `--input-type=${kind}`, "-e", program, id];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd, env });
  return { document: JSON.parse(stdout) as Record<string, unknown>, stderr };
}

/** Waits until what the library tells of itself is so. */
const UNTIL = `const until = async (so) => { while (!so(hb.getHeartbeatStats())) await new Promise(setImmediate); };`;

function begin() {
  const parties = createParties();
  const id = String(parties.a.json("start", "X-1").json.session_id);
  const { path, env } = parties.a.worktree;
  return { ...parties, id, run: (body: string, load?: string) => inProgram(path, env, id, body, load) };
}

test.each(["require", "import"])("a heartbeat starts, beats at once and stops (%s)", async (load) => {
  const { run, id, a, database } = begin();
  letTimePass(database, 200);
  const { document } = await run(
    `${UNTIL} (async () => {
      const first = hb.startHeartbeat(id), second = hb.startHeartbeat(id);
      await until((s) => s.totalHeartbeats === 1);
      const stats = hb.getHeartbeatStats(), active = hb.isHeartbeatActive();
      const stopped = hb.stopHeartbeat();
      print({ first, second, stats, active, stopped, after: hb.isHeartbeatActive() });
    })();`,
    load,
  );
  expect(document).toMatchObject({
    first: { success: true },
    second: { success: false, error: "already running" },
    stats: { isActive: true, sessionId: id, interval: 30_000, consecutiveFailures: 0, healthy: true },
    active: true,
    stopped: { success: true },
    after: false,
  });
  expect(a.json("status").json).toMatchObject({ session: { health_status: "Healthy" } });
});

test("forceHeartbeat beats once, with the branch of the session's own worktree", async () => {
  const { id, b, database } = begin();
  letTimePass(database, 200);
  const { path, env } = b.worktree;
  const { document } = await inProgram(path, env, id, "hb.forceHeartbeat(id).then(print);");
  expect(document).toMatchObject({ success: true, sessionId: id, current_branch: "feat/a" });
});

test("what hooks noted is filed under this repository when the library beats, also without git", async () => {
  const { id, a, database } = begin();
  const { path, env } = a.worktree;
  const repositories = () => {
    const connection = SqliteConnection.open(database);
    const rows = connection.all("SELECT DISTINCT repository FROM session_lifecycle_events");
    connection.close();
    return rows;
  };
  const own = repositories();
  expect(own).toMatchObject([{ repository: expect.stringMatching(/./) }]);
  const skipping = () => {
    a.worktree.run("git", ["switch", "-q", "-c", `astray-${Math.random()}`]);
    a.worktree.run("git", ["commit", "-q", "--allow-empty", "-m", "x"], { env: { SKIP_BRANCH_GUARD: "1" } });
  };
  const bypasses = () => {
    const { events } = a.worktree.bulkheadJson<{ events: unknown[] }>(["events", "--type", "guard_bypassed"]).json;
    return events.length;
  };
  a.worktree.bulkhead(["init", "--no-scripts"]);
  skipping();
  await inProgram(path, env, id, "hb.forceHeartbeat(id).then(print);");
  skipping();
  const beaten = await inProgram(path, { ...env, PATH: "/nowhere" }, id, "hb.forceHeartbeat(id).then(print);");
  expect(beaten.document).toMatchObject({ success: true });
  expect(bypasses()).toBeGreaterThan(0);
  expect(repositories()).toEqual(own);
});

test("forceHeartbeat tells a session that is not there, and none at all", async () => {
  const { run } = begin();
  const { document } = await run(
    `Promise.all([hb.forceHeartbeat("session_nobody"), hb.forceHeartbeat(), hb.forceHeartbeat("../x")]).then((all) => print({ all }));`,
  );
  expect(document.all).toMatchObject([
    { success: false, error: "session_not_found" },
    { success: false, error: "no session" },
    { success: false, error: expect.stringContaining("not a session id") },
  ]);
});

test("a heartbeat stops itself after three failures in a row and says why", async () => {
  const { run } = begin();
  const { document, stderr } = await run(
    `${UNTIL} (async () => {
      hb.startHeartbeat("session_nobody", { interval: 1 });
      await until((s) => !s.isActive);
      print(hb.getHeartbeatStats());
    })();`,
  );
  expect(document).toMatchObject({ isActive: false, healthy: false, lastError: "session_not_found" });
  expect(document.stoppedBecause).toBe("3 heartbeats in a row failed: session_not_found");
  expect(stderr).toContain("the heartbeat stopped: 3 heartbeats in a row failed");
});

test("a heartbeat of a session that has ended stops at once and revives nothing", async () => {
  const { run, a } = begin();
  a.run("release", "--end");
  const { document } = await run(
    `${UNTIL} (async () => {
      hb.startHeartbeat(id);
      await until((s) => !s.isActive);
      print(hb.getHeartbeatStats());
    })();`,
  );
  expect(document.stoppedBecause).toBe("the session has ended (graceful_exit)");
  expect(a.worktree.bulkheadJson(["sessions"]).json).toEqual({ sessions: [], overlaps: [] });
});

test("a heartbeat works where git cannot be started", async () => {
  const { a, id } = begin();
  const { document } = await inProgram(a.worktree.path, { PATH: "" }, id, "hb.forceHeartbeat(id).then(print);");
  expect(document).toMatchObject({ success: true, current_branch: "feat/a" });
});

test("a running heartbeat does not keep its program alive", async () => {
  const { run } = begin();
  const { document } = await run("print(hb.startHeartbeat(id));");
  expect(document).toMatchObject({ success: true });
});
