/** The team's database as a whole: opening it for a clone, and looking after its schema. */
import { existsSync } from "node:fs";
import { BulkheadError } from "../../domain/error.ts";
import type { MigrationStatus } from "../migration-files.ts";
import { hasMoved, noteMoved } from "../moved-store.ts";
import type { Imported, NamedLocation, StoreMigration, StoreStatus } from "../open-store.ts";
import type { SessionStore } from "../session-store.ts";
import type { Exported } from "../sqlite/export.ts";
import { PostgresConnection } from "./connection.ts";
import { migratePostgres, postgresMigrations, postgresStatus, rollbackPostgres } from "./migrate.ts";
import { PostgresSessionStore } from "./postgres-session-store.ts";

/**
 * Opens the team store for a clone. The first time it looks whether the clone has sessions in its embedded store.
 * @throws BulkheadError `DATABASE_URL_INVALID`, `STORE_SPLIT`, `STORE_UNREACHABLE`
 */
export async function openTeamStore(location: NamedLocation, url: string): Promise<SessionStore> {
  const connection = new PostgresConnection(url);
  if (!hasMoved(location.database)) {
    try {
      await moveIn(location.database, connection);
    } catch (cause) {
      await connection.close();
      throw cause;
    }
  }
  return new PostgresSessionStore(connection, location.repository, location.machineId?.() ?? null);
}

async function moveIn(database: string, connection: PostgresConnection): Promise<void> {
  const sessions = await countLive(database);
  if (sessions > 0) throw new BulkheadError("STORE_SPLIT", { sessions, team: connection.location });
  await connection.query("SELECT 1", [], { again: true });
  noteMoved(database, connection.location);
}

async function countLive(database: string): Promise<number> {
  if (!existsSync(database)) return 0;
  const { readLiveSessions } = await import("../sqlite/export.ts");
  return readLiveSessions(database).length;
}

export async function migrateTeamStore(url: string): Promise<StoreMigration> {
  return withConnection(url, async (connection) => {
    const report = await migratePostgres(connection, postgresMigrations());
    return { ...(await statusOf(connection)), ...report };
  });
}

export async function teamStoreStatus(url: string): Promise<StoreStatus> {
  return withConnection(url, statusOf);
}

/** @param down the last step to take back; null for the last one only */
export async function rollbackTeamStore(
  url: string,
  down: string | null,
): Promise<StoreStatus & { readonly taken: readonly string[] }> {
  return withConnection(url, async (connection) => {
    const taken = await rollbackPostgres(connection, postgresMigrations(), down);
    return { ...(await statusOf(connection)), taken };
  });
}

/** Carries a clone's sessions with their claims and epochs over. Doing it again brings what is new. */
export async function importEmbedded({ database, repository }: NamedLocation, url: string): Promise<Imported> {
  const { exportForTeam } = await import("../sqlite/export.ts");
  const nothing = { items: [], sessions: [], events: [], handoffs: [] };
  const { items, sessions, events, handoffs } = existsSync(database) ? exportForTeam(database) : nothing;
  return withConnection(url, async (connection) => {
    const outcome = await connection.value<{
      imported: string[];
      refused: { sd_id: string; holder: { session_id: string } }[];
    }>("SELECT bulkhead_import($1, $2::text::jsonb, $3::text::jsonb)", [
      repository,
      JSON.stringify(items),
      JSON.stringify(sessions),
    ]);
    noteMoved(database, connection.location);
    const history = await importHistory(connection, repository, { events, handoffs });
    return {
      database: connection.location,
      sessions: outcome.imported.length,
      ...history,
      refused: outcome.refused.map(({ sd_id, holder }) => ({ item: sd_id, holder: holder.session_id })),
    };
  });
}

/** How many rows of history one statement takes over. */
const HISTORY_BATCH = 1000;

/** After the sessions, so that the log keeps its order, in pieces that no statement limit is too short for. Twice is once. */
async function importHistory(
  connection: PostgresConnection,
  repository: string,
  { events, handoffs }: Pick<Exported, "events" | "handoffs">,
): Promise<{ events: number; handoffs: number }> {
  const total = { events: 0, handoffs: 0 };
  for (let at = 0; at < Math.max(events.length, handoffs.length); at += HISTORY_BATCH) {
    const piece = (rows: readonly unknown[]) => JSON.stringify(rows.slice(at, at + HISTORY_BATCH));
    const done = await connection.value<{ events: number; handoffs: number }>(
      "SELECT bulkhead_import_history($1, $2::text::jsonb, $3::text::jsonb)",
      [repository, piece(events), piece(handoffs)],
      { again: true },
    );
    total.events += done.events;
    total.handoffs += done.handoffs;
  }
  return total;
}

async function statusOf(connection: PostgresConnection): Promise<StoreStatus> {
  const steps: readonly MigrationStatus[] = await postgresStatus(connection, postgresMigrations());
  const clockAhead = await readClockAhead(connection);
  return { store: "postgres", database: connection.location, exists: true, steps, clockAhead };
}

async function readClockAhead(connection: PostgresConnection): Promise<number> {
  const asked = Date.now();
  const theirs = Number(await connection.value("SELECT EXTRACT(EPOCH FROM clock_timestamp())::double precision"));
  // The answer is of some moment in between.
  return theirs - (asked + Date.now()) / 2000;
}

async function withConnection<T>(url: string, work: (connection: PostgresConnection) => Promise<T>): Promise<T> {
  const connection = new PostgresConnection(url);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
