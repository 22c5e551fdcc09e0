import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { type PostgresPrograms, postgresPrograms } from "./postgres-programs.ts";

/** An empty database on a test's own server. */
export interface TestDatabase {
  readonly name: string;
  /** For `postgres(options)` in the test itself. */
  readonly options: { host: string; port: number; database: string; username: string; onnotice: () => void };
  /** For programs under test: `BULKHEAD_DATABASE_URL`, and where its server listens. */
  readonly env: Readonly<Record<string, string>>;
}

/** A real PostgreSQL server, alone in its directory. */
export interface TestPostgres {
  /** Makes an empty database with a name of its own. */
  createDatabase(): Promise<TestDatabase>;
  /** Ends the server at once, as a crash would; `createDatabase` then fails. */
  stop(): Promise<void>;
}

interface Server {
  readonly directory: string;
  /** A socket directory, or an address on Windows. */
  readonly host: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

const SUPERUSER = "postgres";

/** Its data is thrown away, so nothing waits for the disk; small enough for many at once. */
const SETTINGS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB"].concat([
  "max_connections=200",
  "autovacuum=off",
  "timezone=UTC",
]);

/**
 * Starts PostgreSQL 18 on a unix socket in a directory of its own (on Windows: a free port of the loopback
 * address), also when the tests run as root. Takes about 0.6 s: start one for each test file, in
 * `beforeAll`, stop it in `afterAll`, and take a database for each test.
 * @throws Error with the server's own words when it cannot start
 */
export async function startPostgres(): Promise<TestPostgres> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "bulkhead-pg-")));
  const programs = postgresPrograms(directory);
  if (programs.user !== undefined) chownSync(directory, programs.user.uid, programs.user.gid);
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  try {
    initialise(directory, programs);
    const server =
      process.platform === "win32" ? await startOnPort(directory, programs) : await startOnSocket(directory, programs);
    let made = 0;
    return {
      createDatabase: () => createDatabase(server, `test_${++made}`),
      stop: async () => {
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function initialise(directory: string, { initdb, user }: PostgresPrograms): void {
  execFileSync(
    initdb,
    [`--pgdata=${join(directory, "data")}`, `--username=${SUPERUSER}`, "--auth=trust", "--encoding=UTF8"].concat([
      "--locale=C",
      "--no-sync",
      "--no-instructions",
    ]),
    // An error carries what initdb wrote, which says why.
    { cwd: directory, stdio: ["ignore", "pipe", "pipe"], ...user },
  );
}

async function startOnSocket(directory: string, { postgres: program, user }: PostgresPrograms): Promise<Server> {
  chmodSync(directory, 0o700);
  const settings = [...SETTINGS, "listen_addresses=", `unix_socket_directories=${directory}`].flatMap((s) => ["-c", s]);
  const child = spawn(program, ["-D", join(directory, "data"), ...settings], {
    cwd: directory,
    stdio: ["ignore", "ignore", "pipe"],
    ...user,
  });
  const kill = () => child.kill("SIGQUIT");
  process.once("exit", kill);
  await untilReady(child);
  const stop = async () => {
    process.removeListener("exit", kill);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    kill();
    await ended;
  };
  return { directory, host: directory, port: 5432, stop };
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (log.includes("ready to accept connections")) return;
      log += text;
      if (log.includes("ready to accept connections")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`PostgreSQL did not start:\n${log}`)));
  });
}

/** Windows refuses a server with an administrator's rights; `pg_ctl` drops them. */
async function startOnPort(directory: string, { pgCtl }: PostgresPrograms): Promise<Server> {
  const data = join(directory, "data");
  const run = (...args: string[]) =>
    execFileSync(pgCtl, [...args, "-D", data, "-w", "-s", "-l", join(directory, "log")], { stdio: "ignore" });
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const settings = [...SETTINGS, "listen_addresses=127.0.0.1", `port=${port}`].map((s) => `-c ${s}`).join(" ");
    try {
      run("start", "-o", settings);
      return { directory, host: "127.0.0.1", port, stop: async () => void run("stop", "-m", "immediate") };
    } catch (error) {
      // Another process may have taken the port since it was found free.
      if (attempt === 5) throw error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function createDatabase({ host, port }: Server, name: string): Promise<TestDatabase> {
  const options = (database: string) => ({ host, port, database, username: SUPERUSER, onnotice: () => {} });
  const sql = postgres({ ...options("postgres"), max: 1 });
  try {
    await sql`create database ${sql(name)}`;
  } finally {
    await sql.end();
  }
  return {
    name,
    options: options(name),
    // A URL cannot name a socket's directory in a way that every client reads; the environment can.
    env: { BULKHEAD_DATABASE_URL: `postgres:///${name}`, PGHOST: host, PGPORT: String(port), PGUSER: SUPERUSER },
  };
}
