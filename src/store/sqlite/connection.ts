import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { BulkheadError } from "../../domain/error.ts";
import { makeDirectory, shareAsItsDirectory } from "../../files/shared-directory.ts";
import { loadSqlite, type SqliteDatabase } from "./library.ts";

/** One row, column by column. libsql puts a key of its own (`_metadata`) into rows: read named columns only. */
export type Row = Readonly<Record<string, unknown>>;
export type Parameters = Readonly<Record<string, string | number | null>>;

/** How long, in milliseconds, a writer waits for others before it gives up. */
const BUSY_TIMEOUT = 10_000;

/** One SQLite file, opened. Every failure comes out as `STORE_FAILED`. */
export class SqliteConnection {
  readonly path: string;
  readonly #database: SqliteDatabase;

  private constructor(path: string, database: SqliteDatabase) {
    this.path = path;
    this.#database = database;
  }

  /**
   * Opens the file and makes it, for those whom its directory is for, where it is missing.
   * @throws BulkheadError `STORE_FAILED`
   */
  static open(path: string): SqliteConnection {
    return guarded(path, () => {
      makeDirectory(dirname(path));
      makePrivate(path);
      shareAsItsDirectory(path);
      const connection = new SqliteConnection(path, loadSqlite()(path, BUSY_TIMEOUT));
      connection.#enterWriteAheadMode();
      // With a write-ahead log NORMAL loses nothing to kill -9. A power cut may take the last transactions, but every
      // session of this file with them: whoever comes back finds a session id that is not there, whatever its epoch.
      connection.exec("PRAGMA synchronous = NORMAL");
      return connection;
    });
  }

  /** Several processes may open a new file at once: SQLite then refuses the switch without waiting. */
  #enterWriteAheadMode(): void {
    const deadline = Date.now() + BUSY_TIMEOUT;
    for (;;) {
      try {
        this.#database.prepare("PRAGMA journal_mode = WAL").all({});
        return;
      } catch (cause) {
        if (!isBusy(cause) || Date.now() > deadline) throw cause;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
  }

  exec(sql: string): void {
    guarded(this.path, () => this.#database.exec(sql));
  }

  all(sql: string, parameters: Parameters = {}): Row[] {
    return guarded(this.path, () => this.#database.prepare(sql).all(parameters) as Row[]);
  }

  get(sql: string, parameters: Parameters = {}): Row | undefined {
    return guarded(this.path, () => this.#database.prepare(sql).get(parameters) as Row | undefined);
  }

  /** @returns how many rows were changed */
  run(sql: string, parameters: Parameters = {}): number {
    return guarded(this.path, () => this.#database.prepare(sql).run(parameters).changes);
  }

  /** Runs the work as one transaction that takes the write lock at once, so that no two decide on the same facts. */
  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (cause) {
      // The failure that matters is the first; one that already ended the transaction leaves nothing to undo.
      if (this.#database.inTransaction) this.exec("ROLLBACK");
      throw cause;
    }
  }

  close(): void {
    guarded(this.path, () => this.#database.close());
  }
}

/**
 * SQLite would make the file with the process's umask; its side files take this file's mode. One that is there must not be
 * opened: to close it would drop the locks of every other connection that this process has to it
 * (https://www.sqlite.org/howtocorrupt.html, 2.2), and with them what was written through those.
 */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
  }
}

function guarded<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof BulkheadError) throw cause;
    throw new BulkheadError("STORE_FAILED", { path, reason: describe(cause) }, { cause });
  }
}

function describe(cause: unknown): string {
  if (isBusy(cause)) return `other processes have kept it locked for ${BUSY_TIMEOUT / 1000} s`;
  return cause instanceof Error ? cause.message : String(cause);
}

function isBusy(cause: unknown): boolean {
  return (
    typeof cause === "object" && cause !== null && String((cause as { code?: unknown }).code).startsWith("SQLITE_BUSY")
  );
}
