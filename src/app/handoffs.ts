/** Handoffs of items from phase to phase: put on record, looked up, resolved. */
import { BulkheadError } from "../domain/error.ts";
import { type Handoff, type HandoffStatus, isPassed, type ResolutionType } from "../domain/handoff.ts";
import type { WorkItemKey } from "../domain/names.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { blocking, passClaimGate, passHandoffGate } from "../session/gate.ts";
import { findWorktreeSession } from "../session/own-session.ts";
import type { Clone } from "./clone.ts";
import { gateIdentity } from "./gate.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";

/** A handoff in the wire's names. */
export interface HandoffRow {
  readonly id: string;
  readonly sd_id: string;
  readonly handoff_type: string;
  readonly status: HandoffStatus;
  readonly rejection_reason: string | null;
  readonly session_id: string | null;
  readonly created_at: string;
  /** Hours since it was put on record, while it stands in the way; null when it does not. */
  readonly hours_blocked: number | null;
  readonly resolved_at: string | null;
  readonly resolution_type: ResolutionType | null;
  readonly resolution_notes: string | null;
}

export interface AddHandoffInput extends OwnerInput {
  readonly item: WorkItemKey;
  readonly type: string;
  readonly status: HandoffStatus;
  readonly reason: string | null;
}

/** What was put on record, and which earlier failures it resolves. */
export interface AddHandoffDocument extends HandoffRow {
  readonly resolved: readonly string[];
}

/**
 * Puts a handoff on record, where the gate lets this terminal: the claim, and for one that passed no unresolved failure of
 * another type. Failures of its own type are resolved by it.
 * @throws BulkheadError `GATE_MULTI_SESSION_CLAIM_CONFLICT`, `HANDOFFS_UNRESOLVED`
 */
export async function addHandoff(clone: Clone, input: AddHandoffInput): Promise<AddHandoffDocument> {
  const { item, type, status, reason } = input;
  const place = await openWorkplace(clone, input);
  await passClaimGate(place, item, await gateIdentity(clone));
  const open = await place.store.listHandoffs({ item, unresolved: true });
  const passed = isPassed(status);
  if (passed) passHandoffGate(item, blocking(open, type));
  const session = findWorktreeSession(place, await place.store.listSessions());
  const added = await place.store.addHandoff({ item, type, status, reason, sessionId: session?.id ?? null });
  return { ...rowOf(added), resolved: passed ? open.filter((one) => one.type === type).map(({ id }) => id) : [] };
}

export interface HandoffsDocument {
  readonly handoffs: readonly HandoffRow[];
}

/** The oldest first. */
export async function listHandoffs(
  clone: Clone,
  input: { readonly item: WorkItemKey | null; readonly unresolved: boolean },
): Promise<HandoffsDocument> {
  const { item, unresolved } = input;
  const found = await (await clone.store()).listHandoffs({ unresolved, ...(item === null ? {} : { item }) });
  return { handoffs: found.map(rowOf) };
}

export interface ResolveHandoffInput {
  /** Its id, or the start of it. */
  readonly id: string;
  /** Null sets the notes and resolves nothing. */
  readonly type: ResolutionType | null;
  readonly notes: string | null;
}

/** @throws BulkheadError `HANDOFF_NOT_FOUND` */
export async function resolveHandoff(clone: Clone, { id, type, notes }: ResolveHandoffInput): Promise<HandoffRow> {
  const store = await clone.store();
  const found = (await store.listHandoffs()).filter((handoff) => handoff.id.startsWith(id.replace(/…$/, "")));
  const [only] = found;
  const resolved = only === undefined || found.length > 1 ? null : await store.resolveHandoff(only.id, { type, notes });
  if (resolved === null) throw new BulkheadError("HANDOFF_NOT_FOUND", { id });
  return rowOf(resolved);
}

function rowOf(handoff: Handoff): HandoffRow {
  const { id, item, type, status, reason, sessionId, createdAt, ageHours, resolvedAt, resolution, notes } = handoff;
  const blocks = blocking([handoff], null).length > 0;
  return {
    id,
    sd_id: item,
    handoff_type: type,
    status,
    rejection_reason: reason,
    session_id: sessionId === null ? null : shortSessionId(sessionId),
    created_at: createdAt,
    hours_blocked: blocks ? Math.round(ageHours * 100) / 100 : null,
    resolved_at: resolvedAt,
    resolution_type: resolution,
    resolution_notes: notes,
  };
}
