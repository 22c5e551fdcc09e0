import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One step of the schema. Once landed it never changes. */
export interface Migration {
  /** The file's name without `.sql`: it orders the steps. */
  readonly name: string;
  readonly sql: string;
  /** Of the text with line ends as `\n`: a checkout may have changed them. */
  readonly checksum: string;
}

/** Where a database stands, step by step. */
export interface MigrationStatus {
  readonly name: string;
  /** ISO 8601; null while it is pending. */
  readonly appliedAt: string | null;
}

const FILE = /^(\d{4,}_[a-z0-9_]+)\.sql$/;

/** Reads a directory's migrations in order. */
export function readMigrations(directory: string): Migration[] {
  return readdirSync(directory)
    .flatMap((file) => FILE.exec(file)?.[1] ?? [])
    .sort()
    .map((name) => {
      const sql = readFileSync(join(directory, `${name}.sql`), "utf8").replaceAll("\r\n", "\n");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

/**
 * The package's directory of migrations for a store. They are read from the package itself, not from a copy in the
 * bundle, so that what is run here is the file that an operator can read and paste. This module may stand in
 * `src/store` or in any chunk under `dist`: the nearest ancestor that has the directory is the package.
 */
export function migrationsDirectory(store: "postgres" | "sqlite"): string {
  for (let here = dirname(fileURLToPath(import.meta.url)); ; here = dirname(here)) {
    // The team store's steps stand at the top, under the names by which operators know them.
    const directory = store === "postgres" ? join(here, "migrations") : join(here, "migrations", store);
    if (existsSync(directory) && existsSync(join(here, "package.json"))) return directory;
    if (dirname(here) === here) throw new Error(`the migrations of ${store} are missing beside ${import.meta.url}`);
  }
}
