import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { onCleanup } from "../support/scratch.ts";
import { createTeamDatabase, databaseUrl, type TeamDatabase } from "../support/team-database.ts";
import { createParties, type Document, Party } from "./session-ground.ts";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function teamDatabase(): Promise<TeamDatabase> {
  const database = await createTeamDatabase(server);
  onCleanup(() => database.sql.end());
  return database;
}

/** Two parties in one clone and one in another clone of the same origin, which share a team's database. */
async function createTeam() {
  const team = await teamDatabase();
  const parties = createParties();
  parties.env.BULKHEAD_DATABASE_URL = team.url;
  const second = parties.clone.at(join(parties.directory, "second"));
  parties.clone.git("clone", "-q", parties.origin.path, second.path);
  second.git("checkout", "-q", "-b", "feat/c");
  return { ...parties, team, c: new Party(second) };
}

/** What a command that speaks for nobody says in a party's worktree. */
function look(party: Party, ...args: string[]) {
  return party.worktree.bulkheadJson<Document>(args);
}

test("two clones share claims: one holds an item, the other is refused, and both see who is at work", async () => {
  const { a, b, c, database } = await createTeam();
  expect(a.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { sd_id: "X-1", claim_epoch: 1 } });
  for (const party of [b, c]) {
    expect(party.json("start", "X-1")).toMatchObject({
      exitCode: 1,
      json: { error: { code: "GATE_MULTI_SESSION_CLAIM_CONFLICT" } },
    });
  }
  expect(c.json("start", "X-2").exitCode).toBe(0);
  const rows = look(b, "sessions").json.sessions as Document[];
  expect(rows.map((row) => [row.sd_id, row.current_branch])).toEqual([
    ["X-1", "feat/a"],
    ["X-2", "feat/c"],
  ]);
  expect(a.json("release")).toMatchObject({ exitCode: 0, json: { released_sd: "X-1" } });
  expect(c.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { claim_epoch: 2, switched_from: "X-2" } });
  expect(existsSync(database)).toBe(false);
});

test("a claim that went stale is taken over from another clone, and its holder learns of it", async () => {
  const { a, c, team } = await createTeam();
  a.json("start", "X-1");
  await team.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '301 s', machine_id = 'elsewhere', pid = NULL`;
  expect(c.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { claim_epoch: 2 } });
  const events = look(c, "events").json.events as Document[];
  expect(events.map((event) => event.event_type)).toEqual(
    expect.arrayContaining(["claimed", "stale_detected", "stale_cleanup"]),
  );
});

test("a base that is frozen from one clone is frozen for every clone that shares the team's database", async () => {
  const { a, c } = await createTeam();
  expect(look(a, "ship", "freeze", "--reason", "release", "--until", "2h")).toMatchObject({
    exitCode: 0,
    json: { base: "main", team: true, freeze: { reason: "release", until: expect.any(String) } },
  });
  expect(look(c, "ship", "status").json).toMatchObject({
    bases: [{ base: "main", freeze: { by: expect.any(String), reason: "release" } }],
  });
  expect(look(c, "ship", "unfreeze").exitCode).toBe(0);
  expect(look(a, "ship", "unfreeze").json).toMatchObject({ error: { code: "SHIP_NO_FREEZE" } });
});

test("ten minutes without the database lose no claim: nobody could beat while its server was down", async () => {
  const { a, c, team } = await createTeam();
  a.json("start", "X-1");
  // As after such a time: the session is older than the server, and was last heard of ten minutes ago, elsewhere.
  await team.sql`UPDATE claude_sessions SET created_at = pg_postmaster_start_time() - interval '1 hour',
    heartbeat_at = now() - interval '600 s', machine_id = 'elsewhere', pid = NULL`;
  expect(c.json("start", "X-1")).toMatchObject({ exitCode: 1, json: { error: { data: { life: "alive" } } } });
  expect(look(c, "cleanup")).toMatchObject({ exitCode: 0, json: { stale_cleanup: 0 } });
  expect((look(c, "sessions").json.sessions as Document[]).map((row) => row.sd_id)).toEqual(["X-1"]);
});

test("the heartbeat library beats in the team's database", async () => {
  const { a, team } = await createTeam();
  const id = String(a.json("start", "X-1").json.session_id);
  await team.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '200 s'`;
  const library = JSON.stringify(fileURLToPath(new URL("../../dist/heartbeat.js", import.meta.url)));
  const program = `require(${library}).forceHeartbeat(process.argv[1]).then((v) => console.log(JSON.stringify(v)));`;
  const args = ["--no-warnings", "--input-type=commonjs", "-e", program, id];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: a.worktree.path, env: a.worktree.env });
  expect(JSON.parse(stdout)).toMatchObject({ success: true, sessionId: id, current_branch: "feat/a" });
  expect((await team.sql`SELECT heartbeat_at > now() - interval '60 s' AS fresh FROM claude_sessions`)[0]?.fresh).toBe(
    true,
  );
});

