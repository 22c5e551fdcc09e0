/**
 * Loads SQLite. The `libsql` package finds its native part by way of a whole diagnostic report of the process and parts for
 * synchronisation that nobody here uses, which costs half as much as a start of Node. So the native part is taken directly,
 * where it is certain which one is right, and driven as the package drives it; everywhere else the package does it.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readText } from "../../files/read-file.ts";
import type { Parameters, Row } from "./connection.ts";

/** An open database: the part of `libsql`'s interface that is used here. */
export interface SqliteDatabase {
  readonly inTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export interface SqliteStatement {
  all(parameters: Parameters): Row[];
  get(parameters: Parameters): Row | undefined;
  run(parameters: Parameters): { readonly changes: number };
}

/** @param timeout milliseconds that it waits for other processes */
type OpenDatabase = (path: string, timeout: number) => SqliteDatabase;

/** The functions of the native part, as `libsql` calls them: its version is pinned for their sake. */
interface Native {
  databaseOpen(path: string, token: string, cipher: string, key: string, timeout: number, remoteKey: string): object;
  databaseInTransaction(database: object): boolean;
  databaseExecSync(this: object, sql: string): void;
  databasePrepareSync(this: object, sql: string): object;
  databaseClose(this: object): void;
  statementRun(this: object, parameters: Parameters): { readonly changes: number };
  statementGet(this: object, parameters: Parameters): Row | undefined;
  statementRowsSync(this: object, parameters: Parameters): object;
  rowsNext(this: object, batch: (Row | undefined)[]): void;
}

/** As many rows are fetched at a time; `libsql` does the same. */
const BATCH = 100;

const requireHere = createRequire(import.meta.url);

let loaded: OpenDatabase | undefined;

/** What opens a database. @throws Error when neither the native part nor the package can be loaded */
export function loadSqlite(): OpenDatabase {
  loaded ??= loadDirectly() ?? loadPackage();
  return loaded;
}

function loadDirectly(): OpenDatabase | null {
  const target = nativeTarget(process.platform, process.arch);
  if (target === null) return null;
  try {
    const nearby = findNearby(target);
    const native = (nearby === null ? throughPackage(target) : requireHere(nearby)) as Native;
    return (path, timeout) => new NativeDatabase(native, path, timeout);
  } catch {
    // The package knows more ways, and what to say when there is none.
    return null;
  }
}

/** The native parts are the package's dependencies, not ours: a strict installation shows them to it alone. */
function throughPackage(target: string): unknown {
  return createRequire(requireHere.resolve("libsql"))(`@libsql/${target}`);
}

/**
 * The native part where npm puts it as a rule, in a directory `node_modules` above this program: looked for directly, as
 * Node's own search costs as much as opening the database. Another version of it is some other package's.
 */
function findNearby(target: string): string | null {
  if (typeof __LIBSQL_VERSION__ === "undefined") return null;
  for (let here = dirname(fileURLToPath(import.meta.url)); ; here = dirname(here)) {
    const directory = join(here, "node_modules", "@libsql", target);
    const manifest = readText(join(directory, "package.json"));
    if (manifest !== null) {
      const { version } = JSON.parse(manifest) as { readonly version?: unknown };
      return version === __LIBSQL_VERSION__ ? join(directory, "index.node") : null;
    }
    if (dirname(here) === here) return null;
  }
}

function loadPackage(): OpenDatabase {
  const Database = requireHere("libsql") as new (path: string, options: { readonly timeout: number }) => SqliteDatabase;
  return (path, timeout) => new Database(path, { timeout });
}

/** The native part for a machine; null where that is not certain. */
function nativeTarget(platform: NodeJS.Platform, arch: string): string | null {
  if (arch !== "x64" && arch !== "arm64") return null;
  if (platform === "darwin") return `darwin-${arch}`;
  if (platform === "win32") return arch === "x64" ? "win32-x64-msvc" : null;
  const libc = platform === "linux" ? systemLibrary(process.execPath) : null;
  return libc === null ? null : `linux-${arch}-${libc}`;
}

/** An ELF program names its loader near its beginning. */
const HEADER_BYTES = 4096;

/** The C library that a Linux program was made for; null when it does not say. */
export function systemLibrary(program: string): "gnu" | "musl" | null {
  const header = Buffer.alloc(HEADER_BYTES);
  try {
    const file = openSync(program, "r");
    try {
      readSync(file, header, 0, HEADER_BYTES, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
  const [gnu, musl] = [header.includes("/ld-linux"), header.includes("/ld-musl-")];
  return gnu === musl ? null : gnu ? "gnu" : "musl";
}

class NativeDatabase implements SqliteDatabase {
  readonly #native: Native;
  readonly #database: object;

  constructor(native: Native, path: string, timeout: number) {
    this.#native = native;
    this.#database = native.databaseOpen(path, "", "aes256cbc", "", timeout, "");
  }

  get inTransaction(): boolean {
    return this.#native.databaseInTransaction(this.#database);
  }

  exec(sql: string): void {
    this.#native.databaseExecSync.call(this.#database, sql);
  }

  prepare(sql: string): SqliteStatement {
    const native = this.#native;
    const statement = native.databasePrepareSync.call(this.#database, sql);
    return {
      all: (parameters) => allRows(native, native.statementRowsSync.call(statement, parameters)),
      get: (parameters) => native.statementGet.call(statement, parameters),
      run: (parameters) => native.statementRun.call(statement, parameters),
    };
  }

  close(): void {
    this.#native.databaseClose.call(this.#database);
  }
}

function allRows(native: Native, rows: object): Row[] {
  const found: Row[] = [];
  for (;;) {
    const batch: (Row | undefined)[] = Array(BATCH);
    native.rowsNext.call(rows, batch);
    for (const row of batch) {
      if (!row) return found;
      found.push(row);
    }
  }
}
