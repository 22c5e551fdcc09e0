import { randomUUID } from "node:crypto";
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
import type { Row } from "./connection.ts";
import type { NamedTransaction, Transaction } from "./transaction.ts";

const FAILED = JSON.stringify(FAILED_HANDOFFS);

/** Puts a handoff on record; one that passed resolves the earlier failures of its kind. */
export function addHandoff(tx: NamedTransaction, { item, type, status, reason, sessionId }: NewHandoff): Handoff {
  if (isPassed(status)) {
    tx.connection.run(
      `UPDATE sd_phase_handoffs SET resolved_at = :now, resolution_type = 'retry_succeeded'
       WHERE sd_id = :item AND handoff_type = :type AND resolved_at IS NULL
         AND status IN (SELECT value FROM json_each(:failed))`,
      { now: tx.now, item, type, failed: FAILED },
    );
  }
  const id = randomUUID();
  tx.connection.run(
    `INSERT INTO sd_phase_handoffs (id, repository, sd_id, handoff_type, status, rejection_reason, session_id, created_at)
     VALUES (:id, :repository, :item, :type, :status, :reason, :sessionId, :now)`,
    { id, repository: tx.repository, item, type, status, reason, sessionId, now: tx.now },
  );
  return reread(tx, id);
}

/** @returns null when there is no such handoff */
export function resolveHandoff(tx: Transaction, id: string, { type, notes }: HandoffResolution): Handoff | null {
  const changed = tx.connection.run(
    `UPDATE sd_phase_handoffs SET resolution_notes = COALESCE(:notes, resolution_notes),
       resolved_at = CASE WHEN :type IS NULL THEN resolved_at ELSE :now END,
       resolution_type = COALESCE(:type, resolution_type) WHERE id = :id`,
    { id, type, notes, now: tx.now },
  );
  return changed === 0 ? null : reread(tx, id);
}

export function listHandoffs(tx: Transaction, { item, unresolved = false }: HandoffFilter): Handoff[] {
  const rows = tx.connection.all(
    `SELECT * FROM sd_phase_handoffs WHERE (:item IS NULL OR sd_id = :item)
       AND (:unresolved = 0 OR (resolved_at IS NULL AND status IN (SELECT value FROM json_each(:failed))))
     ORDER BY created_at, rowid`,
    { item: item ?? null, unresolved: unresolved ? 1 : 0, failed: FAILED },
  );
  return rows.map((row) => toHandoff(row, tx.now));
}

function reread(tx: Transaction, id: string): Handoff {
  const row = tx.connection.get("SELECT * FROM sd_phase_handoffs WHERE id = :id", { id });
  if (row === undefined) throw new Error(`the handoff ${id} vanished inside a transaction`);
  return toHandoff(row, tx.now);
}

function toHandoff(row: Row, now: string): Handoff {
  const text = (value: unknown) => (value === null ? null : String(value));
  return {
    id: String(row.id),
    item: String(row.sd_id) as WorkItemKey,
    type: String(row.handoff_type),
    status: String(row.status) as HandoffStatus,
    reason: text(row.rejection_reason),
    sessionId: text(row.session_id) as SessionId | null,
    createdAt: String(row.created_at),
    ageHours: Math.max(0, (Date.parse(now) - Date.parse(String(row.created_at))) / 3_600_000),
    resolvedAt: text(row.resolved_at),
    resolution: text(row.resolution_type) as ResolutionType | null,
    notes: text(row.resolution_notes),
  };
}
