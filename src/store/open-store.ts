import { existsSync } from "node:fs";
import type { MigrationStatus } from "./migration-files.ts";
import type { SessionStore } from "./session-store.ts";

export interface StoreLocation {
  /** The embedded database's file. */
  readonly database: string;
  /** The repository's identity, kept in every row; where finding it out costs a process, only what needs it asks. */
  readonly repository: string | (() => Promise<string>);
  /** `BULKHEAD_DATABASE_URL`: the team's database, used instead of the embedded one. Secret. */
  readonly teamUrl?: string | undefined;
  /** Tells worktrees of this machine from those at the same path elsewhere, in the team's database. */
  readonly machineId?: () => string;
  /** The embedded store's clock, for tests: ISO 8601. */
  readonly clock?: () => string;
}

/**
 * Opens the session store; the embedded one is made and brought up to date where it has to be. Each database library
 * is loaded only where it is used.
 * @throws BulkheadError `STORE_FAILED`, `STORE_NEWER`, `MIGRATION_CHANGED`, `DATABASE_URL_INVALID`, `STORE_SPLIT`,
 * `STORE_MOVED`; the team store's connection is made at first use
 */
export async function openSessionStore(location: StoreLocation): Promise<SessionStore> {
  if (location.teamUrl) {
    const { openTeamStore } = await import("./postgres/team-store.ts");
    return openTeamStore(await named(location), location.teamUrl);
  }
  const { refuseIfMoved } = await import("./moved-store.ts");
  refuseIfMoved(location.database);
  return openEmbeddedStore(location);
}

async function openEmbeddedStore({ database, repository, clock }: StoreLocation): Promise<SessionStore> {
  const { SqliteSessionStore } = await import("./sqlite/sqlite-session-store.ts");
  const { SqliteConnection } = await import("./sqlite/connection.ts");
  const { bringUpToDate } = await import("./sqlite/migrate.ts");
  const connection = SqliteConnection.open(database);
  try {
    bringUpToDate(connection);
  } catch (cause) {
    connection.close();
    throw cause;
  }
  return new SqliteSessionStore(connection, async () => identityOf({ repository }), clock);
}

/** A location whose repository's identity has been found out. */
export type NamedLocation = StoreLocation & { readonly repository: string };

async function named(location: StoreLocation): Promise<NamedLocation> {
  return { ...location, repository: await identityOf(location) };
}

async function identityOf({ repository }: Pick<StoreLocation, "repository">): Promise<string> {
  return typeof repository === "string" ? repository : repository();
}

/** Whether there is a store to ask: the embedded one is made by whatever command comes first. */
export function storeExists({ database, teamUrl }: StoreLocation): boolean {
  return Boolean(teamUrl) || existsSync(database);
}

/** Where a store is and how far its schema is. */
export interface StoreStatus {
  readonly store: "postgres" | "sqlite";
  /** For people: never a password. */
  readonly database: string;
  readonly exists: boolean;
  readonly steps: readonly MigrationStatus[];
  /** Seconds by which the store's clock is ahead of this machine's; 0 where it is the same clock. */
  readonly clockAhead: number;
}

export interface StoreMigration extends StoreStatus {
  /** Steps done now. */
  readonly applied: readonly string[];
  /** Steps that had been done by hand, on record now. */
  readonly recognised: readonly string[];
  /** Steps of which something had been dropped, which is there again. */
  readonly restored: readonly string[];
}

/** Brings the database up to date. */
export async function migrateStore({ database, teamUrl }: StoreLocation): Promise<StoreMigration> {
  if (teamUrl) {
    const { migrateTeamStore } = await import("./postgres/team-store.ts");
    return migrateTeamStore(teamUrl);
  }
  const { SqliteConnection } = await import("./sqlite/connection.ts");
  const { migrate, migrationStatus, sqliteMigrations } = await import("./sqlite/migrate.ts");
  const connection = SqliteConnection.open(database);
  try {
    const migrations = sqliteMigrations();
    const applied = migrate(connection, migrations);
    const steps = migrationStatus(connection, migrations);
    return { store: "sqlite", database, exists: true, applied, recognised: [], restored: [], steps, clockAhead: 0 };
  } finally {
    connection.close();
  }
}

/** Where the database stands, changing nothing; every step is pending while there is no file. */
export async function storeStatus({ database, teamUrl }: StoreLocation): Promise<StoreStatus> {
  if (teamUrl) {
    const { teamStoreStatus } = await import("./postgres/team-store.ts");
    return teamStoreStatus(teamUrl);
  }
  const { migrationStatus, sqliteMigrations } = await import("./sqlite/migrate.ts");
  const migrations = sqliteMigrations();
  if (!existsSync(database)) {
    const steps = migrations.map(({ name }) => ({ name, appliedAt: null }));
    return { store: "sqlite", database, exists: false, steps, clockAhead: 0 };
  }
  const { SqliteConnection } = await import("./sqlite/connection.ts");
  const connection = SqliteConnection.open(database);
  try {
    return { store: "sqlite", database, exists: true, steps: migrationStatus(connection, migrations), clockAhead: 0 };
  } finally {
    connection.close();
  }
}

/**
 * Takes steps of the team's database back.
 * @param down the last step to take back; null for the last one only
 */
export async function rollbackTeamStore(
  url: string,
  down: string | null,
): Promise<StoreStatus & { readonly taken: readonly string[] }> {
  return (await import("./postgres/team-store.ts")).rollbackTeamStore(url, down);
}

/** What came over from an embedded store. */
export interface Imported {
  /** For people: never a password. */
  readonly database: string;
  readonly sessions: number;
  /** Events and handoffs that were new to it. */
  readonly events: number;
  readonly handoffs: number;
  /** Claims that did not come along, as a live session of the team holds the item. */
  readonly refused: readonly { readonly item: string; readonly holder: string }[];
}

/** Carries a clone's sessions with their claims and epochs over. Doing it again brings what is new. */
export async function importIntoTeamStore(location: StoreLocation, url: string): Promise<Imported> {
  return (await import("./postgres/team-store.ts")).importEmbedded(await named(location), url);
}

export type { MigrationStatus } from "./migration-files.ts";
