import { BulkheadError } from "../../domain/error.ts";
import { type Migration, type MigrationStatus, migrationsDirectory, readMigrations } from "../migration-files.ts";
import type { SqliteConnection } from "./connection.ts";

const RECORD = `CREATE TABLE IF NOT EXISTS bulkhead_migrations (
  name TEXT NOT NULL PRIMARY KEY,
  checksum TEXT NOT NULL,
  applied_at TEXT NOT NULL
) STRICT`;

/** The steps that this program brings along. */
export function sqliteMigrations(): Migration[] {
  return readMigrations(migrationsDirectory("sqlite"));
}

/** What a database is compared with: the steps' texts matter only where one has to be done. */
type Step = Pick<Migration, "name" | "checksum">;

/**
 * Brings the database to this program's schema, without reading the steps where nothing is to be done.
 * @throws BulkheadError as `migrate`
 */
export function bringUpToDate(connection: SqliteConnection): void {
  const known = typeof __SQLITE_STEPS__ === "undefined" ? undefined : __SQLITE_STEPS__;
  if (known === undefined || pending(connection, known).length > 0) migrate(connection, sqliteMigrations());
}

/**
 * Brings the database to this program's schema, each step in a transaction of its own. Runners that race wait for
 * one another, and each step is done once.
 * @returns the names of the steps that this call did
 * @throws BulkheadError `MIGRATION_CHANGED`, `STORE_NEWER`, `STORE_FAILED`
 */
export function migrate(connection: SqliteConnection, migrations: readonly Migration[]): string[] {
  if (pending(connection, migrations).length === 0) return [];
  return migrations.filter((migration) => applyOnce(connection, migrations, migration)).map(({ name }) => name);
}

function applyOnce(connection: SqliteConnection, migrations: readonly Migration[], migration: Migration): boolean {
  return connection.transaction(() => {
    connection.exec(RECORD);
    if (!pending(connection, migrations).includes(migration)) return false;
    connection.exec(migration.sql);
    connection.run(
      `INSERT INTO bulkhead_migrations (name, checksum, applied_at)
       VALUES (:name, :checksum, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
      { name: migration.name, checksum: migration.checksum },
    );
    return true;
  });
}

function pending<T extends Step>(connection: SqliteConnection, migrations: readonly T[]): T[] {
  const applied = readApplied(connection);
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const [name, { checksum }] of applied) {
    const migration = known.get(name);
    if (migration === undefined) throw new BulkheadError("STORE_NEWER", { path: connection.path, migration: name });
    if (migration.checksum !== checksum) {
      throw new BulkheadError("MIGRATION_CHANGED", { path: connection.path, migration: name });
    }
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

function readApplied(connection: SqliteConnection): Map<string, { checksum: string; appliedAt: string }> {
  const table = connection.get("SELECT 1 AS one FROM sqlite_schema WHERE name = 'bulkhead_migrations'");
  if (table === undefined) return new Map();
  const rows = connection.all("SELECT name, checksum, applied_at FROM bulkhead_migrations ORDER BY name");
  return new Map(
    rows.map((row) => [String(row.name), { checksum: String(row.checksum), appliedAt: String(row.applied_at) }]),
  );
}

/** Every step, with when it was done. Changes nothing. */
export function migrationStatus(connection: SqliteConnection, migrations: readonly Migration[]): MigrationStatus[] {
  pending(connection, migrations);
  const applied = readApplied(connection);
  return migrations.map(({ name }) => ({ name, appliedAt: applied.get(name)?.appliedAt ?? null }));
}

/** The schema as SQL text, in a stable order: kept in the repository beside the migrations. */
export function dumpSchema(connection: SqliteConnection): string {
  const rows = connection.all(
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type = 'index', tbl_name, name",
  );
  return `${rows.map((row) => `${String(row.sql)};`).join("\n\n")}\n`;
}
