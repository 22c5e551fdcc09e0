import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { runbookBlocks } from "../support/runbook.ts";
import { createTeamDatabase, type TeamDatabase } from "../support/team-database.ts";

type Rows = Readonly<Record<string, unknown>>[];

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

/**
 * Five sessions as the runbook speaks of them: `session_abc123` at work on SD-XXX-001, one that was last heard of 200
 * seconds ago, one of 400 seconds ago, one without an item, one that has ended.
 */
async function setScene({ sql }: TeamDatabase = database): Promise<void> {
  await sql.unsafe(`
    TRUNCATE claude_sessions, strategic_directives_v2, session_lifecycle_events, sd_phase_handoffs;
    INSERT INTO claude_sessions (session_id, status, terminal_id, terminal_identity, machine_id, hostname, tty, current_branch)
    SELECT id, 'idle', 'tty-' || id, 'm:your_terminal:' || id, 'your_machine_id', 'host-1', '/dev/pts/1', branch
    FROM (VALUES ('session_abc123', 'feat/SD-XXX-001'), ('session_slow', 'feat/slow'), ('session_crashed', 'feat/SD-XXX-001'),
      ('session_idle', 'main'), ('session_ended', NULL)) AS s (id, branch);
    SELECT claim_sd('SD-XXX-001', 'session_abc123'), claim_sd('SD-YYY-002', 'session_slow'),
      claim_sd('SD-ZZZ-003', 'session_crashed'), release_session('session_ended', 'graceful_exit');
    UPDATE claude_sessions SET heartbeat_at = now() - age::interval
    FROM (VALUES ('session_abc123', '30 s'), ('session_slow', '200 s'), ('session_crashed', '400 s')) AS a (id, age)
    WHERE session_id = id`);
}

interface Case {
  /** What the block's name starts with. */
  readonly block: string;
  /** What has to be there besides the scene. */
  readonly given?: string;
  /** @param rows of each statement of the block that gives rows */
  check(rows: Rows[], database: TeamDatabase): void | Promise<void>;
}

const ids = (rows: Rows | undefined) => rows?.map((row) => row.session_id);

const HANDOFFS = `INSERT INTO sd_phase_handoffs (id, sd_id, handoff_type, status, rejection_reason, created_at)
  VALUES ('handoff-uuid-here', 'SD-XXX-001', 'PLAN-TO-EXEC', 'rejected', 'tests fail', now() - interval '2 hours'),
    ('another', 'SD-YYY-002', 'PLAN-TO-EXEC', 'blocked', NULL, now() - interval '1 hour'),
    ('passed', 'SD-XXX-001', 'LEAD-TO-PLAN', 'accepted', NULL, now())`;

const CONFLICT = `SELECT create_or_replace_session('session_second', 'your_machine_id', 'tty-session_abc123', '/dev/pts/1', 42,
  'host-1', 'app', '{}', 'm:your_terminal:session_abc123')`;

