import { didYouMean } from "../domain/did-you-mean.ts";
import { BulkheadError } from "../domain/error.ts";

/** Where a setting's value was taken from, strongest first. */
export type SettingSource =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "git config"; readonly name: string; readonly scope: string }
  | { readonly kind: "default" };

export interface Setting<T> {
  readonly value: T;
  readonly source: SettingSource;
}

type Kind = "boolean" | "text" | "texts" | "choice" | "number";

interface Definition {
  readonly kind: Kind;
  /** git config key, in the `bulkhead` section. */
  readonly key: string;
  /** Environment variables, strongest first. */
  readonly environment: readonly string[];
  readonly choices?: readonly string[];
  readonly fallback: boolean | string | number | readonly string[];
  readonly summary: string;
}

/** Every setting there is. Secrets are not settings: they come from the environment alone and are never shown. */
export const SETTINGS = {
  protect: {
    kind: "texts",
    key: "protect",
    environment: ["BULKHEAD_PROTECT"],
    fallback: [],
    summary: "branches (globs) that take no new commits here, only what a remote already has",
  },
  requireSession: {
    kind: "boolean",
    key: "requireSession",
    environment: ["BULKHEAD_REQUIRE_SESSION"],
    fallback: false,
    summary: "whether the main checkout, too, refuses commits without a session file",
  },
  base: {
    kind: "text",
    key: "base",
    environment: ["BULKHEAD_BASE"],
    fallback: "",
    summary: "the branch that work merges into; empty: the remote's default branch",
  },
  remote: {
    kind: "text",
    key: "remote",
    environment: ["BULKHEAD_REMOTE"],
    fallback: "origin",
    summary: "the remote that holds the base and takes pushes",
  },
  keeper: {
    kind: "boolean",
    key: "keeper",
    environment: ["BULKHEAD_KEEPER"],
    fallback: true,
    summary: "whether a background process may keep the heartbeats of this clone's sessions",
  },
  gateIdentity: {
    kind: "choice",
    key: "gateIdentity",
    environment: ["BULKHEAD_GATE_IDENTITY"],
    choices: ["session", "host"],
    fallback: "session",
    summary: "whom the claim gate lets through: the holder's own session, or whoever works on its machine",
  },
  mergeMethod: {
    kind: "choice",
    key: "mergeMethod",
    environment: ["BULKHEAD_MERGE_METHOD"],
    choices: ["", "merge", "squash", "rebase"],
    fallback: "",
    summary: "how ship merges where several methods are allowed; empty: the first of merge, squash, rebase",
  },
  keep: {
    kind: "texts",
    key: "keep",
    environment: ["BULKHEAD_KEEP"],
    fallback: [],
    summary: "branches (globs) that ship never deletes",
  },
  followBase: {
    kind: "boolean",
    key: "followBase",
    environment: ["BULKHEAD_FOLLOW_BASE"],
    fallback: false,
    summary: "whether ship may fast-forward the base where this worktree has it checked out",
  },
  linkModules: {
    kind: "choice",
    key: "linkModules",
    environment: ["BULKHEAD_LINK_MODULES"],
    choices: ["entries", "symlink", "none"],
    fallback: "entries",
    summary: "how a new worktree shares node_modules: a directory of links, one link for all, or not at all",
  },
  disposable: {
    kind: "texts",
    key: "disposable",
    environment: ["BULKHEAD_DISPOSABLE"],
    fallback: [],
    summary: "more names (globs) of ignored files and directories that clean-up need not ask about",
  },
  setup: {
    kind: "texts",
    key: "setup",
    environment: ["BULKHEAD_SETUP"],
    fallback: [],
    summary: "commands that make a new worktree ready, instead of those that the repository has for other tools",
  },
  trashDays: {
    kind: "number",
    key: "trashDays",
    environment: ["BULKHEAD_TRASH_DAYS"],
    fallback: 7,
    summary: "how many days a removed worktree can be brought back",
  },
  trashSize: {
    kind: "number",
    key: "trashSize",
    environment: ["BULKHEAD_TRASH_SIZE"],
    fallback: 5 * 1024 ** 3,
    summary: "how many bytes (with k, m or g) of removed worktrees are kept at most",
  },
  snapshotSeconds: {
    kind: "number",
    key: "snapshotSeconds",
    environment: ["BULKHEAD_SNAPSHOT_SECONDS"],
    fallback: 60,
    summary:
      "how many seconds lie at least between two snapshots of a session's uncommitted work; 0: the keeper takes none",
  },
  snapshotMaxFile: {
    kind: "number",
    key: "snapshotMaxFile",
    environment: ["BULKHEAD_SNAPSHOT_MAX_FILE"],
    fallback: 10 * 1024 ** 2,
    summary: "files over so many bytes (with k, m or g) are named in a snapshot, not stored",
  },
} as const satisfies Record<string, Definition>;

