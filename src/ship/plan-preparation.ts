import type { BranchName } from "../domain/names.ts";
import type { PlaceFacts, ShipRequest } from "./facts.ts";
import { refuseBusyPlace } from "./plan.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { PreparingStep } from "./step.ts";

/** What the preparation is decided from. */
export interface PreparationFacts {
  readonly place: PlaceFacts;
  readonly branch: BranchName;
  readonly base: BranchName;
  readonly pullExists: boolean;
  /** Whether the branch is a base, the default branch, or protected here: then nothing is ever pushed to it. */
  readonly takesNoPush: boolean;
  /** How the branch here stands to the remote's. */
  readonly distance: "equal" | "ahead" | "behind" | "diverged" | "absent";
}

/** Decides what comes before a pull request can be merged: push what is only here, open the pull request. Pure. */
export function planPreparation(
  { place, branch, base, pullExists, takesNoPush, distance }: PreparationFacts,
  request: ShipRequest,
): { kind: "plan"; steps: readonly PreparingStep[] } | Refusal {
  const busy = refuseBusyPlace(place, branch);
  if (busy !== null) return busy;
  if (branch === base || (takesNoPush && distance !== "equal")) return refuse("SHIP_PROTECTED", { branch, base });
  if (distance === "behind" || distance === "diverged") return refuse("SHIP_PUSH_WOULD_FORCE", { branch, distance });
  const steps: PreparingStep[] = [];
  if (distance !== "equal") steps.push({ kind: "push", branch, sha: place.sha });
  if (!pullExists && request.create !== null) steps.push({ kind: "create", branch, base });
  return { kind: "plan", steps };
}
