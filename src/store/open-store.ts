import { existsSync } from "node:fs";
import type { SessionStore } from "./session-store.ts";
import type { MigrationStatus } from "./sqlite/migrate.ts";

export interface StoreLocation {
  /** The embedded database's file. */
  readonly database: string;
  /** The repository's identity, kept in every row. */
  readonly repository: string;
  /** The store's clock, for tests: ISO 8601. */
  readonly clock?: () => string;
}

/** Whether the store has been made, by whatever command came first. */
export function storeExists({ database }: Pick<StoreLocation, "database">): boolean {
  return existsSync(database);
}

/**
 * Opens the session store, made and brought up to date where it has to be. The database library is loaded only here.
 * @throws BulkheadError `STORE_FAILED`, `STORE_NEWER`, `MIGRATION_CHANGED`
 */
export async function openSessionStore({ database, repository, clock }: StoreLocation): Promise<SessionStore> {
  const { SqliteSessionStore } = await import("./sqlite/sqlite-session-store.ts");
  const { SqliteConnection } = await import("./sqlite/connection.ts");
  const { migrate, sqliteMigrations } = await import("./sqlite/migrate.ts");
  const connection = SqliteConnection.open(database);
  try {
    migrate(connection, sqliteMigrations());
  } catch (cause) {
    connection.close();
    throw cause;
  }
  return new SqliteSessionStore(connection, repository, clock);
}

/** Brings the database up to date. @returns every step, and the names of those done now */
export async function migrateStore(
  database: string,
): Promise<{ readonly applied: readonly string[]; readonly steps: readonly MigrationStatus[] }> {
  const { SqliteConnection } = await import("./sqlite/connection.ts");
  const { migrate, migrationStatus, sqliteMigrations } = await import("./sqlite/migrate.ts");
  const connection = SqliteConnection.open(database);
  try {
    const migrations = sqliteMigrations();
    const applied = migrate(connection, migrations);
    return { applied, steps: migrationStatus(connection, migrations) };
  } finally {
    connection.close();
  }
}

/** Where the database stands, changing nothing; every step is pending while there is no file. */
export async function storeStatus(database: string): Promise<{ exists: boolean; steps: readonly MigrationStatus[] }> {
  const { migrationStatus, sqliteMigrations } = await import("./sqlite/migrate.ts");
  const migrations = sqliteMigrations();
  if (!existsSync(database)) return { exists: false, steps: migrations.map(({ name }) => ({ name, appliedAt: null })) };
  const { SqliteConnection } = await import("./sqlite/connection.ts");
  const connection = SqliteConnection.open(database);
  try {
    return { exists: true, steps: migrationStatus(connection, migrations) };
  } finally {
    connection.close();
  }
}

export type { MigrationStatus } from "./sqlite/migrate.ts";
