import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrationsDirectory } from "../../src/store/migration-files.ts";
import { PostgresConnection } from "../../src/store/postgres/connection.ts";
import {
  migratePostgres,
  postgresMigrations,
  postgresStatus,
  rollbackPostgres,
} from "../../src/store/postgres/migrate.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { dumpTeamSchema } from "../support/schema-dump.ts";
import { onCleanup } from "../support/scratch.ts";
import { createTeamDatabase, databaseUrl, type TeamDatabase } from "../support/team-database.ts";

const NAMES = postgresMigrations().map(({ name }) => name);
const FIRST = NAMES[0] ?? "";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

async function emptyDatabase(): Promise<{ url: string; sql: postgres.Sql }> {
  const database = await server.createDatabase();
  const sql = postgres({ ...database.options, max: 1 });
  onCleanup(() => sql.end());
  return { url: databaseUrl(database), sql };
}

async function teamDatabase(last?: string): Promise<TeamDatabase> {
  const database = await createTeamDatabase(server, last);
  onCleanup(() => database.sql.end());
  return database;
}

function connect(url: string): PostgresConnection {
  const connection = new PostgresConnection(url);
  onCleanup(() => connection.close());
  return connection;
}

function read(file: string): string {
  return readFileSync(join(migrationsDirectory("postgres"), file), "utf8");
}

/** Runs a step's file as an operator does who pastes it into a console: whole, in its own transaction. */
async function paste(sql: postgres.Sql, file: string): Promise<void> {
  await sql.unsafe(read(file)).simple();
}

test("the steps that the runbook names are there, each with a rollback", () => {
  expect(NAMES).toEqual(
    expect.arrayContaining([
      "20260130_multi_session_pessimistic_locking",
      "20260209_handoff_resolution_tracking",
      "20260211_ship_safety_branch_tracking_v2",
      "20260213_session_creation_heartbeat_guard",
    ]),
  );
  for (const prefix of ["20260201_", "20260218_"])
    expect(NAMES.filter((name) => name.startsWith(prefix))).toHaveLength(1);
  for (const name of NAMES) expect(read(`rollback/${name}.sql`)).toContain(`WHERE name = '${name}'`);
});

test("the schema that the migrations make is the one checked in; `npm run schema` writes it anew", async () => {
  const { sql } = await teamDatabase();
  expect(await dumpTeamSchema(sql)).toBe(read("schema.txt").replaceAll("\r\n", "\n"));
});

test("migrating twice does everything once", async () => {
  const { url } = await emptyDatabase();
  const connection = connect(url);
  expect((await postgresStatus(connection, postgresMigrations())).every(({ appliedAt }) => appliedAt === null)).toBe(
    true,
  );
  expect(await migratePostgres(connection, postgresMigrations())).toEqual({
    applied: NAMES,
    recognised: [],
    restored: [],
  });
  const after = await postgresStatus(connection, postgresMigrations());
  expect(await migratePostgres(connection, postgresMigrations())).toEqual({
    applied: [],
    recognised: [],
    restored: [],
  });
  expect(await postgresStatus(connection, postgresMigrations())).toEqual(after);
});

test("twenty runners that race do each step once", async () => {
  const { url, sql } = await emptyDatabase();
  const reports = await Promise.all(
    Array.from({ length: 20 }, () => migratePostgres(connect(url), postgresMigrations())),
  );
  expect(reports.flatMap(({ applied }) => applied).sort()).toEqual(NAMES);
  expect(reports.flatMap(({ recognised, restored }) => [...recognised, ...restored])).toEqual([]);
  const rows = await sql`SELECT name, checksum FROM bulkhead_migrations ORDER BY name`;
  expect(rows.map((row) => [row.name, row.checksum])).toEqual(
    postgresMigrations().map(({ name, checksum }) => [name, checksum]),
  );
});

test("steps run by hand make the same schema, and are recognised", async () => {
  const { url, sql } = await emptyDatabase();
  for (const name of NAMES) await paste(sql, `${name}.sql`);
  expect(await dumpTeamSchema(sql)).toBe(await dumpTeamSchema((await teamDatabase()).sql));
  expect(await migratePostgres(connect(url), postgresMigrations())).toEqual({
    applied: [],
    recognised: NAMES,
    restored: [],
  });
});

test.runIf(spawnSync("psql", ["--version"]).status === 0)("plain psql runs them from a file", async () => {
  const { url, sql } = await emptyDatabase();
  for (const name of NAMES) {
    execFileSync("psql", [url, "-q", "-v", "ON_ERROR_STOP=1"], {
      input: read(`${name}.sql`),
      stdio: ["pipe", "ignore", "pipe"],
    });
  }
  expect((await sql`SELECT count(*)::int AS n FROM bulkhead_migrations`)[0]?.n).toBe(NAMES.length);
});

