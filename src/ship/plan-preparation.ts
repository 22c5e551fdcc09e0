import type { BranchName } from "../domain/names.ts";
import type { PlaceFacts, ShipRequest } from "./facts.ts";
import { refuseDirty } from "./plan.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { PreparingStep } from "./step.ts";

/** What the preparation is decided from. */
export interface PreparationFacts {
  readonly place: PlaceFacts;
  readonly branch: BranchName;
  readonly base: BranchName;
  readonly pullExists: boolean;
  /** How the branch here stands to the remote's. */
  readonly distance: "equal" | "ahead" | "behind" | "diverged" | "absent";
}

/** Decides what comes before a pull request can be merged: push what is only here, open the pull request. Pure. */
export function planPreparation(
  { place, branch, base, pullExists, distance }: PreparationFacts,
  request: ShipRequest,
): { kind: "plan"; steps: readonly PreparingStep[] } | Refusal {
  if (place.changed.length > 0) return refuseDirty(place);
  if (distance === "behind" || distance === "diverged") return refuse("SHIP_PUSH_WOULD_FORCE", { branch, distance });
  const steps: PreparingStep[] = [];
  if (distance !== "equal") steps.push({ kind: "push", branch, sha: place.sha });
  if (!pullExists && request.create !== null) steps.push({ kind: "create", branch, base });
  return { kind: "plan", steps };
}
