import type { PullRequest } from "../github/pull-request.ts";
import type { PlaceFacts, ShipFacts, ShipRequest, TipFacts } from "./facts.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** A worktree in the middle of something, or with changes, has work that is in no commit of the branch. Pure. */
function refuseBusyPlace({ path, operation, changed, branch }: PlaceFacts): Refusal | null {
  if (operation !== null) return refuse("SHIP_OPERATION", { branch, worktree: path, operation });
  if (changed.length > 0) return refuse("SHIP_DIRTY", { worktree: path, changed });
  return null;
}

/** No worktree of the branch may hold what the merge would leave out. Pure. */
export function refuseBusy(tips: readonly TipFacts[]): Refusal | null {
  for (const { place } of tips) {
    const busy = place === null ? null : refuseBusyPlace(place);
    if (busy !== null) return busy;
  }
  return null;
}

/** The local branches must hold nothing that the pull request lacks. Pure. */
export function refuseDistance(
  pull: PullRequest,
  tips: readonly TipFacts[],
  { expectHead }: ShipRequest,
): Refusal | null {
  for (const { branch, sha, place, distance } of tips) {
    // Whoever names the commit knows what is not part of it; where it is checked out nowhere, lacking commits do not matter.
    if (distance.kind === "equal" || expectHead === pull.head.sha) continue;
    if (distance.kind === "behind" && place === null) continue;
    const data = { branch, worktree: place?.path ?? null, local: sha, pull: pull.number, pullSha: pull.head.sha };
    if (distance.kind === "ahead") return refuse("SHIP_NOT_PUSHED", { ...data, commits: distance.by });
    return refuse("SHIP_HEADS_DIFFER", { ...data, distance: distance.kind });
  }
  return null;
}

/** A number that is another branch's than this session works on may be a slip: then it has to be said twice. Pure. */
export function refuseForeign({ own, local, details, tips }: ShipFacts, request: ShipRequest): Refusal | null {
  if (own || details === null || request.target === null || !("number" in request.target)) return null;
  if (local.expectation.kind !== "present") return null;
  const meant = request.expectBranch;
  const names = [details.pull.head.branch, ...tips.map((tip) => tip.branch)];
  if (meant !== null && names.includes(meant)) return null;
  return refuse("SHIP_OTHER_BRANCH", {
    pull: details.pull.number,
    branch: details.pull.head.branch,
    expected: local.expectation.content.expectedBranch,
  });
}

/** The main checkout is nobody's to remove: said before anything is done. Pure. */
export function refuseRetirement({ tips }: ShipFacts, { retire }: ShipRequest): Refusal | null {
  const main = retire ? tips.find(({ place }) => place !== null && !place.linked) : undefined;
  return main === undefined ? null : refuse("SHIP_RETIRE_MAIN", { branch: main.branch, worktree: main.place?.path });
}
