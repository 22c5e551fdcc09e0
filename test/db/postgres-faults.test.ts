import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BulkheadError } from "../../src/domain/error.ts";
import type { Session } from "../../src/domain/session.ts";
import { importIntoTeamStore, openSessionStore, storeStatus } from "../../src/store/open-store.ts";
import { PostgresConnection } from "../../src/store/postgres/connection.ts";
import { PostgresSessionStore } from "../../src/store/postgres/postgres-session-store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { onCleanup, scratchDirectory } from "../support/scratch.ts";
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

test("the status tells how far the database's clock is from this machine's", async () => {
  const { clockAhead } = await storeStatus({ database: "/none", repository: "", teamUrl: database.url });
  expect(Math.abs(clockAhead)).toBeLessThan(30);
});

test("sessions come over with their claims and epochs; an item that a live session of the team holds stays with it", async () => {
  const embedded = join(scratchDirectory(), "bulkhead", "bulkhead.db");
  const repository = "example.test/import";
  const location = { database: embedded, repository };
  const sqlite = await openSessionStore(location);
  const started = [];
  for (const [n, key] of ["A", "B", "C"].entries()) {
    const outcome = await sqlite.registerAndClaim(registration(n), item(key), { share: false });
    if (outcome.kind !== "claimed") throw new Error(outcome.kind);
    started.push(outcome.session);
  }
  const [a, b, c] = started as [Session, Session, Session];
  for (let n = 0; n < 3; n++) {
    await sqlite.releaseClaim(a.id, "manual");
    await sqlite.claim(a.id, item("A"));
  }
  await sqlite.endSession(c.id, "graceful_exit");
  const log = await sqlite.listEvents();
  const failure = { item: item("C"), type: "PLAN-TO-EXEC", status: "failed", reason: "red", sessionId: c.id } as const;
  const { id: failed } = await sqlite.addHandoff(failure);
  await sqlite.close();

  const team = database.openStore(repository);
  const theirs = await team.registerAndClaim(registration(9), item("B"), { share: false });
  const report = await importIntoTeamStore(location, database.url);
  expect(report).toMatchObject({ sessions: 2, events: log.length, handoffs: 1, refused: [{ item: "B" }] });
  expect(await team.listHandoffs({ unresolved: true })).toMatchObject([{ ...failure, id: failed }]);
  expect((await team.listEvents({ sessionId: c.id })).map(({ type, data, at }) => ({ type, data, at }))).toEqual(
    log.filter(({ sessionId }) => sessionId === c.id).map(({ type, data, at }) => ({ type, data, at })),
  );
  expect(await team.findSession(a.id)).toMatchObject({ item: "A", claimEpoch: 4, status: "active" });
  expect(await team.findSession(b.id)).toMatchObject({ item: null, status: "idle" });
  expect(await team.findSession(c.id)).toBeNull();
  expect((await team.findHolder(item("B")))?.id).toBe(theirs.kind === "claimed" ? theirs.session.id : null);
  // What had ended here gets the epoch after its last one there.
  expect(await team.claim(b.id, item("C"))).toMatchObject({ kind: "claimed", session: { claimEpoch: 2 } });
  expect(await importIntoTeamStore(location, database.url)).toMatchObject({ sessions: 0, events: 0, handoffs: 0 });
  await expect(openSessionStore(location)).rejects.toMatchObject({ code: "STORE_MOVED" });
});
