import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SessionId } from "../../src/domain/names.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { raceRounds } from "../support/race-rounds.ts";
import { createTeamDatabase, type TeamDatabase } from "../support/team-database.ts";
import { item, registration } from "./session-fixtures.ts";

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
beforeEach(async () => {
  await database.sql.unsafe(`TRUNCATE claude_sessions, strategic_directives_v2, session_lifecycle_events;
    INSERT INTO claude_sessions (session_id, hostname, tty) VALUES ('s1', 'host-1', '/dev/pts/1'), ('s2', 'host-2', NULL)`);
});

/** The one value of an SQL expression. */
async function value(expression: string): Promise<Record<string, unknown>> {
  return (await database.sql.unsafe(`SELECT ${expression} AS value`))[0]?.value;
}

async function events(session: string): Promise<string[]> {
  const rows =
    await database.sql`SELECT event_type FROM session_lifecycle_events WHERE session_id = ${session} ORDER BY id`;
  return rows.map((row) => row.event_type);
}

async function items(): Promise<unknown[][]> {
  const rows =
    await database.sql`SELECT sd_key, is_working_on, active_session_id, claim_epoch::int FROM strategic_directives_v2
    ORDER BY repository, sd_key`;
  return rows.map((row) => Object.values(row));
}

describe("functions that operators call", () => {
  test("claim_sd answers with the claim, or with who has it", async () => {
    expect(await value("claim_sd('X', 's1')")).toMatchObject({
      success: true,
      sd_id: "X",
      session_id: "s1",
      claim_epoch: 1,
      claimed_at: expect.stringMatching(/^\d{4}-/),
    });
    expect(await value("claim_sd('X', 's2')")).toEqual({
      success: false,
      error: "already_claimed",
      sd_id: "X",
      claimed_by: "s1",
      heartbeat_age_seconds: expect.any(Number),
      heartbeat_age_human: expect.stringMatching(/s ago$/),
      hostname: "host-1",
      tty: "/dev/pts/1",
    });
    expect(await value("claim_sd('Y', 'nobody')")).toMatchObject({ success: false, error: "session_not_found" });
    expect(await items()).toEqual([["X", true, "s1", 1]]);
  });

  test("claim_sd takes a stale claim over, and the old holder ends", async () => {
    await value("claim_sd('X', 's1')");
    await database.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '300 s' WHERE session_id = 's1'`;
    expect(await value("claim_sd('X', 's2')")).toMatchObject({ success: true, claim_epoch: 2, took_over_from: "s1" });
    expect(await events("s1")).toEqual(["created", "claimed", "stale_detected", "stale_cleanup"]);
    expect(await value("update_session_heartbeat('s1')")).toMatchObject({ success: false, error: "session_released" });
    expect(await value("claim_sd('Z', 's1')")).toMatchObject({ success: false, error: "session_released" });
    const [claimed] = await database.sql`SELECT event_data FROM session_lifecycle_events
      WHERE session_id = 's2' AND event_type = 'claimed'`;
    expect(claimed?.event_data).toEqual({ sd_id: "X", claim_epoch: 2, took_over_from: "s1" });
  });

  test("claiming what one holds changes neither epoch nor time of the claim", async () => {
    const first = await value("claim_sd('X', 's1')");
    expect(await value("claim_sd('X', 's1')")).toEqual(first);
  });

  test("release_sd(item) frees it whoever holds it, and does nothing where several repositories hold that key", async () => {
    await database.sql`UPDATE claude_sessions SET repository = 'other' WHERE session_id = 's2'`;
    await value("claim_sd('X', 's1')");
    await value("claim_sd('X', 's2')");
    expect(await value("release_sd('X')")).toMatchObject({
      success: false,
      error: "ambiguous",
      repositories: ["", "other"],
    });
    expect((await items()).map(([, on]) => on)).toEqual([true, true]);
    expect(await value("release_sd('s2', 'manual')")).toMatchObject({
      success: true,
      released_sd: "X",
      session_id: "s2",
    });
    expect(await value("release_sd('X')")).toMatchObject({
      success: true,
      released_sd: "X",
      session_id: "s1",
      reason: "manual",
      released_at: expect.any(String),
    });
    expect(await value("release_sd('X')")).toMatchObject({ success: true, session_id: null, released_at: null });
  });

  test("releasing a claim leaves the session alive, ending it does not, and both can be done twice", async () => {
    await value("claim_sd('X', 's1')");
    expect(await value("release_sd('s1', 'manual')")).toMatchObject({ success: true, released_sd: "X" });
    expect(await value("release_sd('s1', 'manual')")).toMatchObject({ success: true, released_sd: null });
    expect(await value("update_session_heartbeat('s1')")).toMatchObject({
      success: true,
      heartbeat_at: expect.any(String),
    });
    const ended = await value("release_session('s1', 'graceful_exit')");
    expect(ended).toMatchObject({ success: true, reason: "graceful_exit" });
    expect(await value("release_session('s1', 'manual')")).toEqual(ended);
    expect(await value("release_session('nobody', 'manual')")).toMatchObject({
      success: false,
      error: "session_not_found",
    });
    expect(await events("s1")).toEqual(["created", "claimed", "released", "released"]);
  });

  test("heartbeats tell what became of them, take any branch, and never revive", async () => {
    const long = "b".repeat(500);
    expect(await value(`update_session_heartbeat_with_branch('s1', '${long}')`)).toMatchObject({
      success: true,
      current_branch: "b".repeat(255),
    });
    expect(await value("update_session_heartbeat_with_branch('nobody', NULL)")).toMatchObject({
      error: "session_not_found",
    });
    await value("release_session('s1')");
    expect(await value("update_session_heartbeat_with_branch('s1', 'x')")).toMatchObject({ error: "session_released" });
    const rows = await database.sql`SELECT session_id, outcome FROM update_session_heartbeats(
      '[{"session_id": "s2", "branch": "b"}, {"session_id": "s1"}, {"session_id": "nobody"}]')`;
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["nobody", "session_not_found"],
      ["s1", "session_released"],
      ["s2", "beaten"],
    ]);
  });

  test("a second session at a terminal: a live one stays and is reported, a stale one ends", async () => {
    const create = (id: string) =>
      value(`create_or_replace_session('${id}', 'm1', 'tty-1', p_pid => 1, p_pid_started_at => '${id}')`);
    expect(await create("a")).toMatchObject({ success: true, terminal_identity: "m1:tty-1", auto_released: false });
    await value("claim_sd('X', 'a')");
    await database.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '200 s' WHERE session_id = 'a'`;
    const second = await create("b");
    expect(second).toMatchObject({ success: true, conflict: true, conflict_session_id: "a", conflict_sd_id: "X" });
    expect(Number(second.conflict_heartbeat_age_seconds)).toBeGreaterThanOrEqual(200);
    const [row] = await database.sql`SELECT status, metadata FROM claude_sessions WHERE session_id = 'b'`;
    expect(row).toMatchObject({ status: "idle", metadata: { conflict: true, conflict_session_id: "a" } });
    await database.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '300 s' WHERE session_id IN ('a', 'b')`;
    expect(await create("c")).toMatchObject({ auto_released: true, previous_session_id: "a" });
    expect(await events("a")).toEqual(["created", "claimed", "terminal_replaced"]);
    expect(await create("c")).toMatchObject({ success: false, error: "session_exists" });
  });

  test("clean-up ends sessions whose process was found dead first, then stale ones, of all machines", async () => {
    await database.sql`UPDATE claude_sessions SET machine_id = 'm1', pid = 7, pid_started_at = 'boot.1' WHERE session_id = 's1'`;
    await database.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '301 s' WHERE session_id = 's2'`;
    const gone = `[{"session_id": "s1", "pid": 7, "started_at": "boot.1"}]`;
    expect(await value(`cleanup_stale_sessions(now() - interval '5 minutes', 'm2', '${gone}')`)).toMatchObject({
      process_exit: 0,
      stale_cleanup: 1,
    });
    expect(await value(`cleanup_stale_sessions(now() - interval '5 minutes', 'm1', '${gone}')`)).toMatchObject({
      success: true,
      sessions_cleaned: 1,
      process_exit: 1,
    });
    expect(await value("cleanup_stale_sessions(now() - interval '5 minutes', 'm1')")).toMatchObject({
      sessions_cleaned: 0,
    });
  });
});

