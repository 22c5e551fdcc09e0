import type { SessionId, WorkItemKey } from "../../domain/names.ts";
import type { Session } from "../../domain/session.ts";
import type { NewEvent } from "../session-store.ts";
import type { Row, SqliteConnection } from "./connection.ts";
import { SESSION_COLUMNS, toSession } from "./rows.ts";

/** What every step inside one transaction works with. */
export interface Transaction {
  readonly connection: SqliteConnection;
  /** The transaction's one time, ISO 8601, by the store's clock. */
  readonly now: string;
  /** The repository's identity; null where no row is made that has none to take it from. */
  readonly repository: string | null;
}

/** A transaction that makes rows of a new kind: of sessions, items, handoffs, events of no session. */
export type NamedTransaction = Transaction & { readonly repository: string };

/** SQLite's own clock, the one place that asks it. */
export function readClock(connection: SqliteConnection): string {
  return String(connection.get("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS now")?.now);
}

export function findSession(tx: Transaction, id: SessionId): Session | null {
  return one(tx, tx.connection.get(`SELECT ${SESSION_COLUMNS} FROM claude_sessions WHERE session_id = :id`, { id }));
}

export function findHolder(tx: Transaction, item: WorkItemKey): Session | null {
  const sql = `SELECT ${SESSION_COLUMNS} FROM claude_sessions WHERE sd_id = :item AND status = 'active'`;
  return one(tx, tx.connection.get(sql, { item }));
}

/** Sessions that have not ended, the oldest first. */
export function liveSessions(tx: Transaction): Session[] {
  const sql = `SELECT ${SESSION_COLUMNS} FROM claude_sessions WHERE status <> 'released' ORDER BY created_at, session_id`;
  return tx.connection.all(sql).map((row) => toSession(row, tx.now));
}

/** The session as it is now; it was there a moment ago in the same transaction. */
export function reread(tx: Transaction, session: Pick<Session, "id">): Session {
  const found = findSession(tx, session.id);
  if (found === null) throw new Error(`the session ${session.id} vanished inside a transaction`);
  return found;
}

/** @returns whether the event is new: one whose id is known is not recorded again */
export function recordEvent(tx: Transaction, event: Omit<NewEvent, "worktree">): boolean {
  const inserted = tx.connection.run(
    `INSERT INTO session_lifecycle_events (event_id, repository, session_id, event_type, event_data, occurred_at)
     VALUES (:eventId, COALESCE((SELECT repository FROM claude_sessions WHERE session_id = :sessionId), :repository),
       :sessionId, :type, :data, :at)
     ON CONFLICT (event_id) DO NOTHING`,
    {
      eventId: event.id ?? null,
      repository: tx.repository,
      sessionId: event.sessionId,
      type: event.type,
      data: JSON.stringify(event.data),
      at: event.at ?? tx.now,
    },
  );
  return inserted > 0;
}

function one(tx: Transaction, row: Row | undefined): Session | null {
  return row === undefined ? null : toSession(row, tx.now);
}
