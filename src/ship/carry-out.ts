import { BulkheadError } from "../domain/error.ts";
import { stillAsPlanned } from "./branch-validation.ts";
import type { ShipContext } from "./context.ts";
import { type Executed, executeSteps } from "./execute.ts";
import type { ShipFacts } from "./facts.ts";
import { baseDirectory, clearJournals, Journal, readJournals } from "./journal.ts";
import { takeLock } from "./lock.ts";
import { measureDistance, observeLocal, observePlace } from "./observe.ts";
import { refusePlace } from "./plan.ts";
import { refusalError } from "./refusal.ts";
import type { ShipResult } from "./result.ts";
import { finishUnfinished } from "./resume.ts";
import type { Step, StepResult } from "./step.ts";
import type { ShippedMerge } from "./tools.ts";
import type { Ready } from "./until-ready.ts";

/** Carries out a plan, alone on its base in this clone. */
export async function carryOut(
  { facts, steps }: Ready,
  done: readonly StepResult[],
  context: ShipContext,
): Promise<ShipResult> {
  const { tools, github } = context;
  const { pull } = facts;
  const directory = baseDirectory(tools.repository.commonDir, pull.base.branch);
  const release = takeLock(
    directory,
    `pull request #${pull.number} into ${pull.base.branch}`,
    tools.processes,
    tools.now(),
  );
  try {
    clearJournals(directory, tools.now());
    const { unfinished, unreadable } = readJournals(directory);
    for (const { path, reason } of unreadable) tools.note(`A ship's journal is left alone, ${path}: ${reason}.`);
    await finishUnfinished(
      unfinished.filter((journal) => journal.content.pull !== pull.number),
      tools,
      github,
    );
    const earlier = unfinished.find((journal) => journal.content.pull === pull.number);
    const journal = openJournal(directory, facts, keepingTheBranch(steps, earlier), context);
    const executed = await execute(journal, facts, context);
    if (!pull.merged) await tools.shipped(shippedMerge(facts, executed, context));
    return {
      dryRun: false,
      pull,
      merge: { state: "merged", sha: executed.mergeCommit },
      mergedBefore: pull.merged,
      sync: executed.sync,
      claim: facts.claim.state,
      steps: [...done, ...journal.results],
      untracked: facts.place?.untracked ?? [],
    };
  } finally {
    release();
  }
}

function shippedMerge({ pull }: ShipFacts, { mergeCommit }: Executed, { local }: ShipContext): ShippedMerge {
  const { number, head, base } = pull;
  return { worktree: local.topLevel, pull: number, branch: head.branch, base: base.branch, sha: mergeCommit };
}

/** An interrupted ship of the same pull request that was told to keep the branch is finished as it was told. */
function keepingTheBranch(steps: readonly Step[], earlier: Journal | undefined): readonly Step[] {
  const deletes = (step: Step) =>
    step.kind === "delete_remote_branch" || step.kind === "delete_local_branch" || step.kind === "retarget";
  const kept = earlier !== undefined && !earlier.results.some(({ step }) => deletes(step));
  return kept ? steps.filter((step) => !deletes(step)) : steps;
}

function openJournal(directory: string, { pull }: ShipFacts, steps: readonly Step[], { tools }: ShipContext): Journal {
  return new Journal(directory, {
    version: 1,
    pull: pull.number,
    url: pull.url,
    base: pull.base.branch,
    head: { branch: pull.head.branch, sha: pull.head.sha },
    remote: tools.remote,
    startedAt: tools.now().toISOString(),
    finishedAt: null,
    mergeCommit: pull.mergeCommit,
    steps: steps.map((step) => ({ step, state: "planned", detail: "" })),
  }).open();
}

async function execute(journal: Journal, facts: ShipFacts, context: ShipContext) {
  const { tools, github } = context;
  try {
    const executed = await executeSteps({ tools, github, journal, recheck: () => recheck(facts, context) });
    // A step that failed is left for the next ship: the journal stays open for it.
    if (journal.results.every((entry) => entry.state !== "failed")) journal.finish(tools.now());
    return executed;
  } catch (thrown) {
    // Only a merge whose outcome is not known has to be taken up again.
    const unclear = thrown instanceof BulkheadError && thrown.code === "SHIP_MERGE_UNCLEAR";
    if (!unclear) journal.finish(tools.now());
    throw thrown;
  }
}

/** The last look before the merge: branch, claim, and the worktree that holds the branch, all still as planned. */
async function recheck(facts: ShipFacts, { tools, local, request }: ShipContext): Promise<void> {
  const { git, topLevel } = tools.repository;
  const now = await observeLocal(tools.repository, tools.claim);
  const refusal = stillAsPlanned(local, now, request.expectBranch) ?? (await refusePlaceNow());
  if (refusal !== null) throw refusalError(refusal);

  async function refusePlaceNow() {
    if (facts.place === null) return null;
    const place = await observePlace(git, topLevel, facts.pull.head.branch);
    const distance = place === null ? null : await measureDistance(git, place.sha, facts.pull.head.sha);
    return refusePlace({ ...facts, place, distance });
  }
}
