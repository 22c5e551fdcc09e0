import type { Freeze, NewFreeze } from "../../domain/freeze.ts";
import { type BranchName, parseBranchName } from "../../domain/names.ts";
import type { PostgresConnection, Row } from "./connection.ts";
import { time } from "./rows.ts";

const COLUMNS = "base, frozen_by, host, reason, frozen_at, frozen_until";

/** Sets a base's stop, in place of one that is there. */
export async function freeze(
  connection: PostgresConnection,
  repository: string,
  { base, by, host, reason, until }: NewFreeze,
): Promise<Freeze> {
  const at = until !== null && "at" in until ? until.at.toISOString() : null;
  const inMs = until !== null && "inMs" in until ? until.inMs : null;
  const [row] = await connection.query(
    `INSERT INTO bulkhead_freezes (repository, base, frozen_by, host, reason, frozen_at, frozen_until)
     VALUES ($1, $2, $3, $4, $5, bulkhead_now(),
       COALESCE($6::timestamptz, bulkhead_now() + $7::double precision * interval '1 millisecond'))
     ON CONFLICT (repository, base) DO UPDATE SET frozen_by = EXCLUDED.frozen_by, host = EXCLUDED.host,
       reason = EXCLUDED.reason, frozen_at = EXCLUDED.frozen_at, frozen_until = EXCLUDED.frozen_until
     RETURNING ${COLUMNS}`,
    [repository, base, by, host, reason, at, inMs],
    { again: true },
  );
  return toFreeze(row ?? {});
}

/** @returns the stop that held; null when none did */
export async function unfreeze(
  connection: PostgresConnection,
  repository: string,
  base: BranchName,
): Promise<Freeze | null> {
  const [row] = await connection.query(
    `DELETE FROM bulkhead_freezes WHERE repository = $1 AND base = $2
     RETURNING ${COLUMNS}, frozen_until IS NULL OR frozen_until > bulkhead_now() AS held`,
    [repository, base],
  );
  return row?.held === true ? toFreeze(row) : null;
}

/** The stops that hold now. */
export async function listFreezes(connection: PostgresConnection, repository: string): Promise<Freeze[]> {
  const rows = await connection.query(
    `SELECT ${COLUMNS} FROM bulkhead_freezes
     WHERE repository = $1 AND (frozen_until IS NULL OR frozen_until > bulkhead_now()) ORDER BY base`,
    [repository],
    { again: true },
  );
  return rows.map(toFreeze);
}

function toFreeze(row: Row): Freeze {
  return {
    base: parseBranchName(String(row.base)),
    by: String(row.frozen_by),
    host: String(row.host),
    reason: String(row.reason),
    at: time(row.frozen_at) ?? "",
    until: time(row.frozen_until),
  };
}