describe("plain SQL has the same consequences", () => {
  test("claiming, switching, releasing and ending by hand get epochs, events and the flags of the items", async () => {
    const { sql } = database;
    await sql`UPDATE claude_sessions SET sd_id = 'X', status = 'active' WHERE session_id = 's1'`;
    expect(await items()).toEqual([["X", true, "s1", 1]]);
    await sql`UPDATE claude_sessions SET sd_id = 'Y' WHERE session_id = 's1'`;
    expect(await items()).toEqual([
      ["X", false, null, 1],
      ["Y", true, "s1", 1],
    ]);
    await sql`UPDATE claude_sessions SET status = 'idle' WHERE session_id = 's1'`;
    await sql`UPDATE claude_sessions SET sd_id = 'Y' WHERE session_id = 's1'`;
    await sql`UPDATE claude_sessions SET status = 'released' WHERE session_id = 's1'`;
    const [row] =
      await sql`SELECT sd_id, claim_epoch, released_reason, released_at IS NOT NULL AS ended FROM claude_sessions
      WHERE session_id = 's1'`;
    expect(row).toEqual({ sd_id: null, claim_epoch: null, released_reason: "manual", ended: true });
    expect(await items()).toEqual([
      ["X", false, null, 1],
      ["Y", false, null, 2],
    ]);
    expect(await events("s1")).toEqual([
      "created",
      "claimed",
      "released",
      "claimed",
      "released",
      "claimed",
      "released",
    ]);
  });

  test("a row that is inserted with an item is a claim, and one that is deleted gives it back", async () => {
    await database.sql`INSERT INTO claude_sessions (session_id, sd_id) VALUES ('s3', 'X')`;
    expect(await items()).toEqual([["X", true, "s3", 1]]);
    expect(await events("s3")).toEqual(["created", "claimed"]);
    await database.sql`DELETE FROM claude_sessions WHERE session_id = 's3'`;
    expect(await items()).toEqual([["X", false, null, 1]]);
  });

  test("two active claims of one item are refused, in different repositories they are two items", async () => {
    const { sql } = database;
    await sql`UPDATE claude_sessions SET sd_id = 'X' WHERE session_id = 's1'`;
    const second = () => sql`UPDATE claude_sessions SET sd_id = 'X' WHERE session_id = 's2'`;
    await expect(second()).rejects.toMatchObject({
      code: "23505",
      constraint_name: "idx_claude_sessions_unique_active_claim",
    });
    await sql`UPDATE claude_sessions SET repository = 'other' WHERE session_id = 's2'`;
    await second();
    expect(await items()).toHaveLength(2);
  });

  test("a changed branch is an event, a heartbeat alone is none", async () => {
    await database.sql`UPDATE claude_sessions SET heartbeat_at = now() WHERE session_id = 's1'`;
    await database.sql`UPDATE claude_sessions SET current_branch = 'main' WHERE session_id = 's1'`;
    expect(await events("s1")).toEqual(["created", "branch_changed"]);
  });
});

