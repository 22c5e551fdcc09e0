import postgres from "postgres";
import { PostgresConnection } from "../../src/store/postgres/connection.ts";
import { type MigrationReport, migratePostgres, postgresMigrations } from "../../src/store/postgres/migrate.ts";
import { PostgresSessionStore } from "../../src/store/postgres/postgres-session-store.ts";
import type { SessionStore } from "../../src/store/session-store.ts";
import type { TestDatabase, TestPostgres } from "./postgres.ts";
import { onCleanup } from "./scratch.ts";

/** A database of the team store, brought up to date. */
export interface TeamDatabase extends TestDatabase {
  /** For `BULKHEAD_DATABASE_URL` on its own, without more of the environment. */
  readonly url: string;
  /** The test's own connection, as the database's owner. */
  readonly sql: postgres.Sql;
  /** Makes the database's clock stand at a time of the test's choice. */
  setClock(now: string): Promise<void>;
  openStore(repository: string): SessionStore;
  /** Does what `bulkhead db migrate` does. */
  migrate(): Promise<MigrationReport>;
}

/** The database as `BULKHEAD_DATABASE_URL` alone can name it. */
export function databaseUrl({ name, options: { host, port, username } }: TestDatabase): string {
  return host.startsWith("/")
    ? `postgres://${username}@/${name}?host=${encodeURIComponent(host)}&port=${port}`
    : `postgres://${username}@${host}:${port}/${name}`;
}

/**
 * @param last the last step to do; all of them unless told
 * @param prepare what is done to the empty database first
 */
export async function createTeamDatabase(
  server: TestPostgres,
  last?: string,
  prepare?: (sql: postgres.Sql) => Promise<void>,
): Promise<TeamDatabase> {
  const database = await server.createDatabase();
  const url = databaseUrl(database);
  const sql = postgres({ ...database.options, max: 1 });
  await prepare?.(sql);
  const migrate = async (until?: string) => {
    const connection = new PostgresConnection(url);
    const steps = postgresMigrations().filter(({ name }) => until === undefined || name <= until);
    return migratePostgres(connection, steps).finally(() => connection.close());
  };
  await migrate(last);
  let clocked = false;
  return {
    ...database,
    url,
    sql,
    async setClock(now) {
      if (!clocked) {
        await sql.unsafe(
          `CREATE TABLE test_clock (now TIMESTAMPTZ NOT NULL);
           INSERT INTO test_clock VALUES (now());
           CREATE OR REPLACE FUNCTION bulkhead_now() RETURNS TIMESTAMPTZ LANGUAGE sql STABLE AS 'SELECT now FROM test_clock'`,
        );
        clocked = true;
      }
      await sql`UPDATE test_clock SET now = ${now}`;
    },
    migrate: () => migrate(),
    openStore(repository) {
      const store = new PostgresSessionStore(new PostgresConnection(url), repository, "machine-1");
      onCleanup(() => store.close());
      return store;
    },
  };
}
