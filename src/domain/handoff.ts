/** Handoffs of a work item from one phase to the next, and what became of those that failed. */
import type { SessionId, WorkItemKey } from "./names.ts";

export const HANDOFF_STATUSES = ["accepted", "rejected", "failed", "blocked"] as const;
export type HandoffStatus = (typeof HANDOFF_STATUSES)[number];

/** Those that stand in an item's way until they are resolved. */
export const FAILED_HANDOFFS = ["rejected", "failed", "blocked"] as const satisfies readonly HandoffStatus[];

export const RESOLUTION_TYPES = ["retry_succeeded", "obsolete", "escalated_to_sd", "manual_override"] as const;
export type ResolutionType = (typeof RESOLUTION_TYPES)[number];

/** What is known of a handoff when it is put on record. */
export interface NewHandoff {
  readonly item: WorkItemKey;
  /** From which phase to which, such as `PLAN-TO-EXEC`. */
  readonly type: string;
  readonly status: HandoffStatus;
  readonly reason: string | null;
  readonly sessionId: SessionId | null;
}

/** A handoff as the store holds it. Times are ISO 8601 by the store's clock. */
export interface Handoff extends NewHandoff {
  readonly id: string;
  readonly createdAt: string;
  /** Hours since it was put on record, when the store was asked. */
  readonly ageHours: number;
  readonly resolvedAt: string | null;
  readonly resolution: ResolutionType | null;
  readonly notes: string | null;
}

/** Whether a handoff of this status clears the earlier failures of its kind. */
export function isPassed(status: HandoffStatus): boolean {
  return status === "accepted";
}
