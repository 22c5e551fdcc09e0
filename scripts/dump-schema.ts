// Writes migrations/sqlite/schema.sql: what the migrations make of an empty database.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrationsDirectory } from "../src/store/migration-files.ts";
import { SqliteConnection } from "../src/store/sqlite/connection.ts";
import { dumpSchema, migrate, sqliteMigrations } from "../src/store/sqlite/migrate.ts";

const directory = mkdtempSync(join(tmpdir(), "bulkhead-schema-"));
const connection = SqliteConnection.open(join(directory, "empty.db"));
migrate(connection, sqliteMigrations());
writeFileSync(join(migrationsDirectory("sqlite"), "schema.sql"), dumpSchema(connection));
connection.close();
rmSync(directory, { recursive: true });