test("any step may be run again, at the end too, and changes nothing", async () => {
  const { sql } = await teamDatabase();
  await sql`SELECT create_or_replace_session('s', 'm', 't'), claim_sd('X', 's')`;
  const before = [await dumpTeamSchema(sql), await sql`SELECT * FROM claude_sessions`];
  for (const name of NAMES) await paste(sql, `${name}.sql`);
  expect([await dumpTeamSchema(sql), await sql`SELECT * FROM claude_sessions`]).toEqual(before);
});

test("what was dropped by hand is there again after the next `db migrate`, or after running its step", async () => {
  const { sql, migrate } = await teamDatabase();
  const before = await dumpTeamSchema(sql);
  const rollback = `DROP TRIGGER sync_is_working_on_trigger ON claude_sessions;
    DROP FUNCTION sync_is_working_on_with_session(); DROP INDEX idx_claude_sessions_unique_active_claim`;
  await sql.unsafe(rollback);
  expect(await migrate()).toEqual({ applied: [], recognised: [], restored: [FIRST] });
  expect(await dumpTeamSchema(sql)).toBe(before);
  await sql.unsafe(rollback);
  await paste(sql, `${FIRST}.sql`);
  expect(await dumpTeamSchema(sql)).toBe(before);
});

test("a step that fails leaves nothing of itself, and the ones before it stand", async () => {
  const { url, sql } = await emptyDatabase();
  const bad = {
    name: "20260131_bad",
    sql: "BEGIN;\nCREATE TABLE half (a TEXT);\nSELECT 1 / 0;\nCOMMIT;\n",
    checksum: "b",
  };
  const [first] = postgresMigrations();
  if (first === undefined) throw new Error("there are no migrations");
  await expect(migratePostgres(connect(url), [first, bad])).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect((await sql`SELECT to_regclass('half') AS half`)[0]?.half).toBeNull();
  expect((await sql`SELECT name FROM bulkhead_migrations`).map((row) => row.name)).toEqual([first.name]);
});

test("a landed step that reads otherwise now is refused, and so is a newer program's database", async () => {
  const { url, sql } = await teamDatabase();
  const changed = postgresMigrations().map((step) => (step.name === FIRST ? { ...step, checksum: "another" } : step));
  await expect(migratePostgres(connect(url), changed)).rejects.toMatchObject({ code: "MIGRATION_CHANGED" });
  await sql`INSERT INTO bulkhead_migrations (name) VALUES ('99990101_newer')`;
  await expect(migratePostgres(connect(url), postgresMigrations())).rejects.toMatchObject({ code: "STORE_NEWER" });
});

describe("rollback", () => {
  test("takes every step back to nothing, where nothing was stored, and forth again", async () => {
    const { url, sql } = await teamDatabase();
    const before = await dumpTeamSchema(sql);
    const connection = connect(url);
    for (const name of [...NAMES].reverse()) {
      expect(await rollbackPostgres(connection, postgresMigrations(), null)).toEqual([name]);
    }
    expect(await sql`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`).toEqual([]);
    expect(await sql`SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`).toEqual([]);
    await migratePostgres(connection, postgresMigrations());
    expect(await dumpTeamSchema(sql)).toBe(before);
  });

  test("keeps every row, and claims stand after going back and forth", async () => {
    const { url, sql } = await teamDatabase();
    await sql`SELECT create_or_replace_session('s', 'm', 't', p_branch => 'feat/x'), claim_sd('X', 's')`;
    await sql`INSERT INTO sd_phase_handoffs (sd_id, resolved_at, resolution_type) VALUES ('X', now(), 'obsolete')`;
    const facts = () => sql`SELECT session_id, sd_id, status, claim_epoch, current_branch,
      (SELECT count(*)::int FROM session_lifecycle_events) AS events, (SELECT claim_epoch FROM strategic_directives_v2) AS epoch,
      (SELECT resolution_type FROM sd_phase_handoffs) AS resolution FROM claude_sessions`;
    const before = await facts();
    const connection = connect(url);
    expect(await rollbackPostgres(connection, postgresMigrations(), FIRST)).toEqual([...NAMES].reverse());
    await migratePostgres(connection, postgresMigrations());
    expect(await facts()).toEqual(before);
  });

  test("stops at the step that is named, and the runbook's functions of the steps before it work on", async () => {
    const { url, sql } = await teamDatabase();
    await rollbackPostgres(connect(url), postgresMigrations(), "20260211_ship_safety_branch_tracking_v2");
    await sql`INSERT INTO claude_sessions (session_id) VALUES ('s')`;
    const [answer] = await sql`SELECT claim_sd('X', 's') AS claimed, update_session_heartbeat('s') AS beat`;
    expect(answer).toMatchObject({ claimed: { success: true }, beat: { success: true } });
    expect(Object.keys((await sql`SELECT * FROM v_active_sessions`)[0] ?? {})).not.toContain("current_branch");
  });
});

