import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

describe("the PostgreSQL that tests run on", () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test("is a real server of a current version, reached through the client that Bulkhead uses", async () => {
    const sql = postgres((await server.createDatabase()).options);
    const [row] = await sql`select current_setting('server_version_num')::int as version, 1 + 1 as two`;
    await sql.end();
    expect(row).toMatchObject({ two: 2 });
    expect(row?.version).toBeGreaterThanOrEqual(180_000);
  });

  test("gives each test a database of its own", async () => {
    const databases = await Promise.all([server.createDatabase(), server.createDatabase()]);
    const [one, two] = databases.map(({ options }) => postgres(options));
    await one?.unsafe("create table only_here (id int)");
    const found = await Promise.all([one, two].map((sql) => sql?.unsafe("select to_regclass('only_here') as name")));
    await Promise.all([one?.end(), two?.end()]);
    expect(found.map((rows) => rows?.[0]?.name)).toEqual(["only_here", null]);
  });

  test("is reached by programs through the environment alone", async () => {
    const { env } = await server.createDatabase();
    const program = `
      import postgres from "postgres";
      const sql = postgres(process.env.BULKHEAD_DATABASE_URL);
      const [row] = await sql\`select current_database() as name\`;
      await sql.end();
      process.stdout.write(row.name);`;
    const found = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, ...env },
      encoding: "utf8",
    });
    expect(`postgres:///${found.stdout}`).toBe(env.BULKHEAD_DATABASE_URL);
  });
});

test("servers of test files that run at once do not meet", async () => {
  const servers = await Promise.all([startPostgres(), startPostgres()]);
  const databases = await Promise.all(servers.map((server) => server.createDatabase()));
  const clients = databases.map(({ options }) => postgres(options));
  const directories = await Promise.all(
    clients.map(async (sql) => (await sql`select current_setting('data_directory') as path`)[0]?.path as string),
  );
  await Promise.all(clients.map((sql) => sql.end()));
  await Promise.all(servers.map((server) => server.stop()));
  expect(new Set(directories).size).toBe(2);
  expect(directories.map((path) => existsSync(path))).toEqual([false, false]);
});
