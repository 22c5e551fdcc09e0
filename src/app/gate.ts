import type { WorkItemKey } from "../domain/names.ts";
import { blocking, type GateIdentity, passClaimGate, passHandoffGate } from "../session/gate.ts";
import { type SessionRow, sessionRow } from "../session/session-row.ts";
import type { Clone } from "./clone.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";

/** An item that this terminal may work on. */
export interface GateDocument {
  readonly sd_id: string;
  readonly passed: true;
  /** Why the claim lets it through: `own`, `free`, `abandoned` (stale or gone), `same_host` (by the setting `gateIdentity`). */
  readonly claim: "own" | "free" | "abandoned" | "same_host";
  readonly holder: SessionRow | null;
}

/**
 * The claim gate and what failed on the way. Changes nothing.
 * @throws BulkheadError `GATE_MULTI_SESSION_CLAIM_CONFLICT`, `HANDOFFS_UNRESOLVED`
 */
export async function gate(clone: Clone, input: OwnerInput & { readonly item: WorkItemKey }): Promise<GateDocument> {
  const place = await openWorkplace(clone, input);
  const { claim, holder } = await passClaimGate(place, input.item, await gateIdentity(clone));
  passHandoffGate(input.item, blocking(await place.store.listHandoffs({ item: input.item, unresolved: true }), null));
  return { sd_id: input.item, passed: true, claim, holder: holder === null ? null : sessionRow(holder, place.owner) };
}

export async function gateIdentity(clone: Clone): Promise<GateIdentity> {
  return (await clone.settings()).gateIdentity.value === "host" ? "host" : "session";
}
