import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import type { PullRequest } from "../github/pull-request.ts";
import { validateBranch } from "./branch-validation.ts";
import { carryOut } from "./carry-out.ts";
import { observe, type ShipContext } from "./context.ts";
import type { LocalFacts, ShipFacts, ShipRequest } from "./facts.ts";
import { choosePull, readSettledPull, requestedBranch } from "./find-pull.ts";
import { observeLocal } from "./observe.ts";
import { planShip } from "./plan.ts";
import { type Preparation, planPreparing, prepare } from "./prepare.ts";
import { refusalError } from "./refusal.ts";
import type { ShipResult } from "./result.ts";
import type { Step, StepResult } from "./step.ts";
import type { ShipTools } from "./tools.ts";
import { untilReady } from "./until-ready.ts";

/**
 * Ships a pull request: validates the branch, merges pinned to the head, proves it, brings the local base up to date
 * without a checkout, and cleans up. What an earlier ship left unfinished is finished first; nothing is merged twice.
 * @throws BulkheadError a refusal (nothing was changed), or what failed before the merge
 */
export async function ship(request: ShipRequest, tools: ShipTools): Promise<ShipResult> {
  const local = await observeLocal(tools.repository, tools.claim);
  const refusal = validateBranch(local, request.expectBranch);
  if (refusal !== null) throw refusalError(refusal);
  const branch = requestedBranch(request.target, local.head);
  const context: ShipContext = { request, tools, local, github: await tools.connect() };
  const found = await findPull(branch, context);
  const preparation = await planPreparing(branch ?? found?.head.branch ?? null, found, context);
  if (found === null && !preparation.steps.some((step) => step.kind === "create")) throw noPullRequest(branch, local);
  if (request.dryRun) return dryRun(found, preparation, context);
  const prepared = await prepare(found, preparation, context);
  const { pull, done } = prepared;
  // A draft was asked for and is there: merging it was not.
  if (pull.draft && request.create?.draft) return unmerged(pull, done, local);
  return carryOut(await untilReady(pull, context, done.length > 0), done, context);
}

async function findPull(branch: BranchName | null, context: ShipContext): Promise<PullRequest | null> {
  const { request, github, tools, local } = context;
  const { target } = request;
  if (target !== null && "number" in target) return readSettledPull(github, target.number, tools.sleep);
  if (branch === null) return null;
  const chosen = choosePull(await github.pullRequestsFrom(branch), tools.configuredBase);
  if (chosen === null) return null;
  // `--create` asks for a new one for what came after the last.
  const shippedAll = local.head.kind === "branch" && local.head.sha === chosen.head.sha;
  if (request.create !== null && !chosen.open && !shippedAll) return null;
  return readSettledPull(github, chosen.number, tools.sleep);
}

function noPullRequest(branch: BranchName | null, { head }: LocalFacts): BulkheadError {
  const here = head.kind !== "detached" && head.branch === branch;
  return new BulkheadError("SHIP_NO_PULL_REQUEST", { branch, here });
}

/** The plan, with nothing done: as it would be after the push that it begins with. */
async function dryRun(found: PullRequest | null, preparation: Preparation, context: ShipContext): Promise<ShipResult> {
  const steps: Step[] = [...preparation.steps];
  if (found !== null) {
    const plan = planShip(afterPush(await observe(found, context), steps), context.request);
    if (plan.kind === "refused") throw refusalError(plan);
    steps.push(...plan.steps);
  }
  const planned = steps.map((step): StepResult => ({ step, state: "planned", detail: "" }));
  return { ...unmerged(found, planned, context.local), dryRun: true };
}

function afterPush(facts: ShipFacts, steps: readonly Step[]): ShipFacts {
  const push = steps.find((step) => step.kind === "push");
  if (push === undefined) return facts;
  const pull = { ...facts.pull, head: { ...facts.pull.head, sha: push.sha } };
  return { ...facts, pull, distance: { kind: "equal" }, remoteHead: push.sha };
}

function unmerged(pull: PullRequest | null, steps: readonly StepResult[], { claim }: LocalFacts): ShipResult {
  const merged = pull?.merged ?? false;
  return {
    dryRun: false,
    pull,
    merge: { state: merged ? "merged" : "not_merged", sha: pull?.mergeCommit ?? null },
    mergedBefore: merged,
    sync: null,
    claim: claim.state,
    steps,
    untracked: [],
  };
}
