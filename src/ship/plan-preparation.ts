import type { CommitSha } from "../domain/names.ts";
import type { ShipFacts, ShipRequest, TipFacts } from "./facts.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Step } from "./step.ts";

/** What comes before there is a pull request that holds all of the branch, and the commit that is merged then. */
export interface Preparation {
  readonly kind: "plan";
  readonly steps: readonly Step[];
  readonly sha: CommitSha;
}

/** Decides whether the branch is pushed and its pull request opened first. Pure. */
export function planPreparation(facts: ShipFacts, request: ShipRequest): Preparation | Refusal {
  const { details, branch, head } = facts;
  const tip = tipToPush(facts);
  const wanted = request.push || request.create !== null;
  if (details !== null && (!wanted || tip === null)) return { kind: "plan", steps: [], sha: details.pull.head.sha };
  if (request.create === null && details === null) {
    if (request.push && takesNoPush(facts)) return refuseProtected(facts);
    return refuse("SHIP_NO_PULL_REQUEST", { branch, here: isHere(facts) });
  }
  if (tip === null) return refuse("SHIP_NO_PULL_REQUEST", { branch, here: isHere(facts) });
  if (facts.twin !== null && details === null) {
    const { number, url, head: other } = facts.twin;
    return refuse("SHIP_ALREADY_OPEN", { pull: number, url, branch: other.branch });
  }
  // Without a pull request this would be the only way that commits come into a base unseen.
  if (details === null && takesNoPush(facts, true)) return refuseProtected(facts);
  if (head === null) return refuse("SHIP_NO_HEAD", { branch });
  const { distance } = tip;
  const to = details?.pull.head.branch ?? head.branch;
  if (distance.kind === "behind" || distance.kind === "diverged") {
    return refuse("SHIP_PUSH_WOULD_FORCE", { branch: to, distance: distance.kind });
  }
  const steps: Step[] = [];
  if (distance.kind !== "equal") {
    if (takesNoPush(facts)) return refuseProtected(facts);
    steps.push({ kind: "push", branch: tip.branch, sha: tip.sha, remote: head.remote, to });
  }
  if (details === null && request.create !== null) {
    const own = `${head.repository.owner}/${head.repository.name}`;
    const fork = own.toLowerCase() !== facts.repository.fullName.toLowerCase();
    steps.push({
      kind: "create",
      ...request.create,
      branch: tip.branch,
      base: facts.expectedBase,
      head: fork ? `${head.repository.owner}:${to}` : to,
      headRepository: own,
      headBranch: to,
    });
  }
  return { kind: "plan", steps, sha: tip.sha };
}

/** The local branch that may be pushed: another session's worktree pushes its own. */
function tipToPush({ tips }: ShipFacts): TipFacts | null {
  const [tip, ...others] = tips;
  if (tip === undefined || others.length > 0) return null;
  return tip.place === null || tip.place.here ? tip : null;
}

/**
 * Whether the branch that a push would go to is a base, or protected: here, or on GitHub.
 * @param opening whether a pull request is to be opened, for which a protected branch that is pushed already will do
 */
function takesNoPush(facts: ShipFacts, opening = false): boolean {
  const { details, head, expectedBase, repository, isProtected, branch } = facts;
  const to = details?.pull.head.branch ?? head?.branch ?? branch;
  if (to === null) return false;
  const inBase = head === null || `${head.repository.owner}/${head.repository.name}` === repository.fullName;
  if (inBase && (to === expectedBase || to === repository.defaultBranch)) return true;
  if (to === details?.pull.base.branch && !details.pull.head.fork) return true;
  if (opening) return false;
  // A branch of another name that pull requests were merged into is somebody's base, not this branch's head.
  const othersBase = details?.headWasBase === true && to !== branch;
  return isProtected(to) || (branch !== null && isProtected(branch)) || details?.headProtected === true || othersBase;
}

function refuseProtected({ details, head, branch, expectedBase }: ShipFacts): Refusal {
  const to = details?.pull.head.branch ?? head?.branch ?? branch;
  return refuse("SHIP_PROTECTED", { branch: to, base: details?.pull.base.branch ?? expectedBase });
}

function isHere({ local, branch }: ShipFacts): boolean {
  return local.head.kind === "branch" && local.head.branch === branch;
}