test("of 64 clients that race for an item, exactly one wins, always", async () => {
  const stores = Array.from({ length: 64 }, () => database.openStore("race"));
  const sessions: SessionId[] = [];
  for (const [n, store] of stores.entries()) sessions.push((await store.register(registration(n))).session.id);
  for (let round = 0; round < raceRounds(12); round++) {
    const key = item(`item-${round}`);
    const outcomes = await Promise.all(stores.map((store, n) => store.claim(sessions[n] as SessionId, key)));
    const kinds = outcomes.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "claimed")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "already_claimed")).toHaveLength(63);
    const winner = await stores[0]?.findHolder(key);
    expect(winner?.id).toBe(sessions[kinds.indexOf("claimed")]);
    // A stale holder is raced for just the same.
    await database.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '1 hour' WHERE session_id = ${winner?.id ?? ""}`;
    const others = stores.filter((_, n) => sessions[n] !== winner?.id);
    const takers = await Promise.all(
      others.map((store, n) => store.claim(sessions.filter((id) => id !== winner?.id)[n] as SessionId, key)),
    );
    expect(takers.filter(({ kind }) => kind === "claimed")).toHaveLength(1);
    expect(takers.find(({ kind }) => kind === "claimed")).toMatchObject({ session: { claimEpoch: 2 } });
    const lost = stores[sessions.indexOf(winner?.id as SessionId)];
    const index = sessions.indexOf(winner?.id as SessionId);
    expect((await lost?.updateHeartbeat(winner?.id as SessionId, null))?.kind).toBe("session_released");
    sessions[index] = (await lost?.register(registration(1000 + round * 64 + index)))?.session.id as SessionId;
  }
});

test("starts in one worktree at once: one begins, the others are told", async () => {
  const stores = Array.from({ length: 16 }, () => database.openStore("worktree-race"));
  const outcomes = await Promise.all(
    stores.map((store, n) =>
      store.registerAndClaim(registration(n, { worktree: "/w/one" }), item(`X-${n}`), { share: false }),
    ),
  );
  expect(outcomes.filter(({ kind }) => kind === "claimed")).toHaveLength(1);
  expect(outcomes.filter(({ kind }) => kind === "worktree_in_use")).toHaveLength(15);
  expect(await stores[0]?.listSessions()).toHaveLength(1);
});

test("switching, taking over, releasing and cleaning up at once never leave rows that disagree", async () => {
  const stores = Array.from({ length: 12 }, () => database.openStore("churn"));
  const ids: SessionId[] = [];
  for (const [n, store] of stores.entries()) ids.push((await store.register(registration(n))).session.id);
  await Promise.all(
    stores.map(async (store, n) => {
      for (let round = 0; round < 15; round++) {
        const id = ids[n] as SessionId;
        await store.claim(id, item(`item-${(n + round) % 4}`));
        if ((n + round) % 3 === 0) await store.releaseClaim(id, "manual");
        if ((n + round) % 5 === 0)
          await database.sql`UPDATE claude_sessions SET heartbeat_at = now() - interval '1 hour' WHERE session_id = ${id}`;
        if ((n + round) % 7 === 0) await store.cleanup([]);
        if ((await store.findSession(id))?.status === "released")
          ids[n] = (await store.register(registration(n))).session.id;
      }
    }),
  );
  const torn = await database.sql`SELECT item.sd_key FROM strategic_directives_v2 AS item
    LEFT JOIN claude_sessions AS holder
      ON holder.repository = item.repository AND holder.sd_id = item.sd_key AND holder.status = 'active'
    WHERE item.repository = 'churn' AND (is_working_on <> (holder.session_id IS NOT NULL)
      OR active_session_id IS DISTINCT FROM holder.session_id
      OR (holder.session_id IS NOT NULL AND holder.claim_epoch <> item.claim_epoch)
      OR item.claim_epoch <> (SELECT count(*) FROM session_lifecycle_events AS e
        WHERE e.repository = item.repository AND event_type = 'claimed' AND event_data ->> 'sd_id' = item.sd_key))`;
  expect(torn).toEqual([]);
});

test("a heartbeat changes nothing that is indexed: its updates stay in place", async () => {
  const { sql } = database;
  await sql`INSERT INTO claude_sessions (session_id, sd_id, current_branch) SELECT 'hot-' || n, 'H-' || n, 'feat/x' FROM generate_series(1, 200) AS n`;
  await sql`VACUUM claude_sessions`;
  const [counted] = await sql`SELECT 1 FROM pg_proc WHERE proname = 'pg_stat_force_next_flush'`;
  const stats = async () => {
    // Before 15 a server counts in its own time.
    if (counted) await sql`SELECT pg_stat_force_next_flush()`;
    const [row] =
      await sql`SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'claude_sessions'`;
    return row as unknown as { updates: number; hot: number };
  };
  const before = await stats();
  const beats = Array.from({ length: 200 }, (_, n) => ({ session_id: `hot-${n + 1}`, branch: "feat/x" }));
  for (let beat = 0; beat < 10; beat++) await sql`SELECT * FROM update_session_heartbeats(${sql.json(beats)})`;
  await sql`SELECT update_session_heartbeat_with_branch('hot-1', 'feat/x')`;
  let after = await stats();
  while (!counted && after.updates - before.updates < 2001) after = await stats();
  expect(after.updates - before.updates).toBeGreaterThanOrEqual(2001);
  expect((after.hot - before.hot) / (after.updates - before.updates)).toBeGreaterThan(0.95);
});

test("the view of the living reads the living alone", async () => {
  const { sql } = database;
  await sql`ALTER TABLE claude_sessions DISABLE TRIGGER USER`;
  await sql`INSERT INTO claude_sessions (session_id, status, released_at)
    SELECT 'old-' || n, 'released', now() FROM generate_series(1, 20000) AS n`;
  await sql`ALTER TABLE claude_sessions ENABLE TRIGGER USER`;
  await sql`ANALYZE claude_sessions`;
  const [plan] = await sql`EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM v_active_sessions`;
  expect(JSON.stringify(plan)).toMatch(/Index Name":"idx_claude_sessions_(live|terminal|current_branch)"/);
});