export type SettingName = keyof typeof SETTINGS;
type ValueOf<D extends Definition> = D["kind"] extends "boolean"
  ? boolean
  : D["kind"] extends "texts"
    ? string[]
    : D["kind"] extends "number"
      ? number
      : string;
export type Settings = { readonly [N in SettingName]: Setting<ValueOf<(typeof SETTINGS)[N]>> };

export interface SettingSources {
  /** Values given on the command line. */
  readonly flags?: Partial<Record<SettingName, string | boolean | readonly string[]>>;
  readonly env: NodeJS.ProcessEnv;
  /** git's configuration, weakest first. */
  readonly gitConfig: readonly { key: string; value: string; scope: string }[];
}

/**
 * Settles every setting: flag, else environment, else git config, else default. Pure.
 * @throws BulkheadError `INVALID_SETTING` naming the source of a value that cannot be used
 */
export function resolveSettings(sources: SettingSources): Settings {
  const names = Object.keys(SETTINGS) as SettingName[];
  return Object.fromEntries(names.map((name) => [name, resolveSetting(name, sources)])) as unknown as Settings;
}

function resolveSetting(name: SettingName, sources: SettingSources): Setting<unknown> {
  const definition: Definition = SETTINGS[name];
  const flag = sources.flags?.[name];
  if (flag !== undefined) {
    const source: SettingSource = { kind: "flag", name: `--${kebab(name)}` };
    return { value: convert(name, definition, [flag].flat().map(String), source), source };
  }
  for (const variable of definition.environment) {
    const value = sources.env[variable];
    if (value === undefined || value === "") continue;
    const source: SettingSource = { kind: "environment", name: variable };
    // A command has spaces of its own.
    const separator = name === "setup" ? "\n" : /\s+/;
    const values = definition.kind === "texts" ? value.split(separator).filter(Boolean) : [value];
    return { value: convert(name, definition, values, source), source };
  }
  const key = `bulkhead.${definition.key.toLowerCase()}`;
  const entries = sources.gitConfig.filter((entry) => entry.key === key);
  const last = entries.at(-1);
  if (last !== undefined) {
    const source: SettingSource = { kind: "git config", name: `bulkhead.${definition.key}`, scope: last.scope };
    return {
      value: convert(
        name,
        definition,
        entries.map((entry) => entry.value),
        source,
      ),
      source,
    };
  }
  return { value: definition.fallback, source: { kind: "default" } };
}

function convert(name: string, definition: Definition, values: readonly string[], source: SettingSource): unknown {
  const value = values.at(-1) ?? "";
  const refuse = (expected: string) =>
    new BulkheadError("INVALID_SETTING", { setting: name, value, expected, source: describeSource(source) });
  switch (definition.kind) {
    case "texts":
      return [...values];
    case "boolean":
      if (/^(true|yes|on|1)$/i.test(value)) return true;
      if (/^(false|no|off|0|)$/i.test(value)) return false;
      throw refuse("true or false");
    case "number": {
      const [, digits, unit = ""] = /^(\d{1,15})([kmg]?)$/i.exec(value) ?? [];
      if (digits !== undefined) return Number(digits) * 1024 ** "_kmg".indexOf(unit.toLowerCase() || "_");
      throw refuse("a whole number");
    }
    case "choice":
      if (definition.choices?.includes(value)) return value;
      throw refuse(`one of ${definition.choices?.join(", ")}`);
    default:
      return value;
  }
}

/**
 * What git's configuration says below `bulkhead` that is no setting: a slip of the fingers protects nothing, silently. One
 * sentence for each. Pure.
 */
export function describeUnknownSettings(gitConfig: SettingSources["gitConfig"]): string[] {
  const keys = Object.values(SETTINGS).map(({ key }) => key);
  const known = new Set(keys.map((key) => `bulkhead.${key.toLowerCase()}`));
  const unknown = gitConfig.filter(({ key }) => key.startsWith("bulkhead.") && !known.has(key));
  const sentences = unknown.map(({ key, scope }) => {
    const said = `git config ${key} (${scope}) is no setting of Bulkhead.`;
    return `${said}${didYouMean(key.slice("bulkhead.".length), keys)}`;
  });
  return [...new Set(sentences)];
}

/** A source in words, for messages and `doctor`. */
export function describeSource(source: SettingSource): string {
  switch (source.kind) {
    case "default":
      return "default";
    case "git config":
      return `git config ${source.name} (${source.scope})`;
    default:
      return `${source.kind} ${source.name}`;
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
