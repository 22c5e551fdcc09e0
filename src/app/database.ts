import { BulkheadError } from "../domain/error.ts";
import { parseSessionId } from "../domain/names.ts";
import { shortSessionId } from "../domain/session-health.ts";
import {
  importIntoTeamStore,
  type MigrationStatus,
  migrateStore,
  rollbackTeamStore,
  type StoreLocation,
  type StoreStatus,
  storeStatus,
} from "../store/open-store.ts";
import type { Clone } from "./clone.ts";

/** Where the session database stands. */
export interface DatabaseDocument {
  readonly store: "postgres" | "sqlite";
  /** Its file, or host and database: never a password. */
  readonly database: string;
  readonly exists: boolean;
  /** Names of the migrations that were done now. */
  readonly applied: readonly string[];
  /** Those that had been done by hand, and are on record now. */
  readonly recognised: readonly string[];
  /** Those of which something had been dropped by hand, which is there again. */
  readonly restored: readonly string[];
  readonly rolled_back: readonly string[];
  readonly migrations: readonly { readonly name: string; readonly applied_at: string | null }[];
}

/**
 * Brings the database up to date.
 * @throws BulkheadError `STORE_FAILED`, `STORE_UNREACHABLE`, `STORE_NEWER`, `MIGRATION_CHANGED`
 */
export async function migrateDatabase(clone: Clone): Promise<DatabaseDocument> {
  const { applied, recognised, restored, ...state } = await migrateStore(clone.storeLocation());
  return { ...documentOf(state), applied, recognised, restored };
}

/** Shows where the database stands, changing nothing. */
export async function databaseStatus(clone: Clone): Promise<DatabaseDocument> {
  return documentOf(await storeStatus(clone.storeLocation()));
}

/**
 * Takes steps of the team's database back; tables that hold rows stay.
 * @param down the last step to take back; null for the last one only
 * @throws BulkheadError `USAGE` without a team's database, or for a step that there is not
 */
export async function rollbackDatabase(clone: Clone, down: string | null): Promise<DatabaseDocument> {
  const location = clone.storeLocation();
  const url = requireTeam(location, "rollback");
  if (down !== null && !(await storeStatus(location)).steps.some(({ name }) => name === down)) {
    throw usage(`There is no step '${down}'.`);
  }
  const { taken, ...state } = await rollbackTeamStore(url, down);
  return { ...documentOf(state), rolled_back: taken };
}

/** What came over from the clone's embedded store. */
export interface ImportDocument {
  readonly store: "postgres";
  readonly database: string;
  readonly sessions: number;
  /** Events of the log and handoffs that were new there. */
  readonly events: number;
  readonly handoffs: number;
  /** Claims that did not come along, as a live session of the team holds the item. */
  readonly refused: readonly { readonly sd_id: string; readonly claimed_by: string }[];
}

/**
 * Carries the clone's sessions, with their claims and epochs, over to the team's database.
 * @throws BulkheadError `USAGE` without a team's database
 */
export async function importSessions(clone: Clone): Promise<ImportDocument> {
  const location = clone.storeLocation();
  const { database, sessions, events, handoffs, refused } = await importIntoTeamStore(
    location,
    requireTeam(location, "import"),
  );
  const rows = refused.map(({ item, holder }) => ({ sd_id: item, claimed_by: shortSessionId(parseSessionId(holder)) }));
  return { store: "postgres", database, sessions, events, handoffs, refused: rows };
}

export interface PruneDocument {
  readonly days: number;
  /** How many of each went into the archive. */
  readonly sessions: number;
  readonly events: number;
}

/** How many rows one statement moves: so few that it is in nobody's way. */
const BATCH = 1000;

/** Archives this repository's sessions that ended, and events that happened, more than so many days ago. */
export async function pruneDatabase(clone: Clone, days: number): Promise<PruneDocument> {
  const store = await clone.store();
  const total = { sessions: 0, events: 0 };
  for (;;) {
    const { sessions, events } = await store.prune(days, BATCH);
    total.sessions += sessions;
    total.events += events;
    if (sessions < BATCH && events < BATCH) return { days, ...total };
  }
}

function requireTeam({ teamUrl }: StoreLocation, action: string): string {
  if (teamUrl) return teamUrl;
  throw usage(`'${action}' is for the team's database, and BULKHEAD_DATABASE_URL is not set.`);
}

function usage(reason: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, command: "db" });
}

function documentOf({ store, database, exists, steps }: StoreStatus): DatabaseDocument {
  const none: readonly string[] = [];
  const rest = { applied: none, recognised: none, restored: none, rolled_back: none };
  return { store, database, exists, ...rest, migrations: steps.map(rowOf) };
}

function rowOf({ name, appliedAt }: MigrationStatus): DatabaseDocument["migrations"][number] {
  return { name, applied_at: appliedAt };
}
