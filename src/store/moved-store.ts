/**
 * Two stores at once would give one item to two sessions. A clone that uses the team's database keeps a file beside its
 * embedded one that says so: `team-store.json`.
 */
import { dirname, join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readText } from "../files/read-file.ts";

/** @param database the embedded database's file */
export function movedMarker(database: string): string {
  return join(dirname(database), "team-store.json");
}

/** Whether this clone's sessions are in the team's database. */
export function hasMoved(database: string): boolean {
  return readText(movedMarker(database)) !== null;
}

/** @param team where to, for people: never a password */
export function noteMoved(database: string, team: string): void {
  const content = { team, since: new Date().toISOString() };
  writeFileAtomically(movedMarker(database), `${JSON.stringify(content, null, 2)}\n`);
}

/**
 * For a terminal where `BULKHEAD_DATABASE_URL` is not set.
 * @throws BulkheadError `STORE_MOVED`
 */
export function refuseIfMoved(database: string): void {
  const marker = movedMarker(database);
  const content = readText(marker);
  if (content !== null) throw new BulkheadError("STORE_MOVED", { ...parse(content), marker });
}

function parse(content: string): { team: string; since: string } {
  try {
    const { team, since } = JSON.parse(content) as Record<string, unknown>;
    return { team: String(team ?? "?"), since: String(since ?? "?") };
  } catch {
    return { team: "?", since: "?" };
  }
}
