import { type MigrationStatus, migrateStore, storeStatus } from "../store/open-store.ts";
import type { Clone } from "./clone.ts";

/** Where the session database stands. */
export interface DatabaseDocument {
  readonly store: "sqlite";
  readonly database: string;
  readonly exists: boolean;
  /** Names of the migrations that were done now. */
  readonly applied: readonly string[];
  readonly migrations: readonly { readonly name: string; readonly applied_at: string | null }[];
}

/** Brings the database up to date. @throws BulkheadError `STORE_FAILED`, `STORE_NEWER`, `MIGRATION_CHANGED` */
export async function migrateDatabase(clone: Clone): Promise<DatabaseDocument> {
  const { database } = await clone.storeLocation();
  const { applied, steps } = await migrateStore(database);
  return { store: "sqlite", database, exists: true, applied, migrations: steps.map(rowOf) };
}

/** Shows where the database stands, changing nothing. */
export async function databaseStatus(clone: Clone): Promise<DatabaseDocument> {
  const { database } = await clone.storeLocation();
  const { exists, steps } = await storeStatus(database);
  return { store: "sqlite", database, exists, applied: [], migrations: steps.map(rowOf) };
}

function rowOf({ name, appliedAt }: MigrationStatus): DatabaseDocument["migrations"][number] {
  return { name, applied_at: appliedAt };
}
