// Writes migrations/sqlite/schema.sql and migrations/schema.txt: what the migrations make of an empty database.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrationsDirectory } from "../src/store/migration-files.ts";
import { SqliteConnection } from "../src/store/sqlite/connection.ts";
import { dumpSchema, migrate, sqliteMigrations } from "../src/store/sqlite/migrate.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { dumpTeamSchema } from "../test/support/schema-dump.ts";
import { createTeamDatabase } from "../test/support/team-database.ts";

const directory = mkdtempSync(join(tmpdir(), "bulkhead-schema-"));
const connection = SqliteConnection.open(join(directory, "empty.db"));
migrate(connection, sqliteMigrations());
writeFileSync(join(migrationsDirectory("sqlite"), "schema.sql"), dumpSchema(connection));
connection.close();
rmSync(directory, { recursive: true });

const server = await startPostgres();
const database = await createTeamDatabase(server);
writeFileSync(join(migrationsDirectory("postgres"), "schema.txt"), await dumpTeamSchema(database.sql));
await database.sql.end();
await server.stop();
