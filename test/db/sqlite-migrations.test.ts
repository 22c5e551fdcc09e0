import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrationsDirectory } from "../../src/store/migration-files.ts";
import { migrateStore, openSessionStore, storeStatus } from "../../src/store/open-store.ts";
import { SqliteConnection } from "../../src/store/sqlite/connection.ts";
import { dumpSchema, migrate, migrationStatus, sqliteMigrations } from "../../src/store/sqlite/migrate.ts";
import { onCleanup, scratchDirectory } from "../support/scratch.ts";

function openScratch(): SqliteConnection {
  const connection = SqliteConnection.open(join(scratchDirectory(), "bulkhead.db"));
  onCleanup(() => connection.close());
  return connection;
}

test("the schema that the migrations make is the one checked in; `npm run schema` writes it anew", () => {
  const connection = openScratch();
  migrate(connection, sqliteMigrations());
  const checkedIn = readFileSync(join(migrationsDirectory("sqlite"), "schema.sql"), "utf8").replaceAll("\r\n", "\n");
  expect(dumpSchema(connection)).toBe(checkedIn);
});

test("migrating twice does everything once", () => {
  const connection = openScratch();
  const names = sqliteMigrations().map(({ name }) => name);
  expect(migrate(connection, sqliteMigrations())).toEqual(names);
  const after = migrationStatus(connection, sqliteMigrations());
  expect(migrate(connection, sqliteMigrations())).toEqual([]);
  expect(migrationStatus(connection, sqliteMigrations())).toEqual(after);
});

test("a migration that fails leaves nothing of itself, and the ones before it stand", () => {
  const connection = openScratch();
  const good = { name: "0001_good", sql: "CREATE TABLE good (a TEXT)", checksum: "g" };
  const bad = { name: "0002_bad", sql: "CREATE TABLE half (a TEXT); CREATE TABLE good (a TEXT)", checksum: "b" };
  expect(() => migrate(connection, [good, bad])).toThrow(expect.objectContaining({ code: "STORE_FAILED" }));
  expect(migrationStatus(connection, [good, bad]).map(({ appliedAt }) => appliedAt !== null)).toEqual([true, false]);
  expect(dumpSchema(connection)).not.toContain("half");
});

test("a landed migration that reads otherwise now is refused", () => {
  const connection = openScratch();
  const [first, ...rest] = sqliteMigrations();
  if (first === undefined) throw new Error("there are no migrations");
  migrate(connection, [first, ...rest]);
  expect(() => migrate(connection, [{ ...first, checksum: "another" }, ...rest])).toThrow(
    expect.objectContaining({ code: "MIGRATION_CHANGED" }),
  );
});

test("a database made by a newer program is refused", () => {
  const connection = openScratch();
  const newer = { name: "9999_newer", sql: "CREATE TABLE newer (a TEXT)", checksum: "n" };
  migrate(connection, [...sqliteMigrations(), newer]);
  expect(() => migrate(connection, sqliteMigrations())).toThrow(expect.objectContaining({ code: "STORE_NEWER" }));
});

test("line ends of a checkout do not change a checksum", () => {
  const [first] = sqliteMigrations();
  expect(first?.sql).not.toContain("\r");
  expect(first?.checksum).toMatch(/^[0-9a-f]{64}$/);
});

test("the status of a database that is not there makes none", async () => {
  const database = join(scratchDirectory(), "bulkhead.db");
  const status = await storeStatus({ database, repository: "" });
  expect(status.exists).toBe(false);
  expect(status.steps.every(({ appliedAt }) => appliedAt === null)).toBe(true);
  expect(existsSync(database)).toBe(false);
});

test("the database and its side files are for the owner alone", async () => {
  const database = join(scratchDirectory(), "bulkhead.db");
  const store = await openSessionStore({ database, repository: "example.test/clone" });
  await store.recordEvents([{ type: "shipped", data: {}, sessionId: null }]);
  for (const file of [database, `${database}-wal`, `${database}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  await store.close();
});

test("a file that is no database is a failure that names it, and is left as it is", async () => {
  const database = join(scratchDirectory(), "bulkhead.db");
  writeFileSync(database, "this is no database, whatever its name says".repeat(100));
  await expect(migrateStore({ database, repository: "" })).rejects.toMatchObject({
    code: "STORE_FAILED",
    data: { path: database },
  });
  expect(readFileSync(database, "utf8")).toContain("this is no database");
});
