import type { Claim, LocalFacts, ShipRequest } from "./facts.ts";
import { type Refusal, refuse } from "./refusal.ts";

/**
 * The first rule of a ship: this worktree is on the branch that its session expects. Needs no network. Pure.
 * @returns null when it holds, or when nothing is expected
 */
export function validateBranch(local: LocalFacts, request: ShipRequest): Refusal | null {
  const { expectation, head } = local;
  const expectBranch = meansAnother(local, request) ? null : request.expectBranch;
  if (expectBranch === null && expectation.kind === "invalid") {
    return refuse("EXPECTATION_INVALID", { file: expectation.file, fault: expectation.fault });
  }
  const content = expectation.kind === "present" ? expectation.content : null;
  const expected = expectBranch ?? content?.expectedBranch ?? null;
  // A detached HEAD is on no branch: git itself shows it as "HEAD".
  const actual = head.kind === "detached" ? "HEAD" : head.branch;
  if (expected !== null && actual !== expected) return refuse("BRANCH_MISMATCH", { expected, actual });
  if (content?.claimLost !== undefined) {
    return refuse("CLAIM_LOST", {
      ...content.claimLost,
      item: content.sdKey ?? null,
      expected: content.expectedBranch,
    });
  }
  return refuseClaim(local.claim, expected ?? actual, content?.sdKey);
}

/**
 * Whether `--expect-branch` speaks of another branch than this worktree's: a session that is where it belongs may ship
 * another's pull request by its number, if it says whose. The plan checks that it is that branch's.
 */
function meansAnother({ expectation, head }: LocalFacts, { expectBranch, target }: ShipRequest): boolean {
  if (expectation.kind !== "present" || expectBranch === null || target === null || !("number" in target)) return false;
  const { expectedBranch } = expectation.content;
  return head.kind === "branch" && head.branch === expectedBranch && expectBranch !== expectedBranch;
}

/** A claim that cannot be confirmed is not ours to merge under. */
export function refuseClaim(claim: Claim, branch: string, item: string | null = null): Refusal | null {
  if (claim.state === "lost") return refuse("CLAIM_LOST", { by: "Another session", item, expected: branch });
  if (claim.state === "unknown") {
    return refuse("SHIP_CLAIM_UNKNOWN", { branch, reason: claim.reason, wayOut: claim.wayOut });
  }
  return null;
}

/** What must not have changed since the plan was made, looked at again right before the merge. Pure. */
export function stillAsPlanned(planned: LocalFacts, now: LocalFacts, request: ShipRequest): Refusal | null {
  const refusal = validateBranch(now, request);
  if (refusal !== null) return refusal;
  const name = (local: LocalFacts) => (local.head.kind === "detached" ? "HEAD" : local.head.branch);
  if (name(planned) !== name(now)) return refuse("BRANCH_MISMATCH", { expected: name(planned), actual: name(now) });
  return null;
}