test("db migrate, status, rollback and prune work on the team's database, and never show its password", async () => {
  const { clone, env } = createParties();
  const url = databaseUrl(await server.createDatabase()).replace("postgres@", "postgres:topsecret@");
  env.BULKHEAD_DATABASE_URL = url;
  const said: string[] = [];
  const run = (...args: string[]) => {
    const { exitCode, stdout, stderr } = clone.bulkhead([...args, "--json"]);
    said.push(stdout, stderr);
    return { exitCode, json: JSON.parse(stdout) as Document };
  };
  expect(run("sessions")).toMatchObject({ exitCode: 3, json: { error: { code: "STORE_NOT_MIGRATED" } } });
  const migrated = run("db", "migrate");
  expect(migrated).toMatchObject({ exitCode: 0, json: { store: "postgres", recognised: [], restored: [] } });
  const applied = migrated.json.applied as string[];
  expect(run("db", "migrate").json.applied).toEqual([]);
  expect(run("db", "rollback").json.rolled_back).toEqual(applied.slice(-1));
  const steps = run("db", "status").json.migrations as Document[];
  expect(steps.filter((step) => step.applied_at === null).map((step) => step.name)).toEqual(applied.slice(-1));
  expect(run("db", "rollback", "--to", applied[0] ?? "").json.rolled_back).toEqual(applied.slice(0, -1).reverse());
  expect(run("db", "rollback", "--to", "nope")).toMatchObject({ exitCode: 2 });
  run("db", "migrate");
  expect(run("db", "prune", "--days", "7")).toMatchObject({ exitCode: 0, json: { days: 7, sessions: 0, events: 0 } });
  said.push(clone.bulkhead(["db", "status"]).stdout, clone.bulkhead(["doctor", "--json"]).stdout);
  expect(said.join("\n")).not.toContain("topsecret");
});

test("a clone that moves to the team's database carries its live sessions over, and two stores at once are noticed", async () => {
  const { a, b, env, database, clone } = createParties();
  a.json("start", "X-1");
  a.json("release");
  a.json("start", "X-1");
  b.json("start", "X-2");
  const team = await teamDatabase();
  env.BULKHEAD_DATABASE_URL = team.url;
  expect(look(a, "sessions")).toMatchObject({ exitCode: 3, json: { error: { code: "STORE_SPLIT" } } });
  expect(clone.bulkheadJson(["db", "import"])).toMatchObject({ exitCode: 0, json: { sessions: 2, refused: [] } });
  expect(a.json("start", "X-1")).toMatchObject({ exitCode: 0, json: { new_claim: false, claim_epoch: 2 } });
  expect(a.json("release", "X-1").exitCode).toBe(0);
  expect(clone.bulkheadJson(["db", "import"])).toMatchObject({ exitCode: 0, json: { sessions: 0 } });
  delete env.BULKHEAD_DATABASE_URL;
  const refused = look(a, "sessions");
  expect(refused).toMatchObject({ exitCode: 3, json: { error: { code: "STORE_MOVED" } } });
  // As the message says.
  rmSync(join(database, "..", "team-store.json"));
  expect(look(a, "sessions").exitCode).toBe(0);
});

test("with the team's database gone, commands say so and commits go on", async () => {
  const { a, env, team } = await createTeam();
  a.json("start", "X-1");
  env.BULKHEAD_DATABASE_URL = team.url.replace(/host=[^&]*&port=\d+/, "host=127.0.0.1&port=1").replace(/:\d+\//, ":1/");
  const begun = performance.now();
  expect(look(a, "sessions")).toMatchObject({ exitCode: 3, json: { error: { code: "STORE_UNREACHABLE" } } });
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(a.worktree.tryGit(["commit", "--allow-empty", "-m", "work goes on"]).exitCode).toBe(0);
  env.BULKHEAD_DATABASE_URL = team.url;
  expect(a.json("status")).toMatchObject({ exitCode: 0, json: { sd_id: "X-1" } });
});