describe("what was there before", () => {
  test("branches are filled in from the metadata", async () => {
    const { sql, migrate } = await teamDatabase("20260209_handoff_resolution_tracking");
    await sql`INSERT INTO claude_sessions (session_id, metadata)
      VALUES ('s1', '{"branch": "feat/x"}'), ('s2', '{}'), ('s3', ${sql.json({ branch: "b".repeat(400) })})`;
    await migrate();
    const rows = await sql`SELECT current_branch FROM claude_sessions ORDER BY session_id`;
    expect(rows.map((row) => row.current_branch)).toEqual(["feat/x", null, "b".repeat(255)]);
  });

  test("the claims of an old sd_claims table are carried over, its rows archived, and the table dropped", async () => {
    const { sql, migrate } = await teamDatabase("20260213_session_creation_heartbeat_guard");
    await sql.unsafe(`
      CREATE TABLE sd_claims (id SERIAL PRIMARY KEY, sd_id TEXT, session_id TEXT, track TEXT, claimed_at TIMESTAMPTZ, released_at TIMESTAMPTZ);
      INSERT INTO claude_sessions (session_id) VALUES ('s1'), ('s2'), ('s3'), ('s4');
      SELECT claim_sd('SD-3', 's3');
      UPDATE claude_sessions SET status = 'released' WHERE session_id = 's4';
      INSERT INTO sd_claims (sd_id, session_id, claimed_at, released_at) VALUES
        ('SD-1', 's1', '2026-02-17 10:00+00', NULL), ('SD-2', 's2', '2026-02-17 10:00+00', '2026-02-17 11:00+00'),
        ('SD-3', 's3', '2026-02-17 10:00+00', NULL), ('SD-4', 's4', '2026-02-17 10:00+00', NULL),
        ('SD-5', 'nobody', '2026-02-17 10:00+00', NULL), ('SD-1', 's2', '2026-02-17 12:00+00', NULL)`);
    await migrate();
    const held = await sql`SELECT session_id, sd_id, status, claim_epoch::int FROM claude_sessions ORDER BY session_id`;
    expect(held.map((row) => Object.values(row))).toEqual([
      ["s1", "SD-1", "active", 1],
      ["s2", null, "idle", null],
      ["s3", "SD-3", "active", 1],
      ["s4", null, "released", null],
    ]);
    const [first] =
      await sql`SELECT claimed_at, is_working_on FROM claude_sessions JOIN strategic_directives_v2 ON sd_key = sd_id
      WHERE session_id = 's1'`;
    expect(first).toEqual({ claimed_at: new Date("2026-02-17T10:00:00Z"), is_working_on: true });
    expect((await sql`SELECT to_regclass('sd_claims') AS old`)[0]?.old).toBeNull();
    expect((await sql`SELECT count(*)::int AS n FROM sd_claims_archive`)[0]?.n).toBe(6);
  });

  test("tables of an older deployment get what they lack, and keep their rows", async () => {
    const { url, sql } = await emptyDatabase();
    await sql.unsafe(`
      CREATE TABLE claude_sessions (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), session_id TEXT UNIQUE NOT NULL, sd_id TEXT,
        status TEXT DEFAULT 'active', heartbeat_at TIMESTAMPTZ DEFAULT now(), metadata JSONB DEFAULT '{}', created_at TIMESTAMPTZ DEFAULT now());
      CREATE TABLE strategic_directives_v2 (id TEXT PRIMARY KEY DEFAULT gen_random_uuid()::text, sd_key TEXT UNIQUE, title TEXT);
      CREATE VIEW v_active_sessions AS SELECT session_id, sd_id FROM claude_sessions;
      INSERT INTO claude_sessions (session_id, metadata) VALUES ('s1', '{"branch": "feat/x"}');
      INSERT INTO strategic_directives_v2 (sd_key, title) VALUES ('SD-1', 'Old work')`);
    await migratePostgres(connect(url), postgresMigrations());
    const [answer] = await sql`SELECT claim_sd('SD-1', 's1') AS claimed`;
    expect(answer?.claimed).toMatchObject({ success: true, claim_epoch: 1 });
    expect(await sql`SELECT session_id, sd_id, current_branch, computed_status FROM v_active_sessions`).toEqual([
      { session_id: "s1", sd_id: "SD-1", current_branch: "feat/x", computed_status: "active" },
    ]);
    expect(await sql`SELECT title, is_working_on FROM strategic_directives_v2`).toEqual([
      { title: "Old work", is_working_on: true },
    ]);
  });
});
