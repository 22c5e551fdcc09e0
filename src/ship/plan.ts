import { MERGE_METHODS, type MergeMethod } from "../github/pull-request.ts";
import { refuseClaim } from "./branch-validation.ts";
import type { PlaceFacts, ShipFacts, ShipRequest } from "./facts.ts";
import { notYet, type Refusal, refuse } from "./refusal.ts";
import type { Step } from "./step.ts";

export type Plan = { readonly kind: "plan"; readonly steps: readonly Step[] } | Refusal;

/** Decides what a ship does with these facts, or why it does nothing. Pure: same facts, same plan. */
export function planShip(facts: ShipFacts, request: ShipRequest): Plan {
  const { pull } = facts;
  if (pull.merged) {
    return refuseNewWork(facts, request) ?? { kind: "plan", steps: afterMerge(facts, request) };
  }
  const refusal =
    refusePullRequest(facts) ??
    refusePlace(facts) ??
    refuseClaim(facts.claim, facts.pull.head.branch) ??
    refuseUnready(facts);
  if (refusal !== null) return refusal;
  const method = chooseMethod(facts, request.method);
  if (typeof method !== "string") return method;
  const merge: Step = { kind: "merge", pull: pull.number, sha: pull.head.sha, method };
  return { kind: "plan", steps: [merge, ...afterMerge(facts, request)] };
}

/** What is left to do once the pull request is merged. Each step finds out for itself whether it is done already. */
function afterMerge({ pull, children, headStays }: ShipFacts, { keepBranch }: ShipRequest): Step[] {
  const { branch, sha, fork } = pull.head;
  const base = pull.base.branch;
  const steps: Step[] = [
    { kind: "prove", base },
    { kind: "sync", base },
  ];
  if (keepBranch || headStays) return steps;
  if (!fork) {
    // GitHub closes the pull requests on a branch that is deleted: they move first.
    for (const child of children) steps.push({ kind: "retarget", pull: child, base });
    steps.push({ kind: "delete_remote_branch", branch, sha });
  }
  steps.push({ kind: "delete_local_branch", branch, sha });
  return steps;
}

/** A merged pull request found by its branch, with commits on that branch since: those are not shipped. */
function refuseNewWork({ pull, place, distance }: ShipFacts, request: ShipRequest): Refusal | null {
  const named = request.target !== null && "number" in request.target;
  if (named || place === null || distance === null || distance.kind === "equal" || distance.kind === "behind")
    return null;
  return refuse("SHIP_NEW_WORK", { pull: pull.number, branch: pull.head.branch, worktree: place.path });
}

function refusePullRequest({ pull, expectedBase }: ShipFacts): Refusal | null {
  const data = { pull: pull.number, url: pull.url };
  if (!pull.open) return refuse("SHIP_CLOSED", data);
  if (pull.base.branch !== expectedBase) {
    return refuse("SHIP_BASE_UNEXPECTED", { ...data, expected: expectedBase, actual: pull.base.branch });
  }
  if (pull.draft) return refuse("SHIP_DRAFT", data);
  return null;
}

/** The worktree that holds the branch must hold nothing that the merge would leave out. */
export function refusePlace({ pull, place, distance, remoteHead }: ShipFacts): Refusal | null {
  const { branch, sha } = pull.head;
  const busy = place === null ? null : refuseBusyPlace(place, branch);
  if (busy !== null) return busy;
  if (place !== null && distance !== null && distance.kind !== "equal") {
    const data = { branch, worktree: place.path, local: place.sha, pull: pull.number, pullSha: sha };
    if (distance.kind === "ahead") return refuse("SHIP_NOT_PUSHED", { ...data, commits: distance.by });
    return refuse("SHIP_HEADS_DIFFER", { ...data, distance: distance.kind });
  }
  if (!pull.head.fork && remoteHead !== sha) {
    return notYet("SHIP_REMOTE_DIFFERS", { branch, remote: remoteHead, pull: pull.number, pullSha: sha });
  }
  return null;
}

/** A worktree in the middle of something, or with changes, has work that is in no commit of the branch. */
export function refuseBusyPlace({ path, operation, changed }: PlaceFacts, branch: string): Refusal | null {
  if (operation !== null) return refuse("SHIP_OPERATION", { branch, worktree: path, operation });
  if (changed.length > 0) return refuse("SHIP_DIRTY", { worktree: path, changed });
  return null;
}

/** What GitHub itself would refuse, told beforehand and with names. */
function refuseUnready(facts: ShipFacts): Refusal | null {
  const { pull, demands } = facts;
  const data = { pull: pull.number, url: pull.url };
  if (demands.mergeQueue) return refuse("SHIP_MERGE_QUEUE", { ...data, base: pull.base.branch });
  if (pull.mergeable === false || pull.mergeState === "dirty")
    return refuse("SHIP_CONFLICTS", { ...data, base: pull.base.branch });
  if (pull.mergeable === null) return notYet("SHIP_STILL_COMPUTING", data);
  const checks = refuseChecks(facts);
  if (checks !== null) return checks;
  if (pull.mergeState === "behind") return refuse("SHIP_HEAD_OUTDATED", { ...data, base: pull.base.branch });
  if (pull.mergeState === "blocked") {
    return notYet("SHIP_BLOCKED", { ...data, approvals: demands.requiredApprovals });
  }
  return null;
}

function refuseChecks({ pull, demands, checks }: ShipFacts): Refusal | null {
  const required = demands.requiredChecks.map((name) => {
    const found = checks.filter((check) => check.name === name).map((check) => check.state);
    // The same name from several sources counts as passed only when all of them have.
    const state = found.includes("failed") ? "failed" : found.includes("running") ? "running" : (found[0] ?? "missing");
    return { name, state };
  });
  const names = (state: string) => required.filter((check) => check.state === state).map((check) => check.name);
  const data = {
    pull: pull.number,
    url: pull.url,
    failed: names("failed"),
    running: names("running"),
    missing: names("missing"),
  };
  if (data.failed.length > 0) return refuse("SHIP_CHECKS_FAILED", data);
  if (data.running.length + data.missing.length > 0) return notYet("SHIP_CHECKS_RUNNING", data);
  return null;
}

function chooseMethod({ methods, demands, pull }: ShipFacts, wanted: MergeMethod | null): MergeMethod | Refusal {
  const allowed = MERGE_METHODS.filter(
    (method) => (methods?.includes(method) ?? true) && (demands.allowedMethods?.includes(method) ?? true),
  );
  const chosen = wanted ?? allowed[0];
  if (chosen !== undefined && allowed.includes(chosen)) return chosen;
  return refuse("SHIP_METHOD_NOT_ALLOWED", { method: wanted, allowed, pull: pull.number });
}
