/** The claim gate: may this terminal work on an item? */
import { isLive } from "../domain/claim-rules.ts";
import { BulkheadError } from "../domain/error.ts";
import { FAILED_HANDOFFS, type Handoff } from "../domain/handoff.ts";
import type { WorkItemKey } from "../domain/names.ts";
import { isSameOwner } from "../domain/owner.ts";
import type { GoneOwner, Owner, Session } from "../domain/session.ts";
import { holderData } from "./session-row.ts";
import type { Workplace } from "./workplace.ts";

/**
 * Who counts as the holder: `session`, the very session; `host`, whoever works on its machine, as one developer at several
 * terminals does.
 */
export type GateIdentity = "session" | "host";

export interface GateFacts {
  readonly item: WorkItemKey;
  readonly owner: Owner;
  /** Those that have not ended. */
  readonly sessions: readonly Session[];
  readonly gone: readonly GoneOwner[];
  readonly identity: GateIdentity;
}

export type GateVerdict =
  /** `own`: this owner holds it; `free`: nobody; `abandoned`: its holder is stale or gone; `same_host`: by the host rule. */
  | {
      readonly kind: "pass";
      readonly claim: "own" | "free" | "abandoned" | "same_host";
      readonly holder: Session | null;
    }
  | { readonly kind: "held"; readonly holder: Session };

/** Whether the item's claim lets this owner work on it. Pure. */
export function decideGate({ item, owner, sessions, gone, identity }: GateFacts): GateVerdict {
  const holder = sessions.find((session) => session.item === item);
  if (holder === undefined) return { kind: "pass", claim: "free", holder: null };
  if (isSameOwner(holder.owner, owner)) return { kind: "pass", claim: "own", holder };
  if (!isLive(holder, gone)) return { kind: "pass", claim: "abandoned", holder };
  if (identity === "host" && holder.owner.machineId === owner.machineId) {
    return { kind: "pass", claim: "same_host", holder };
  }
  return { kind: "held", holder };
}

/** Handoffs that failed and were not resolved. @param but those of this type, of which a retry is just being judged */
export function blocking(handoffs: readonly Handoff[], but: string | null): Handoff[] {
  const failed: readonly string[] = FAILED_HANDOFFS;
  return handoffs.filter(
    ({ status, type, resolvedAt }) => failed.includes(status) && resolvedAt === null && type !== but,
  );
}

/** @throws BulkheadError `GATE_MULTI_SESSION_CLAIM_CONFLICT` */
export async function passClaimGate(
  place: Workplace,
  item: WorkItemKey,
  identity: GateIdentity,
): Promise<Extract<GateVerdict, { kind: "pass" }>> {
  const { sessions, gone, lives } = await place.look({ vouch: true });
  const verdict = decideGate({ item, owner: place.owner, sessions, gone, identity });
  if (verdict.kind === "pass") return verdict;
  const holder = holderData(verdict.holder, lives.get(verdict.holder.id));
  throw new BulkheadError("GATE_MULTI_SESSION_CLAIM_CONFLICT", { sd_id: item, ...holder });
}

/** @throws BulkheadError `HANDOFFS_UNRESOLVED` */
export function passHandoffGate(item: WorkItemKey, failures: readonly Handoff[]): void {
  if (failures.length === 0) return;
  throw new BulkheadError("HANDOFFS_UNRESOLVED", {
    sd_id: item,
    failures: failures.map(({ id, type, status }) => `${type} ${status} (${id.slice(0, 8)})`),
  });
}
