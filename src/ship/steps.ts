import type { Step, StepDefinition, StepKind, StepResult } from "./step.ts";
import { ARM } from "./steps/arm.ts";
import { CREATE } from "./steps/create.ts";
import { DELETE_LOCAL_BRANCH } from "./steps/delete-local-branch.ts";
import { DELETE_REMOTE_BRANCH } from "./steps/delete-remote-branch.ts";
import { ENQUEUE } from "./steps/enqueue.ts";
import { MERGE } from "./steps/merge.ts";
import { PROVE } from "./steps/prove.ts";
import { PUSH } from "./steps/push.ts";
import { READY } from "./steps/ready.ts";
import { RETARGET } from "./steps/retarget.ts";
import { RETIRE } from "./steps/retire.ts";
import { SYNC } from "./steps/sync.ts";

/** Every kind of step there is. A new one is a file in `steps/`, a line here and in `step.ts`, and its place in the plan. */
const STEPS: { readonly [K in StepKind]: StepDefinition<Extract<Step, { kind: K }>> } = {
  push: PUSH,
  create: CREATE,
  ready: READY,
  merge: MERGE,
  enqueue: ENQUEUE,
  arm: ARM,
  prove: PROVE,
  sync: SYNC,
  retarget: RETARGET,
  delete_remote_branch: DELETE_REMOTE_BRANCH,
  retire: RETIRE,
  delete_local_branch: DELETE_LOCAL_BRANCH,
};

/** The definition of a step; null for one that this Bulkhead does not know: a newer one may have noted it. */
export function definitionOf(step: Step): StepDefinition<Step> | null {
  return Object.hasOwn(STEPS, step.kind) ? (STEPS[step.kind] as unknown as StepDefinition<Step>) : null;
}

/** A step in words. */
export function describeStep(step: Step, pull: number | null = null): string {
  return definitionOf(step)?.describe(step, pull) ?? step.kind;
}

/** What a step is called in a report, with its failure. */
export function labelOf({ step, state }: StepResult): string {
  const label = definitionOf(step)?.label ?? step.kind;
  return state === "failed" ? `${label} FAILED` : label;
}
