import type { CommitSha } from "../domain/names.ts";
import { MERGE_METHODS, type MergeMethod } from "../github/pull-request.ts";
import { refuseClaim } from "./branch-validation.ts";
import type { ShipFacts, ShipRequest } from "./facts.ts";
import { planCleanUp } from "./plan-clean-up.ts";
import { planPreparation } from "./plan-preparation.ts";
import { judgeReadiness } from "./readiness.ts";
import { notYet, type Refusal, refuse } from "./refusal.ts";
import { refuseBusy, refuseDistance, refuseForeign, refuseRetirement } from "./refuse-local.ts";
import type { Step } from "./step.ts";

export interface Steps {
  readonly kind: "plan";
  readonly steps: readonly Step[];
  /** Why a branch stays that a clean-up would have deleted otherwise. */
  readonly kept: string | null;
}

export type Plan = Steps | Refusal;

/** Decides what a ship does with these facts, or why it does nothing. Pure: same facts, same plan. */
export function planShip(facts: ShipFacts, asked: ShipRequest): Plan {
  const request = followed(facts, asked);
  if (facts.freeze !== null && facts.details?.pull.merged !== true) return refuseFrozen(facts.freeze);
  const settled = refuseRetirement(facts, request);
  if (settled !== null) return settled;
  if (facts.details?.pull.merged) return planFinish(facts, request);
  // A draft that was asked for is left as one; any other has to be marked ready first.
  const draft = request.create?.draft === true;
  const refusal = refusePullRequest(facts, draft) ?? refuseForeign(facts, request) ?? refuseBusy(facts.tips);
  if (refusal !== null) return refusal;
  const prepared = planPreparation(facts, request);
  if (prepared.kind === "refused") return prepared;
  const { steps, sha } = prepared;
  if (draft && (facts.details === null || facts.details.pull.draft)) {
    return { kind: "plan", steps, kept: null };
  }
  return planMerge(facts, request, steps, sha);
}

/** A pull request that GitHub has in hand already is followed the way it goes, whether or not that is said again. */
function followed({ details }: ShipFacts, request: ShipRequest): ShipRequest {
  if (request.via !== "merge" || details === null) return request;
  if (details.pull.queue !== null) return { ...request, via: "queue" };
  return details.pull.armed ? { ...request, via: "auto" } : request;
}

/** A merged pull request is finished: each step finds out for itself whether it is done already. */
function planFinish(facts: ShipFacts, request: ShipRequest): Plan {
  const { details, tips } = facts;
  if (details === null) return refuse("INTERNAL", { reason: "a merged pull request without details" });
  const named = request.target !== null && "number" in request.target;
  // Found by its branch, and the branch has commits since: those are not shipped.
  const newer = named ? undefined : tips.find(({ distance }) => !["equal", "behind"].includes(distance.kind));
  if (newer !== undefined) {
    const worktree = newer.place?.path ?? "this clone";
    return refuse("SHIP_NEW_WORK", { pull: details.pull.number, branch: newer.branch, worktree });
  }
  const after = planCleanUp(facts, request, details.pull.head.sha);
  return { kind: "plan", steps: after.steps, kept: after.kept };
}

function planMerge(facts: ShipFacts, request: ShipRequest, before: readonly Step[], sha: CommitSha): Plan {
  const { details } = facts;
  const pushes = before.length > 0;
  const refusal =
    (pushes || details === null ? null : refuseHead(facts, request)) ??
    refuseClaim(facts.local.claim, details?.pull.head.branch ?? facts.branch ?? "") ??
    refuseConflicts(facts);
  if (refusal !== null) return refusal;
  const readiness = pushes || details === null ? null : judgeReadiness(details, request.via);
  if (readiness !== null && !(readiness.passing && request.waitMs !== null)) return readiness;
  const merge = planMergeStep(facts, request, sha);
  if (merge.kind === "refused") return merge;
  const wait: Step[] = pushes || readiness !== null ? [{ kind: "ready", sha, pushed: pushes, via: request.via }] : [];
  const after = planCleanUp(facts, request, sha);
  return { kind: "plan", steps: [...before, ...wait, merge, ...after.steps], kept: after.kept };
}

/** A base that is frozen takes nothing. Pure. */
export function refuseFrozen({ base, by, reason, until }: NonNullable<ShipFacts["freeze"]>): Refusal {
  const data = { base, by, reason, until };
  return until === null ? refuse("SHIP_FROZEN", data) : notYet("SHIP_FROZEN", data);
}

