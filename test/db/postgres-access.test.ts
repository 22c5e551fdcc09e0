import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { createTeamDatabase, type TeamDatabase } from "../support/team-database.ts";

let server: TestPostgres;
let database: TeamDatabase;

beforeAll(async () => {
  server = await startPostgres();
  database = await createTeamDatabase(server, undefined, async (sql) => {
    // As on Supabase: its roles, and what it gives them of everything that is ever made in `public`.
    await sql.unsafe("CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role; CREATE ROLE reader");
    for (const kind of ["TABLES", "FUNCTIONS", "SEQUENCES"]) {
      await sql.unsafe(
        `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON ${kind} TO anon, authenticated, service_role`,
      );
    }
  });
});
afterAll(async () => {
  await database.sql.end();
  await server.stop();
});

beforeEach(async () => {
  await database.sql.unsafe(`TRUNCATE claude_sessions, strategic_directives_v2, session_lifecycle_events;
    INSERT INTO claude_sessions (session_id, hostname) VALUES ('mine', 'h1'), ('theirs', 'h2');
    SELECT claim_sd('X', 'mine'), claim_sd('Y', 'theirs')`);
});

/** Runs statements as a role, in a transaction that is taken back. @param own the session that the connection says it is */
async function as(role: string, own: string | null, ...statements: string[]): Promise<postgres.Row[]> {
  let rows: postgres.Row[] = [];
  const undone = new Error("undone");
  await database.sql
    .begin(async (tx) => {
      await tx.unsafe(`SET LOCAL ROLE ${role}`);
      if (own !== null) await tx`SELECT set_config('bulkhead.session_id', ${own}, true)`;
      for (const statement of statements) rows = await tx.unsafe(statement);
      throw undone;
    })
    .catch((cause: unknown) => {
      if (cause !== undone) throw cause;
    });
  return rows;
}

const DENIED = { code: "42501" };

describe.each(["anon", "authenticated", "reader"])("%s", (role) => {
  test.each([
    "update_session_heartbeat('mine')",
    "update_session_heartbeat_with_branch('mine', 'x')",
    "update_session_heartbeats('[]')",
    "claim_sd('Z', 'mine')",
    "release_sd('X')",
    "release_sd('mine', 'manual')",
    "release_session('mine')",
    "cleanup_stale_sessions(now())",
    "create_or_replace_session('new')",
    "bulkhead_claim('Z', 'mine', '[]')",
    "bulkhead_let_go('mine', 'manual', true, NULL)",
    "bulkhead_prune(now(), 1, NULL)",
    "bulkhead_import('', '[]', '[]')",
    "bulkhead_protect('{}', '{}')",
  ])("may not call %s", async (call) => {
    await expect(as(role, "mine", `SELECT ${call}`)).rejects.toMatchObject(DENIED);
  });

  test.each([
    "v_active_sessions",
    "v_session_metrics",
    "strategic_directives_v2",
    "bulkhead_archive",
    "bulkhead_migrations",
  ])("may not read %s", async (relation) => {
    await expect(as(role, "mine", `SELECT * FROM ${relation}`)).rejects.toMatchObject(DENIED);
  });
});

test("a session that names itself sees and touches its own row alone", async () => {
  expect(await as("authenticated", "mine", "SELECT session_id FROM claude_sessions")).toEqual([{ session_id: "mine" }]);
  expect(await as("authenticated", null, "SELECT session_id FROM claude_sessions")).toEqual([]);
  const touch = "UPDATE claude_sessions SET hostname = 'changed' RETURNING session_id";
  expect(await as("authenticated", "mine", touch)).toEqual([{ session_id: "mine" }]);
  await expect(
    as("authenticated", "mine", "UPDATE claude_sessions SET session_id = 'stolen' WHERE session_id = 'mine'"),
  ).rejects.toMatchObject(DENIED);
  await expect(as("authenticated", "mine", "DELETE FROM claude_sessions")).rejects.toMatchObject(DENIED);
  await expect(as("anon", "mine", touch)).rejects.toMatchObject(DENIED);
});

test("what a session does to its own row has the same consequences as everywhere, and no epoch can be made up", async () => {
  const release = "UPDATE claude_sessions SET sd_id = NULL, status = 'idle' WHERE session_id = 'mine'";
  const forge = "UPDATE claude_sessions SET claim_epoch = 99 WHERE session_id = 'mine' RETURNING claim_epoch";
  expect(await as("authenticated", "mine", forge)).toEqual([{ claim_epoch: "1" }]);
  const items = "SELECT sd_key, is_working_on FROM strategic_directives_v2 ORDER BY sd_key";
  const seen = await as("authenticated", "mine", release, "RESET ROLE", items);
  expect(seen).toEqual([
    { sd_key: "X", is_working_on: false },
    { sd_key: "Y", is_working_on: true },
  ]);
  const steal = "UPDATE claude_sessions SET sd_id = 'Y' WHERE session_id = 'mine'";
  await expect(as("authenticated", "mine", steal)).rejects.toMatchObject({ code: "23505" });
});

test("a role that was given the tables is bound to its own row all the same", async () => {
  await database.sql.unsafe("GRANT SELECT, UPDATE ON claude_sessions, session_lifecycle_events TO reader");
  expect(await as("reader", "theirs", "SELECT session_id FROM claude_sessions")).toEqual([{ session_id: "theirs" }]);
  expect(await as("reader", "theirs", "SELECT DISTINCT session_id FROM session_lifecycle_events")).toEqual([
    { session_id: "theirs" },
  ]);
  expect(await as("reader", null, "UPDATE claude_sessions SET hostname = 'x' RETURNING session_id")).toEqual([]);
});

test("the service role may do everything", async () => {
  const rows = await as(
    "service_role",
    null,
    `SELECT update_session_heartbeat('mine') AS beat, release_sd('Y') AS released, claim_sd('Z', 'theirs') AS claimed,
       (SELECT count(*)::int FROM v_active_sessions) AS sessions, (SELECT total_sessions::int FROM v_session_metrics) AS total`,
  );
  expect(rows).toMatchObject([
    { beat: { success: true }, released: { success: true }, claimed: { success: true }, sessions: 2, total: 2 },
  ]);
  expect(await as("service_role", null, "UPDATE claude_sessions SET hostname = 'x' RETURNING 1 AS done")).toHaveLength(
    2,
  );
});

test("functions that run with their owner's rights have their search path pinned", async () => {
  const loose = await database.sql`SELECT oid::regprocedure::text AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prosecdef
      AND NOT COALESCE(proconfig, '{}') @> ARRAY['search_path=public, pg_temp']`;
  expect(loose).toEqual([]);
});

test("every function that operators call names and documents its parameters", async () => {
  const rows = await database.sql`SELECT proname, pronargs, proargnames, obj_description(oid) AS about FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype AND proname NOT LIKE 'bulkhead\\_%'`;
  expect(new Set(rows.map((row) => row.proname))).toEqual(
    new Set([
      ...["claim_sd", "release_sd", "release_session", "create_or_replace_session", "cleanup_stale_sessions"],
      ...["update_session_heartbeat", "update_session_heartbeat_with_branch", "update_session_heartbeats"],
    ]),
  );
  for (const { pronargs, proargnames, about } of rows) {
    expect((proargnames as string[]).length).toBeGreaterThanOrEqual(pronargs as number);
    expect(String(about).length).toBeGreaterThan(80);
  }
});
