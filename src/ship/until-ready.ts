import { BulkheadError } from "../domain/error.ts";
import type { PullRequest } from "../github/pull-request.ts";
import { observe, type ShipContext } from "./context.ts";
import type { ShipFacts } from "./facts.ts";
import { readSettledPull } from "./find-pull.ts";
import { planShip } from "./plan.ts";
import { type Refusal, refusalError } from "./refusal.ts";
import type { Step } from "./step.ts";

/** Milliseconds between two looks while waiting. */
const LOOK_EVERY_MS = 10_000;

export interface Ready {
  readonly facts: ShipFacts;
  readonly steps: readonly Step[];
}

/**
 * Observes and plans until there is a plan. Without `--wait` that is once.
 * @param pushed whether this ship pushed: then a check that has not started yet is no refusal but a matter of time
 * @throws BulkheadError the refusal; `SHIP_WAITED_LONG_ENOUGH`, `SHIP_PUSHED_NOT_READY`
 */
export async function untilReady(first: PullRequest, context: ShipContext, pushed: boolean): Promise<Ready> {
  const { request, tools, github } = context;
  const start = tools.now().getTime();
  for (let pull = first; ; pull = await readSettledPull(github, pull.number, tools.sleep)) {
    const facts = await observe(pull, context);
    const plan = planShip(facts, request);
    if (plan.kind === "plan") return { facts, steps: plan.steps };
    if (!plan.passing) throw refusalError(plan);
    if (request.waitMs === null) throw pushed ? pushedNotReady(pull, plan) : refusalError(plan);
    const left = start + request.waitMs - tools.now().getTime();
    if (left <= 0) throw waitedLongEnough(pull, plan, request.waitMs);
    tools.progress(`${refusalError(plan).message} Waiting ${Math.ceil(left / 1000)} s more…`);
    await tools.sleep(Math.min(LOOK_EVERY_MS, left));
  }
}

function pushedNotReady(pull: PullRequest, refusal: Refusal): BulkheadError {
  const reason = refusalError(refusal).message;
  return new BulkheadError("SHIP_PUSHED_NOT_READY", {
    ...refusal.data,
    branch: pull.head.branch,
    pull: pull.number,
    reason,
  });
}

function waitedLongEnough(pull: PullRequest, refusal: Refusal, waitMs: number): BulkheadError {
  const reason = refusalError(refusal).message;
  const seconds = Math.round(waitMs / 1000);
  return new BulkheadError("SHIP_WAITED_LONG_ENOUGH", { ...refusal.data, pull: pull.number, seconds, reason });
}