function refusePullRequest({ details, expectedBase, stack }: ShipFacts, draft: boolean): Refusal | null {
  if (details === null) return null;
  const { pull, baseIsHeadOf } = details;
  const data = { pull: pull.number, url: pull.url };
  if (!pull.open) return refuse("SHIP_CLOSED", data);
  if (pull.base.branch !== expectedBase && stack.length === 0) {
    if (baseIsHeadOf !== null) return refuse("SHIP_STACKED", { ...data, on: baseIsHeadOf, base: pull.base.branch });
    return refuse("SHIP_BASE_UNEXPECTED", { ...data, expected: expectedBase, actual: pull.base.branch });
  }
  if (pull.draft && !draft) return refuse("SHIP_DRAFT", data);
  return null;
}

/** The pull request must be what this clone says it is, and what the user says. */
function refuseHead({ details, tips }: ShipFacts, request: ShipRequest): Refusal | null {
  if (details === null) return null;
  const { pull } = details;
  const { branch, sha, tip } = pull.head;
  if (request.expectHead !== null && request.expectHead !== sha) {
    return refuse("SHIP_HEAD_UNEXPECTED", { pull: pull.number, expected: request.expectHead, actual: sha });
  }
  const distance = refuseDistance(pull, tips, request);
  if (distance !== null) return distance;
  // A fork may be out of this token's sight; what cannot be seen there is no contradiction.
  if (tip === sha || (tip === null && pull.head.fork)) return null;
  return notYet("SHIP_REMOTE_DIFFERS", { branch, remote: tip, pull: pull.number, pullSha: sha });
}

/** Found here, before GitHub is asked: with the names of the files, and who else is at work on them. */
function refuseConflicts({ conflicts, touching, details, expectedBase, branch }: ShipFacts): Refusal | null {
  if (conflicts === null || conflicts.length === 0 || details?.pull.mergeable === true) return null;
  const base = details?.pull.base.branch ?? expectedBase;
  return refuse("SHIP_CONFLICTS", { pull: details?.pull.number ?? null, branch, base, files: conflicts, touching });
}

function planMergeStep(facts: ShipFacts, request: ShipRequest, sha: CommitSha): Step | Refusal {
  const { details, stack } = facts;
  if (request.via === "queue") {
    // A base without a queue takes nothing into it.
    if (details !== null && !details.demands.mergeQueue && details.pull.queue === null) {
      return refuse("SHIP_NO_QUEUE", { base: details.pull.base.branch });
    }
    return { kind: "enqueue", sha };
  }
  const methods = chooseMethods(facts, request.method);
  if (!Array.isArray(methods)) return methods as Refusal;
  const [method, ...others] = methods as MergeMethod[];
  if (method === undefined) return refuse("SHIP_METHOD_NOT_ALLOWED", { method: null, allowed: [] });
  const position = stack.findIndex((entry) => entry.number === details?.pull.number);
  const landing = stack.slice(0, position + 1).flatMap((entry) => (entry.open ? [entry.number] : []));
  if (request.via === "auto") {
    if (landing.length > 1) return refuse("SHIP_STACK_NOT_ARMED", { pull: details?.pull.number ?? null });
    return { kind: "arm", sha, method };
  }
  return { kind: "merge", sha, method, others, stack: landing };
}

/** The methods that may be tried, in order: the preferred one first, and none but the one that was asked for. */
function chooseMethods(facts: ShipFacts, wanted: MergeMethod | null): MergeMethod[] | Refusal {
  const { repository, details, preferredMethod } = facts;
  const demanded = details?.demands.allowedMethods ?? null;
  const allowed = MERGE_METHODS.filter(
    (method) => (repository.methods?.includes(method) ?? true) && (demanded?.includes(method) ?? true),
  );
  if (wanted !== null) {
    return allowed.includes(wanted) ? [wanted] : refuse("SHIP_METHOD_NOT_ALLOWED", { method: wanted, allowed });
  }
  if (allowed.length === 0) return refuse("SHIP_METHOD_NOT_ALLOWED", { method: null, allowed });
  const first = preferredMethod !== null && allowed.includes(preferredMethod) ? [preferredMethod] : [];
  return [...first, ...allowed.filter((method) => !first.includes(method))];
}
