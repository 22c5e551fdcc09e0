import {
  FAILED_HANDOFFS,
  type Handoff,
  type HandoffStatus,
  isPassed,
  type NewHandoff,
  type ResolutionType,
} from "../../domain/handoff.ts";
import type { SessionId, WorkItemKey } from "../../domain/names.ts";
import type { HandoffFilter, HandoffResolution } from "../session-store.ts";
import type { PostgresConnection, Row } from "./connection.ts";
import { text, time } from "./rows.ts";

const FAILED = FAILED_HANDOFFS.map((status) => `'${status}'`).join(", ");
const COLUMNS = `id, sd_id, handoff_type, status, rejection_reason, session_id, created_at, resolved_at, resolution_type,
  resolution_notes, GREATEST(0, EXTRACT(EPOCH FROM bulkhead_now() - created_at)) / 3600 AS age_hours`;

/** Puts a handoff on record; one that passed resolves the earlier failures of its kind. One statement. */
export async function addHandoff(
  connection: PostgresConnection,
  repository: string,
  { item, type, status, reason, sessionId }: NewHandoff,
): Promise<Handoff> {
  const [row] = await connection.query(
    `WITH resolved AS (
       UPDATE sd_phase_handoffs SET resolved_at = bulkhead_now(), resolution_type = 'retry_succeeded'
       WHERE $7::boolean AND repository = $1 AND sd_id = $2 AND handoff_type = $3 AND resolved_at IS NULL AND status IN (${FAILED})
     )
     INSERT INTO sd_phase_handoffs (repository, sd_id, handoff_type, status, rejection_reason, session_id, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, bulkhead_now()) RETURNING ${COLUMNS}`,
    [repository, item, type, status, reason, sessionId, isPassed(status)],
  );
  return toHandoff(row ?? {});
}

/** @returns null when there is no such handoff */
export async function resolveHandoff(
  connection: PostgresConnection,
  repository: string,
  id: string,
  { type, notes }: HandoffResolution,
): Promise<Handoff | null> {
  const [row] = await connection.query(
    `UPDATE sd_phase_handoffs SET resolution_notes = COALESCE($4, resolution_notes),
       resolved_at = CASE WHEN $3::text IS NULL THEN resolved_at ELSE bulkhead_now() END,
       resolution_type = COALESCE($3::text, resolution_type)
     WHERE repository = $1 AND id = $2 RETURNING ${COLUMNS}`,
    [repository, id, type, notes],
  );
  return row === undefined ? null : toHandoff(row);
}

export async function listHandoffs(
  connection: PostgresConnection,
  repository: string,
  { item, unresolved = false }: HandoffFilter,
): Promise<Handoff[]> {
  const rows = await connection.query(
    `SELECT ${COLUMNS} FROM sd_phase_handoffs WHERE repository = $1 AND ($2::text IS NULL OR sd_id = $2)
       AND (NOT $3::boolean OR (resolved_at IS NULL AND status IN (${FAILED}))) ORDER BY created_at, id`,
    [repository, item ?? null, unresolved],
    { again: true },
  );
  return rows.map(toHandoff);
}

function toHandoff(row: Row): Handoff {
  return {
    id: String(row.id),
    item: String(row.sd_id) as WorkItemKey,
    type: String(row.handoff_type),
    status: String(row.status) as HandoffStatus,
    reason: text(row.rejection_reason),
    sessionId: text(row.session_id) as SessionId | null,
    createdAt: time(row.created_at) ?? "",
    ageHours: Number(row.age_hours),
    resolvedAt: time(row.resolved_at),
    resolution: text(row.resolution_type) as ResolutionType | null,
    notes: text(row.resolution_notes),
  };
}
