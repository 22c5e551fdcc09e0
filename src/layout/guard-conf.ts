import { dirname, join, relative } from "node:path";
import { quoteForShell } from "../domain/shell-word.ts";
import { readText } from "../files/read-file.ts";

/**
 * What the hooks need to know, compiled by `init` into one file of shell assignments: the sh guard reads it with
 * `.`, without starting a process, and the full guard parses the same file. Nothing else is read by them.
 */
export interface GuardConf {
  /** Top of the main checkout; empty in a bare repository. In the file it may be relative to the common git directory. */
  readonly main: string;
  /** The hooks directory that git would use without Bulkhead; empty: the clone's own `hooks`. May be relative, as in git. */
  readonly chain: string;
  /** Protected branches: names in which `*` stands for any text. */
  readonly protect: readonly string[];
  readonly requireSession: boolean;
  /** Absolute path of the node that runs the full guard. */
  readonly node: string;
  /** Absolute path of Bulkhead's command line, for messages and checks that need it. */
  readonly cli: string;
  /** Yarn's Plug'n'Play loader, where `init` itself ran under it; else empty. */
  readonly pnp: string;
}

/** The file's text. */
export function formatGuardConf(conf: GuardConf): string {
  const assignments = {
    main: conf.main,
    chain: conf.chain,
    protect: conf.protect.join(" "),
    require_session: conf.requireSession ? "1" : "",
    node: conf.node,
    cli: conf.cli,
    pnp: conf.pnp,
  };
  const lines = Object.entries(assignments).map(([name, value]) => `${name}=${quoteForShell(value)}`);
  return [
    "# Compiled by `bulkhead init` from git config; read by the hooks. Change the settings, not this file.",
    ...lines,
    "",
  ].join("\n");
}

/** Parses the file's text. Pure; a value that `formatGuardConf` would not write is left out. */
export function parseGuardConf(text: string): GuardConf {
  const values = new Map<string, string>();
  for (const match of text.matchAll(/^([a-z_]+)=((?:'[^']*'|\\')*)$/gm)) {
    values.set(
      match[1] ?? "",
      (match[2] ?? "").replace(/'([^']*)'|\\(')/g, (_, quoted, escaped) => quoted ?? escaped),
    );
  }
  const value = (name: string) => values.get(name) ?? "";
  return {
    main: value("main"),
    chain: value("chain"),
    protect: value("protect").split(/\s+/).filter(Boolean),
    requireSession: value("require_session") !== "",
    node: value("node"),
    cli: value("cli"),
    pnp: value("pnp"),
  };
}

/**
 * How the file names the main checkout: relative to the common git directory where the one moves with the other, so
 * that nothing in it depends on where the clone is (a container may see it elsewhere). Pure.
 */
export function relativeMain(commonDir: string, mainTop: string): string {
  if (mainTop !== "" && mainTop === dirname(commonDir)) return "..";
  const inModules = /[\\/]\.git[\\/]modules[\\/]/.test(commonDir) && mainTop !== "";
  const path = inModules ? relative(commonDir, mainTop).replaceAll("\\", "/") : "";
  return path.startsWith("..") ? path : mainTop;
}

/** Reads the file; null when it is missing. The main checkout's path is absolute then. Other failures are thrown. */
export function readGuardConf(path: string): GuardConf | null {
  const text = readText(path);
  if (text === null) return null;
  const conf = parseGuardConf(text);
  return { ...conf, main: conf.main.startsWith("..") ? join(dirname(dirname(path)), conf.main) : conf.main };
}