const CASES: readonly Case[] = [
  {
    block: "Deployment / Initial Deployment: Verification",
    check([indexes, triggers, sessions]) {
      expect(indexes).toHaveLength(1);
      expect(indexes?.[0]?.indexdef).toContain("WHERE ((sd_id IS NOT NULL) AND (status = 'active'::text))");
      expect(triggers).toEqual([
        {
          trigger_name: "sync_is_working_on_trigger",
          event_manipulation: "UPDATE",
          event_object_table: "claude_sessions",
        },
      ]);
      expect(sessions).toHaveLength(4);
    },
  },
  {
    block: "Monitoring / Session Health Dashboard",
    check([rows]) {
      expect(
        rows?.map((row) => [row.session_id, row.computed_status, row.health_status, row.heartbeat_age_human]),
      ).toEqual([
        ["session_crashed", "stale", "Critical", "6m ago"],
        ["session_slow", "active", "Critical", "3m ago"],
        ["session_abc123", "active", "Healthy", expect.stringMatching(/^\d\ds ago$/)],
        ["session_idle", "idle", "Healthy", expect.stringMatching(/^\d+s ago$/)],
      ]);
    },
  },
  {
    block: "Monitoring / Stale Session Detection",
    check: ([rows]) =>
      expect(rows).toEqual([
        { session_id: "session_crashed", sd_id: "SD-ZZZ-003", heartbeat_age_human: "6m ago", seconds_until_stale: 0 },
      ]),
  },
  {
    block: "Monitoring / Approaching Stale Sessions",
    check([rows]) {
      expect(ids(rows)).toEqual(["session_slow"]);
      expect(Number(rows?.[0]?.heartbeat_age_seconds) + Number(rows?.[0]?.seconds_until_stale)).toBe(300);
    },
  },
  {
    block: "Troubleshooting / Manual Claim Release (Single Table — As of v5.0.0): Check",
    check: ([rows]) => expect(rows).toMatchObject([{ session_id: "session_abc123", status: "active" }]),
  },
  {
    block: "Troubleshooting / Manual Claim Release (Single Table — As of v5.0.0): Release",
    async check(_, { sql }) {
      const [session] = await sql`SELECT * FROM claude_sessions WHERE session_id = 'session_abc123'`;
      expect(session).toMatchObject({ sd_id: null, claim_epoch: null, status: "idle", released_reason: "manual" });
      const [item] = await sql`SELECT * FROM strategic_directives_v2 WHERE sd_key = 'SD-XXX-001'`;
      expect(item).toMatchObject({ is_working_on: false, active_session_id: null, claim_epoch: "1" });
      const [event] = await sql`SELECT * FROM session_lifecycle_events WHERE event_type = 'released' ORDER BY id DESC`;
      expect(event?.event_data).toEqual({ sd_id: "SD-XXX-001", claim_epoch: 1, reason: "manual", ended: false });
      const [claim] = await sql`SELECT claim_sd('SD-XXX-001', 'session_idle')`;
      expect(claim?.claim_sd).toMatchObject({ success: true, claim_epoch: 2 });
    },
  },
  {
    block: "Troubleshooting / Manual Claim Release (Single Table — As of v5.0.0): Verify",
    given: "SELECT release_sd('SD-XXX-001')",
    check: ([rows]) => expect(rows).toEqual([]),
  },
  {
    block: "Troubleshooting / Issue: Session Claim Rejected",
    check: ([rows]) =>
      expect(rows).toMatchObject([{ session_id: "session_abc123", hostname: "host-1", tty: "/dev/pts/1" }]),
  },
  {
    block: "Troubleshooting / Issue: is_working_on Not Syncing: Diagnosis",
    check([triggers, items, sessions]) {
      expect(triggers).toHaveLength(1);
      expect(items).toEqual([{ sd_key: "SD-XXX-001", is_working_on: true, active_session_id: "session_abc123" }]);
      expect(sessions).toEqual([{ session_id: "session_abc123", sd_id: "SD-XXX-001", status: "active" }]);
    },
  },
  {
    block: "Troubleshooting / Issue: is_working_on Not Syncing: 3. Manual fix",
    given: "UPDATE strategic_directives_v2 SET is_working_on = false, active_session_id = NULL",
    async check(_, { sql }) {
      const read = () =>
        sql`SELECT is_working_on, active_session_id FROM strategic_directives_v2 WHERE sd_key = 'SD-XXX-001'`;
      expect(await read()).toMatchObject([{ is_working_on: true, active_session_id: "session_abc123" }]);
      await sql`SELECT release_sd('SD-XXX-001')`;
      expect(await read()).toMatchObject([{ is_working_on: false, active_session_id: null }]);
    },
  },
  {
    block: "Performance Impact / Scaling Considerations",
    check([count, average]) {
      expect(count).toEqual([{ count: "2" }]);
      expect(Number(average?.[0]?.avg)).toBeGreaterThanOrEqual(115);
      expect(Number(average?.[0]?.avg)).toBeLessThan(180);
    },
  },
  {
    block: "Maintenance / Regular Checks (Daily): 1. Stale Session Cleanup",
    check: ([rows]) => expect(ids(rows)).toEqual(["session_crashed"]),
  },
  {
    block: "Maintenance / Regular Checks (Daily): 2. Heartbeat Health",
    check: ([rows]) => expect(rows).toEqual([{ healthy: "1", warning: "0", critical: "1" }]),
  },
  { block: "Maintenance / Weekly Checks: 1. Index Maintenance", check: ([rows]) => expect(rows).toEqual([]) },
  {
    block: "Maintenance / Weekly Checks: 2. View Performance",
    check: ([rows]) => expect(JSON.stringify(rows)).toContain("Execution Time"),
  },
  {
    block: "Lifecycle Event Queries: Query Recent Events",
    check: ([rows]) => expect(rows).toHaveLength(9),
  },
  {
    block: "Lifecycle Event Queries: Query Events by Session",
    check: ([rows]) => expect(rows?.map((row) => row.event_type)).toEqual(["created", "claimed"]),
  },
  {
    block: "Lifecycle Event Queries: Session Lifecycle Summary",
    check: ([rows]) =>
      expect(rows?.map((row) => [row.event_type, row.event_count])).toEqual([
        ["created", "5"],
        ["claimed", "3"],
        ["released", "1"],
      ]),
  },
  {
    block: "Terminal Identity Management: Diagnosis",
    check([rows]) {
      expect(rows).toHaveLength(5);
      expect(rows?.find((row) => row.status === "released")).toMatchObject({ released_reason: "graceful_exit" });
    },
  },
  {
    block: "Batch Cleanup Operations: Manual Batch Cleanup",
    async check([rows], { sql }) {
      expect(rows?.[0]?.cleanup_stale_sessions).toMatchObject({ success: true, sessions_cleaned: 1, stale_cleanup: 1 });
      const found =
        await sql`SELECT event_type FROM session_lifecycle_events WHERE session_id = 'session_crashed' ORDER BY id`;
      expect(found.map((row) => row.event_type)).toEqual(["created", "claimed", "stale_detected", "stale_cleanup"]);
    },
  },
  {
    block: "Batch Cleanup Operations: Monitor Cleanup Performance",
    given: "SELECT cleanup_stale_sessions(now() - interval '5 minutes', 'your_machine_id')",
    check: ([rows]) => expect(rows).toEqual([{ released_reason: "stale_cleanup", cleanup_count: "1" }]),
  },
  {
    block: "Session Metrics View",
    given: "SELECT cleanup_stale_sessions(now() - interval '5 minutes', 'your_machine_id')",
    check([rows]) {
      expect(rows).toMatchObject([
        {
          total_sessions: "5",
          active_sessions: "2",
          stale_sessions: "0",
          graceful_exits: "1",
          stale_cleanups: "1",
          terminal_replacements: "0",
        },
      ]);
      expect(Object.keys(rows?.[0] ?? {})).toHaveLength(7);
      expect(Number(rows?.[0]?.avg_heartbeat_age)).toBeGreaterThanOrEqual(115);
    },
  },
  {
    block: "Handoff Resolution Tracking: Query Unresolved",
    given: HANDOFFS,
    check([rows]) {
      expect(rows?.map((row) => row.id)).toEqual(["handoff-uuid-here", "another"]);
      expect(Number(rows?.[0]?.hours_blocked)).toBeCloseTo(2, 1);
    },
  },
  {
    block: "Handoff Resolution Tracking: Mark Failure",
    given: HANDOFFS,
    async check(_, { sql }) {
      const open = await sql`SELECT id FROM sd_phase_handoffs WHERE resolved_at IS NULL ORDER BY id`;
      expect(open.map((row) => row.id)).toEqual(["another", "passed"]);
    },
  },
  {
    block: "Handoff Resolution Tracking: Monitor Resolution",
    given: `${HANDOFFS}; UPDATE sd_phase_handoffs SET resolved_at = now(), resolution_type = 'obsolete' WHERE id = 'another'`,
    check([rows]) {
      expect(rows).toMatchObject([{ resolution_type: "obsolete", resolution_count: "1" }]);
      expect(Number(rows?.[0]?.avg_hours_to_resolution)).toBeCloseTo(1, 1);
    },
  },
  {
    block: "Ship Process Safety / Deployment: Verification",
    check([columns, functions, sessions]) {
      expect(columns).toEqual([{ column_name: "current_branch", data_type: "character varying" }]);
      expect(functions).toEqual([{ proname: "update_session_heartbeat_with_branch", pronargs: 2 }]);
      expect(sessions).toHaveLength(4);
    },
  },
  {
    block: "Ship Process Safety / Monitoring: Query Current Branches",
    check: ([rows]) => expect(rows?.map((row) => row.current_branch)).toEqual(["feat/slow", "feat/SD-XXX-001"].sort()),
  },
  {
    block: "Ship Process Safety / Monitoring: Detect Branch Contamination",
    given: "SELECT update_session_heartbeat_with_branch('session_crashed', 'feat/SD-XXX-001')",
    check([rows]) {
      expect(rows).toMatchObject([{ current_branch: "feat/SD-XXX-001", session_count: "2" }]);
      expect(rows?.[0]?.sessions).toEqual(expect.arrayContaining(["session_abc123", "session_crashed"]));
    },
  },
  {
    block: "Ship Process Safety / Troubleshooting: Diagnosis",
    check: ([rows]) => expect(ids(rows)?.sort()).toEqual(["session_abc123", "session_crashed"]),
  },
  {
    block: "Session Creation Heartbeat Guard (Migration: 20260213) / Monitoring: Query Active Session Conflicts",
    given: CONFLICT,
    check: ([rows]) =>
      expect(rows).toMatchObject([
        { session_id: "session_second", conflicted_with: "session_abc123", sd_conflict: "SD-XXX-001" },
      ]),
  },
  {
    block: "Session Creation Heartbeat Guard (Migration: 20260213) / Monitoring: Conflict Rate",
    given: CONFLICT,
    check: ([rows]) =>
      expect(rows).toEqual([{ conflict_count: "1", total_sessions: "6", conflict_rate_percent: "16.67" }]),
  },
  {
    block: 'Session Creation Heartbeat Guard (Migration: 20260213) / Issue: "CONFLICT',
    check: ([rows]) => expect(ids(rows)).toEqual(["session_abc123"]),
  },
  {
    block: "Session Creation Heartbeat Guard (Migration: 20260213) / Issue: Session Not Auto-Released",
    async check([rows], { sql }) {
      expect(rows?.[0]?.release_sd).toMatchObject({
        success: true,
        released_sd: "SD-XXX-001",
        session_id: "session_abc123",
        reason: "manual",
      });
      expect(await sql`SELECT status FROM claude_sessions WHERE session_id = 'session_abc123'`).toEqual([
        { status: "idle" },
      ]);
    },
  },
  {
    block: "Session Creation Heartbeat Guard (Migration: 20260213) / Deployment",
    check: ([rows]) => expect(rows?.[0]?.prosrc).toContain("v_heartbeat_age < 300"),
  },
];

