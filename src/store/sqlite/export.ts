/** What an embedded store holds that the team's database has to know. */
import { createHash } from "node:crypto";
import { isLive } from "../../domain/claim-rules.ts";
import type { Session } from "../../domain/session.ts";
import { SqliteConnection } from "./connection.ts";
import { migrate, sqliteMigrations } from "./migrate.ts";
import { SESSION_COLUMNS } from "./rows.ts";
import { liveSessions, readClock } from "./transaction.ts";

/** Rows by column name, as the team's database takes them. */
export interface Exported {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly sessions: readonly Readonly<Record<string, unknown>>[];
  /** The log, the oldest first, each with an id that is the same whenever it is asked for. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly handoffs: readonly Readonly<Record<string, unknown>>[];
}

/** Sessions that have not ended and are not stale. */
export function readLiveSessions(database: string): Session[] {
  return withDatabase(database, (connection) =>
    liveSessions({ connection, now: readClock(connection), repository: "" }).filter((session) => isLive(session, [])),
  );
}

/** Sessions that have not ended, and the epochs of all items. */
export function exportForTeam(database: string): Exported {
  const columns = SESSION_COLUMNS.split(",").map((name) => name.trim());
  return withDatabase(database, (connection) => ({
    items: connection
      .all("SELECT sd_key, claim_epoch FROM strategic_directives_v2")
      .map((row) => ({ sd_key: row.sd_key, claim_epoch: row.claim_epoch })),
    sessions: connection
      .all(`SELECT ${SESSION_COLUMNS} FROM claude_sessions WHERE status <> 'released' ORDER BY created_at`)
      .map((row) => ({
        ...Object.fromEntries(columns.map((name) => [name, row[name]])),
        metadata: JSON.parse(String(row.metadata)),
      })),
    events: connection
      .all(
        "SELECT id, event_id, session_id, event_type, event_data, occurred_at FROM session_lifecycle_events ORDER BY id",
      )
      .map(({ session_id, event_type, event_data, occurred_at, ...ids }) => {
        const event = { session_id, event_type, event_data: JSON.parse(String(event_data)), occurred_at };
        return { ...event, event_id: ids.event_id ?? `import:${digest([ids.id, event])}` };
      }),
    handoffs: connection
      .all(`SELECT ${HANDOFF_COLUMNS.join(", ")} FROM sd_phase_handoffs ORDER BY created_at, rowid`)
      .map((row) => Object.fromEntries(HANDOFF_COLUMNS.map((name) => [name, row[name]]))),
  }));
}

const HANDOFF_COLUMNS = [
  ...["id", "sd_id", "handoff_type", "status", "rejection_reason", "session_id", "created_at"],
  ...["resolved_at", "resolution_type", "resolution_notes"],
];

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}

function withDatabase<T>(database: string, work: (connection: SqliteConnection) => T): T {
  const connection = SqliteConnection.open(database);
  try {
    migrate(connection, sqliteMigrations());
    return work(connection);
  } finally {
    connection.close();
  }
}
