/** What a connection string asks for. Parts of it are secret: nothing here puts it into a message. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { BulkheadError } from "../../domain/error.ts";

export interface ConnectionOptions {
  /** Where the server is, as the client library takes it; what is left out comes from libpq's environment variables. */
  readonly server: ServerOptions;
  /** Hosts and database, for people: neither user nor password. */
  readonly location: string;
  /** What must never be shown, longest first. */
  readonly secrets: readonly string[];
  readonly ssl: false | "prefer" | "require" | TlsOptions;
  /** Whether statements may be prepared by name: not through a transaction pooler. */
  readonly prepare: boolean;
  readonly targetSession?: string;
  /** Milliseconds until a statement is given up, where the string says so. */
  readonly statementLimit?: number;
}

export interface ServerOptions {
  readonly host?: string[];
  readonly port?: number[];
  /** A unix socket's file. */
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  readonly database?: string;
}

/** The port at which hosted poolers by custom hand out a connection for each transaction. */
const TRANSACTION_POOLER_PORT = 6543;

/**
 * Reads `postgres://user:password@host:port,host:port/database?…`. Of its parameters `sslmode`, `sslrootcert`, `sslcert`,
 * `sslkey`, `host`, `port` (as libpq has them), `prepare=false`, `pgbouncer=true`, `statement_timeout` (milliseconds)
 * and `target_session_attrs` count; what other programs put there does not.
 * @throws BulkheadError `DATABASE_URL_INVALID`, which does not repeat it
 */
export function readConnectionString(text: string): ConnectionOptions {
  const [address = "", query = ""] = split(text.trim(), "?");
  const found = /^postgres(?:ql)?:\/\/(?:([^/@]*)@)?([^/?#@]*)(?:\/([^/?#]*))?$/.exec(address);
  if (found === null) throw invalid("it is not of the form postgres://user:password@host:port/database");
  const [, credentials = "", hosts = "", database = ""] = found;
  const parameters = new URLSearchParams(query);
  const places = readPlaces(parameters, decode(hosts));
  const [user = "", password = ""] = split(credentials, ":");
  const target = parameters.get("target_session_attrs");
  const limit = Number(parameters.get("statement_timeout"));
  return {
    server: {
      ...serverAt(places),
      ...given("username", decode(user)),
      ...given("password", decode(password)),
      ...given("database", decode(database)),
    },
    location: `postgres://${places.map(({ host, port }) => (port === null ? host : `${host}:${port}`)).join(",")}/${decode(database)}`,
    secrets: secretsOf(text.trim(), address, credentials),
    ssl: readTls(parameters, places),
    prepare: parameters.get("prepare") !== "false" && !isPooled(parameters, places),
    ...(target === null ? {} : { targetSession: target }),
    ...(limit > 0 ? { statementLimit: limit } : {}),
  };
}

interface Place {
  readonly host: string;
  readonly port: number | null;
}

/** `host:port,host:port`, or the parameters `host` and `port`, which may name a socket's directory. */
function readPlaces(parameters: URLSearchParams, hosts: string): readonly Place[] {
  const fallback = parameters.get("port");
  return (parameters.get("host") ?? hosts)
    .split(",")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [, host = entry, port = fallback] = entry.startsWith("/")
        ? []
        : (/^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? []);
      return { host: host.replace(/^\[|\]$/g, ""), port: port === null ? null : Number(port) };
    });
}

const DEFAULT_PORT = 5432;

function serverAt(places: readonly Place[]): ServerOptions {
  const [first] = places;
  if (first === undefined) return {};
  if (first.host.startsWith("/")) return { path: `${first.host}/.s.PGSQL.${first.port ?? DEFAULT_PORT}` };
  return { host: places.map(({ host }) => host), port: places.map(({ port }) => port ?? DEFAULT_PORT) };
}

function given<K extends string>(name: K, value: string): { readonly [key in K]?: string } {
  return (value === "" ? {} : { [name]: value }) as { readonly [key in K]?: string };
}

function isPooled(parameters: URLSearchParams, places: readonly Place[]): boolean {
  return parameters.get("pgbouncer") === "true" || places.some(({ port }) => port === TRANSACTION_POOLER_PORT);
}

function readTls(parameters: URLSearchParams, places: readonly Place[]): ConnectionOptions["ssl"] {
  const files = readFiles(parameters);
  const mode = parameters.get("sslmode") ?? (places.every(isLocal) ? "disable" : "prefer");
  switch (mode) {
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
      // As libpq: a root certificate that is named is also checked against.
      if (files.ca === undefined) return files.cert === undefined ? "require" : { ...files, rejectUnauthorized: false };
      return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case "verify-ca":
      return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case "verify-full":
      return { ...files, rejectUnauthorized: true };
    default:
      throw invalid("its sslmode is none of disable, allow, prefer, require, verify-ca, verify-full");
  }
}

function readFiles(parameters: URLSearchParams): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  const read = (name: string) => {
    const path = parameters.get(name);
    if (path === null || path === "system") return undefined;
    try {
      return readFileSync(path);
    } catch {
      throw invalid(`the file of its ${name} cannot be read`);
    }
  };
  const entries = Object.entries({ ca: read("sslrootcert"), cert: read("sslcert"), key: read("sslkey") });
  return Object.fromEntries(entries.filter(([, content]) => content !== undefined));
}

/** Whether the host is this machine, where there is no wire to listen at. */
function isLocal({ host }: Place): boolean {
  return (
    host.startsWith("/") || host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
  );
}

function secretsOf(text: string, address: string, credentials: string): readonly string[] {
  const [user = "", password = ""] = split(credentials, ":");
  return [text, address, credentials, password, decode(password)]
    .filter((secret) => secret.length > 2 && secret !== user)
    .sort((a, b) => b.length - a.length);
}

function split(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function invalid(reason: string): BulkheadError {
  return new BulkheadError("DATABASE_URL_INVALID", { reason });
}
