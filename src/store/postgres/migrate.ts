import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BulkheadError } from "../../domain/error.ts";
import { type Migration, type MigrationStatus, migrationsDirectory, readMigrations } from "../migration-files.ts";
import type { PostgresConnection, Run } from "./connection.ts";

/** What a call of `migratePostgres` did. */
export interface MigrationReport {
  /** Steps that were done now. */
  readonly applied: readonly string[];
  /** Steps that had been done by hand, with psql say, and are on record now. */
  readonly recognised: readonly string[];
  /** Steps of which something was missing, dropped by hand say, and is there again. */
  readonly restored: readonly string[];
}

interface Applied {
  /** Null: it was done by hand. */
  readonly checksum: string | null;
  readonly appliedAt: string;
}

const LOCK = "SELECT pg_advisory_xact_lock(hashtext('bulkhead_migrations'))";

/** The steps that this program brings along. */
export function postgresMigrations(): Migration[] {
  return readMigrations(migrationsDirectory("postgres"));
}

/**
 * Brings the database to this program's schema, each step in a transaction of its own, under a lock: runners that race
 * wait for one another, and each step is done once.
 * @throws BulkheadError `MIGRATION_CHANGED`, `STORE_NEWER`, `STORE_FAILED`, `STORE_UNREACHABLE`
 */
export async function migratePostgres(
  connection: PostgresConnection,
  migrations: readonly Migration[],
): Promise<MigrationReport> {
  const done = { applied: [] as string[], recognised: [] as string[], restored: [] as string[] };
  for (const migration of migrations) {
    const what = await connection.transaction(async (run) => {
      await run.query(LOCK);
      return bringUp(run, connection.location, migrations, migration);
    });
    if (what !== "there") done[what].push(migration.name);
  }
  return done;
}

async function bringUp(
  run: Run,
  location: string,
  migrations: readonly Migration[],
  migration: Migration,
): Promise<keyof MigrationReport | "there"> {
  const known = (await readApplied(run.query, location, migrations)).get(migration.name);
  const missing = known === undefined || (await lacksSomething(run, migration));
  if (missing) await run.script(withoutTransaction(migration.sql));
  if (missing || known?.checksum === null) {
    await run.query("UPDATE bulkhead_migrations SET checksum = $2 WHERE name = $1", [
      migration.name,
      migration.checksum,
    ]);
  }
  if (known === undefined) return "applied";
  if (missing) return "restored";
  return known.checksum === null ? "recognised" : "there";
}

/** Steps can be pasted into a console, so each brings its own transaction; here it is a part of ours. */
function withoutTransaction(sql: string): string {
  return sql.replace(/^BEGIN;$/m, "").replace(/^COMMIT;$/m, "");
}

const MADE = [
  /^\s*CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (\w+)/gm,
  /^\s*CREATE TRIGGER (\w+)/gm,
  /^\s*CREATE OR REPLACE FUNCTION (\w+)/gm,
  /^\s*CREATE (?:OR REPLACE )?VIEW (\w+)/gm,
];

/** Whether something that the step makes has been dropped since: every step can be run again and then makes it anew. */
async function lacksSomething(run: Run, migration: Migration): Promise<boolean> {
  const names = MADE.flatMap((pattern) => [...migration.sql.matchAll(pattern)].map(([, name]) => name ?? ""));
  const rows = await run.query(
    `SELECT name FROM jsonb_array_elements_text($1::text::jsonb) AS name WHERE name NOT IN (
       SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
       UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       UNION SELECT tgname FROM pg_trigger)`,
    [JSON.stringify(names)],
  );
  return rows.length > 0;
}

async function readApplied(
  query: Run["query"],
  location: string,
  migrations: readonly Migration[],
): Promise<Map<string, Applied>> {
  const [there] = await query("SELECT to_regclass('public.bulkhead_migrations') IS NOT NULL AS there");
  if (there?.there !== true) return new Map();
  const rows = await query("SELECT name, checksum, applied_at FROM public.bulkhead_migrations ORDER BY name");
  const expected = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  const applied = new Map<string, Applied>();
  for (const row of rows) {
    const name = String(row.name);
    const checksum = row.checksum === null ? null : String(row.checksum);
    if (!expected.has(name)) throw new BulkheadError("STORE_NEWER", { path: location, migration: name });
    if (checksum !== null && checksum !== expected.get(name)) {
      throw new BulkheadError("MIGRATION_CHANGED", { path: location, migration: name });
    }
    applied.set(name, { checksum, appliedAt: new Date(String(row.applied_at)).toISOString() });
  }
  return applied;
}

/** Every step, with when it was done. Changes nothing. */
export async function postgresStatus(
  connection: PostgresConnection,
  migrations: readonly Migration[],
): Promise<MigrationStatus[]> {
  const query: Run["query"] = (text, parameters) => connection.query(text, parameters, { again: true });
  const applied = await readApplied(query, connection.location, migrations);
  return migrations.map(({ name }) => ({ name, appliedAt: applied.get(name)?.appliedAt ?? null }));
}

/**
 * Takes the last step back or, where one is named, all steps from the last down to it. Tables that hold rows stay.
 * @returns the steps taken back, the last first
 * @throws BulkheadError as `migratePostgres`; each step is a transaction of its own
 */
export async function rollbackPostgres(
  connection: PostgresConnection,
  migrations: readonly Migration[],
  down: string | null,
): Promise<string[]> {
  const taken: string[] = [];
  for (const { name } of [...migrations].reverse()) {
    const done = await connection.transaction(async (run) => {
      await run.query(LOCK);
      const applied = await readApplied(run.query, connection.location, migrations);
      if (!applied.has(name)) return false;
      const file = join(migrationsDirectory("postgres"), "rollback", `${name}.sql`);
      await run.script(withoutTransaction(readFileSync(file, "utf8")));
      return true;
    });
    if (done) taken.push(name);
    if (name === down || (down === null && done)) break;
  }
  return taken;
}
