import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { BulkheadError } from "../../domain/error.ts";
import { type ConnectionOptions, readConnectionString, type ServerOptions } from "./connection-options.ts";
import { codeOf, MISSING, RACED, SQLSTATE, UNAVAILABLE } from "./sqlstates.ts";

export type Row = Readonly<Record<string, unknown>>;
type Parameter = string | number | boolean | null;

/** Milliseconds until a server that does not answer counts as out of reach. */
const CONNECT_LIMIT = 3_000;
/** Milliseconds until a statement is given up, unless the connection string says otherwise. */
const STATEMENT_LIMIT = 10_000;
/** Milliseconds until a server that was asked to cancel a statement counts as gone. */
const CANCEL_LIMIT = 2_000;
/** How often a statement that can be done twice is tried on a new connection. */
const LOST_ATTEMPTS = 3;
/** How often a statement is tried that others got in the way of. */
const RACE_ATTEMPTS = 8;

/**
 * One connection to the team's database, made when it is first needed and made anew when it was lost. No state is kept
 * in it from one transaction to the next, so a transaction pooler may stand between. Every failure comes out as a
 * BulkheadError.
 */
export class PostgresConnection {
  /** Hosts and database, for people. */
  readonly location: string;
  readonly #options: ConnectionOptions;
  readonly #sql: postgres.Sql;
  #connected = false;

  /** @throws BulkheadError `DATABASE_URL_INVALID` */
  constructor(url: string) {
    this.#options = readConnectionString(url);
    this.location = this.#options.location;
    const { server, ssl, prepare, targetSession } = this.#options;
    this.#sql = postgres({
      // The client takes lists of hosts and ports, which its types do not say.
      ...(server as Omit<ServerOptions, "host" | "port">),
      ...(targetSession === undefined ? {} : { target_session_attrs: targetSession as "read-write" }),
      ssl: ssl as never,
      prepare,
      max: 1,
      connect_timeout: CONNECT_LIMIT / 1000,
      fetch_types: false,
      connection: { application_name: "bulkhead" },
      onnotice: () => {},
      onparameter: () => {
        this.#connected = true;
      },
      onclose: () => {
        this.#connected = false;
      },
    });
  }

  /**
   * Runs one statement, a transaction of its own. One that others got in the way of is run again.
   * @param options.again whether doing it twice is doing it once: then it is also run again after a lost connection
   * @throws BulkheadError `STORE_UNREACHABLE`, `STORE_NOT_MIGRATED`, `STORE_FAILED`
   */
  async query(
    text: string,
    parameters: readonly Parameter[] = [],
    { again = false }: { readonly again?: boolean } = {},
  ): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#limited(this.#sql.unsafe(text, [...parameters]));
      } catch (cause) {
        const lost = again && attempt < LOST_ATTEMPTS && isLost(cause);
        const raced = RACED.has(codeOf(cause)) && attempt < RACE_ATTEMPTS;
        if (!lost && !raced) throw this.#failure(cause);
        if (raced) await sleep(Math.random() * 10 * 2 ** attempt);
      }
    }
  }

  /** The one row's one value of a statement that always gives it. */
  async value<T>(text: string, parameters: readonly Parameter[] = [], options: { again?: boolean } = {}): Promise<T> {
    const [row] = await this.query(text, parameters, options);
    return Object.values(row ?? {})[0] as T;
  }

  /** Runs several statements as one transaction, without a time limit: migrations. */
  async transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
    try {
      await this.query("SELECT 1", [], { again: true });
      return (await this.#sql.begin((tx) =>
        work({
          script: async (text) => void (await tx.unsafe(text).simple()),
          query: async (text, parameters = []) => (await tx.unsafe(text, [...parameters])) as readonly Row[],
        }),
      )) as T;
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: this.#connected ? 1 : 0 });
  }

  get #statementLimit(): number {
    return this.#options.statementLimit ?? STATEMENT_LIMIT;
  }

  #limited(pending: postgres.PendingQuery<postgres.Row[]>): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      // The client's type does not say so, but this is a promise, of the request to the server.
      const cancel = () => void Promise.resolve(pending.cancel() as unknown).catch(() => {});
      const fail = (code: string) => reject(Object.assign(new Error(code), { code }));
      const timers = [
        setTimeout(() => {
          if (this.#connected) return;
          fail("CONNECT_TIMEOUT");
          cancel();
        }, CONNECT_LIMIT),
        // The server undoes what is cancelled and says so, or says that it was done just then: that answer counts.
        setTimeout(cancel, this.#statementLimit),
        setTimeout(() => fail("STATEMENT_TIMEOUT"), this.#statementLimit + CANCEL_LIMIT),
      ];
      pending.then(resolve, reject).finally(() => timers.forEach(clearTimeout));
    });
  }

  #failure(cause: unknown): BulkheadError {
    if (cause instanceof BulkheadError) return cause;
    const code = codeOf(cause);
    const data = { path: this.location, team: true, sqlstate: code, reason: this.#describe(cause, code) };
    if (MISSING.has(code)) return new BulkheadError("STORE_NOT_MIGRATED", data, { cause: this.#safe(cause) });
    if (UNAVAILABLE.has(code) || isUnreachable(code)) {
      return new BulkheadError("STORE_UNREACHABLE", data, { cause: this.#safe(cause) });
    }
    return new BulkheadError("STORE_FAILED", data, { cause: this.#safe(cause) });
  }

  #describe(cause: unknown, code: string): string {
    switch (code) {
      case "CONNECT_TIMEOUT":
        return `no answer within ${CONNECT_LIMIT / 1000} s`;
      case "STATEMENT_TIMEOUT":
      case SQLSTATE.queryCanceled:
        return `the statement took longer than ${this.#statementLimit / 1000} s and was given up`;
      case "CONNECTION_CLOSED":
      case "CONNECTION_DESTROYED":
        return "the connection was lost before the answer came";
      case SQLSTATE.invalidPassword:
      case SQLSTATE.invalidAuthorization:
        return "the server does not accept this user or password";
      default: {
        const message = cause instanceof Error && cause.message !== "" ? cause.message : code;
        return this.#redact(code === "" || message.includes(code) ? message : `${message} (${code})`);
      }
    }
  }

  /** The cause as BULKHEAD_DEBUG may show it: the client's errors carry parameters and connection options. */
  #safe(cause: unknown): Error {
    return new Error(this.#redact(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)));
  }

  #redact(text: string): string {
    return this.#options.secrets.reduce((shown, secret) => shown.replaceAll(secret, "…"), text);
  }
}

/** What a step of a transaction may do. */
export interface Run {
  /** A script of several statements, without parameters. */
  readonly script: (text: string) => Promise<void>;
  readonly query: (text: string, parameters?: readonly Parameter[]) => Promise<readonly Row[]>;
}

/** Whether the connection broke while the statement was under way: whether it was done is not known. */
function isLost(cause: unknown): boolean {
  return ["CONNECTION_CLOSED", "ECONNRESET", "EPIPE", SQLSTATE.adminShutdown, SQLSTATE.crashShutdown].some(
    (code) => code === codeOf(cause),
  );
}

/** The client's and the system's own codes, which are words, where SQLSTATEs have five places. */
function isUnreachable(code: string): boolean {
  return code.startsWith("CONNECT") || /^(?:E[A-Z]{3,}|EAI_[A-Z]+)$/.test(code) || code.startsWith("ERR_TLS");
}
