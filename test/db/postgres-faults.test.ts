import { createServer, type Server } from "node:net";
import { inspect } from "node:util";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BulkheadError } from "../../src/domain/error.ts";
import { PostgresConnection } from "../../src/store/postgres/connection.ts";
import { PostgresSessionStore } from "../../src/store/postgres/postgres-session-store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { onCleanup } from "../support/scratch.ts";
import { createTeamDatabase, databaseUrl, type TeamDatabase } from "../support/team-database.ts";
import { branch, item, registration } from "./session-fixtures.ts";

let server: TestPostgres;
let database: TeamDatabase;
beforeAll(async () => {
  server = await startPostgres();
  database = await createTeamDatabase(server);
});
afterAll(async () => {
  await database.sql.end();
  await server.stop();
});

function open(url: string): PostgresSessionStore {
  const store = new PostgresSessionStore(new PostgresConnection(url), "example.test/faults");
  onCleanup(() => store.close());
  return store;
}

async function failure(act: () => Promise<unknown>): Promise<BulkheadError> {
  try {
    await act();
  } catch (cause) {
    if (cause instanceof BulkheadError) return cause;
    throw cause;
  }
  throw new Error("it did not fail");
}

/** Cuts every connection to the database but the test's own, as a restart of the server would. */
async function cutConnections(): Promise<void> {
  await database.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`;
}

/** A server that takes connections and never says a word. */
async function mute(): Promise<number> {
  const silent: Server = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onCleanup(() => void silent.close());
  const address = silent.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("a server that is not there is said at once, one that is mute within three seconds or so", async () => {
  const refused = await failure(() => open("postgres://u:topsecret@127.0.0.1:1/team").listSessions());
  expect(refused).toMatchObject({ code: "STORE_UNREACHABLE", exitCode: 3 });
  expect(refused.message).toContain("127.0.0.1:1");
  const begun = performance.now();
  const late = await failure(async () => open(`postgres://u:topsecret@127.0.0.1:${await mute()}/team`).listSessions());
  expect(late.code).toBe("STORE_UNREACHABLE");
  expect(performance.now() - begun).toBeLessThan(6000);
});

test("no password is in anything that an error shows", async () => {
  const { host, port } = database.options;
  const urls = [
    "postgres://ada:topsecret@127.0.0.1:1/team",
    "postgres://ada:topsecret@no-such-host.invalid/team",
    `postgres://postgres:topsecret@/nowhere?host=${encodeURIComponent(host)}&port=${port}`,
    `postgres://nobody:topsecret@/${database.name}?host=${encodeURIComponent(host)}&port=${port}`,
  ];
  for (const url of urls) {
    const error = await failure(() => open(url).listSessions());
    expect(["STORE_UNREACHABLE", "STORE_FAILED"]).toContain(error.code);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("topsecret");
    expect(error.message + error.hint).not.toContain("topsecret");
  }
});

test("a database that was never brought up to date says what to do", async () => {
  const empty = await server.createDatabase();
  const error = await failure(() =>
    open(databaseUrl(empty)).registerAndClaim(registration(1), item("X"), { share: false }),
  );
  expect(error).toMatchObject({ code: "STORE_NOT_MIGRATED", exitCode: 3 });
  expect(error.hint).toContain("db migrate");
});

test("on the schema of an earlier step a heartbeat still succeeds, and still revives nobody", async () => {
  const older = await createTeamDatabase(server, "20260209_handoff_resolution_tracking");
  await older.sql`INSERT INTO claude_sessions (session_id, heartbeat_at) VALUES ('s1', now() - interval '200 s'), ('s2', now())`;
  await older.sql`SELECT release_session('s2')`;
  const store = older.openStore("");
  expect(await store.updateHeartbeat("s1" as never, branch("main"))).toMatchObject({
    kind: "beaten",
    session: { heartbeatAgeSeconds: 0 },
  });
  expect((await store.updateHeartbeat("s2" as never, null)).kind).toBe("session_released");
  expect((await store.updateHeartbeat("s3" as never, null)).kind).toBe("session_not_found");
  await older.sql.end();
});

test("a cut connection is made anew: reading and heartbeats go on as if nothing had been", async () => {
  const store = open(database.url);
  const { session } = await store.register(registration(1));
  for (let n = 0; n < 3; n++) {
    await cutConnections();
    expect((await store.updateHeartbeat(session.id, branch("main"))).kind).toBe("beaten");
    await cutConnections();
    expect(await store.findSession(session.id)).toMatchObject({ id: session.id });
  }
});

test("a statement that waits for ever is given up, and changes nothing", async () => {
  const store = open(`${database.url}&statement_timeout=400`);
  const { session } = await store.register(registration(2));
  const holder = postgres({ ...database.options, max: 1 });
  const blocked = await holder.begin(async (tx) => {
    await tx`SELECT * FROM claude_sessions WHERE session_id = ${session.id} FOR UPDATE`;
    return failure(() => store.claim(session.id, item("blocked")));
  });
  await holder.end();
  expect(blocked).toMatchObject({ code: "STORE_FAILED" });
  expect(blocked.message).toContain("took longer than 0.4 s");
  expect(await store.findHolder(item("blocked"))).toBeNull();
});

test("through a transaction pooler nothing is left in a connection: no prepared statement, no setting", async () => {
  const connection = new PostgresConnection(`${database.url}&pgbouncer=true`);
  onCleanup(() => connection.close());
  const store = new PostgresSessionStore(connection, "example.test/pooled");
  const started = await store.registerAndClaim(registration(3), item("P"), { share: false });
  if (started.kind !== "claimed") throw new Error(started.kind);
  await store.updateHeartbeat(started.session.id, branch("feat/p"));
  await store.recordEvents([{ type: "branch_changed", data: { to: "main" }, sessionId: started.session.id }]);
  await database.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '1 hour' WHERE session_id = ${started.session.id}`;
  const other = await store.register(registration(4));
  await store.claim(other.session.id, item("P"));
  const left = await connection.query(
    `SELECT (SELECT count(*)::int FROM pg_prepared_statements WHERE name <> '') AS statements,
       (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
       COALESCE(current_setting('bulkhead.took_over_from', true), '') || COALESCE(current_setting('bulkhead.branch_logged', true), '') AS settings`,
  );
  expect(left).toEqual([{ statements: 0, locks: 0, settings: "" }]);
});
