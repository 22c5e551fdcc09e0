/** PostgreSQL's error codes that mean something here; messages are for people and are never matched. */
export const SQLSTATE = {
  invalidPassword: "28P01",
  invalidAuthorization: "28000",
  unknownDatabase: "3D000",
  insufficientPrivilege: "42501",
  undefinedTable: "42P01",
  undefinedFunction: "42883",
  undefinedColumn: "42703",
  serializationFailure: "40001",
  deadlockDetected: "40P01",
  lockNotAvailable: "55P03",
  tooManyConnections: "53300",
  queryCanceled: "57014",
  adminShutdown: "57P01",
  crashShutdown: "57P02",
  cannotConnectNow: "57P03",
} as const;

/** The transaction was undone because of others: done again, it may well succeed. */
export const RACED: ReadonlySet<string> = new Set([
  SQLSTATE.serializationFailure,
  SQLSTATE.deadlockDetected,
  SQLSTATE.lockNotAvailable,
]);

/** What the schema of this program has and an older one lacks. */
export const MISSING: ReadonlySet<string> = new Set([
  SQLSTATE.undefinedTable,
  SQLSTATE.undefinedFunction,
  SQLSTATE.undefinedColumn,
]);

/** The server is there, but not for us now. */
export const UNAVAILABLE: ReadonlySet<string> = new Set([
  SQLSTATE.tooManyConnections,
  SQLSTATE.adminShutdown,
  SQLSTATE.crashShutdown,
  SQLSTATE.cannotConnectNow,
]);

/** The code of whatever was thrown: an SQLSTATE, the client's own code, or the system's; empty for none. */
export function codeOf(cause: unknown): string {
  return typeof cause === "object" && cause !== null ? String((cause as { code?: unknown }).code ?? "") : "";
}