/** Runs SQL as an operator's console does. @returns the rows of each statement that gives any, or could */
async function run({ sql }: TeamDatabase, text: string): Promise<Rows[]> {
  const results = (await sql.unsafe(text).simple()) as unknown as Rows | Rows[];
  const several = Array.isArray(results[0]) ? (results as Rows[]) : [results as Rows];
  return several.map((rows) => rows.map((row) => ({ ...row })));
}

/** Blocks that change the schema have tests of their own below. */
const SCHEMA = ["Deployment / Rollback", "Handoff Resolution Tracking: Database Schema"];

describe("the runbook's SQL runs as printed and answers as it says", () => {
  beforeEach(() => setScene());

  test.each(runbookBlocks().filter(({ name }) => !SCHEMA.includes(name)))("$name", async ({ name, sql }) => {
    const found = CASES.filter(({ block }) => name.startsWith(block));
    expect(found).toHaveLength(1);
    if (found[0]?.given !== undefined) await database.sql.unsafe(found[0].given);
    await found[0]?.check(await run(database, sql), database);
  });
});

function block(name: string): string {
  const found = runbookBlocks().find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`the runbook has no block ${name}`);
  return found.sql;
}

test("after the printed rollback claim, release and heartbeat still work, and one session holds an item at a time", async () => {
  const own = await createTeamDatabase(server);
  await setScene(own);
  await run(own, block("Deployment / Rollback"));
  const store = own.openStore("");
  const answers = await own.sql.unsafe(`SELECT
    claim_sd('SD-XXX-001', 'session_idle') AS refused, claim_sd('SD-NEW', 'session_idle') AS claimed,
    update_session_heartbeat('session_idle') AS beat, release_sd('SD-NEW') AS released`);
  expect(answers[0]).toMatchObject({
    refused: { error: "already_claimed", claimed_by: "session_abc123" },
    claimed: { success: true, claim_epoch: 1 },
    beat: { success: true },
    released: { success: true, session_id: "session_idle" },
  });
  expect(await store.metrics()).toMatchObject({ total: 5 });
  await own.sql.end();
});

test("the printed change of sd_phase_handoffs is the step of 20260209", async () => {
  const own = await createTeamDatabase(server, "20260201_session_lifecycle_events");
  await run(own, block("Handoff Resolution Tracking: Database Schema"));
  expect(await own.migrate()).toMatchObject({
    applied: expect.arrayContaining(["20260209_handoff_resolution_tracking"]),
  });
  const [index] = await own.sql`SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_sd_phase_handoffs_unresolved'`;
  expect(index?.indexdef).toContain("WHERE (resolved_at IS NULL)");
  await own.sql.end();
});
