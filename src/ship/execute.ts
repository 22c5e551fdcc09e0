import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import type { CommitSha } from "../domain/names.ts";
import type { GitHub } from "../github/github.ts";
import { deleteLocalBranch, deleteRemoteBranch, type Outcome } from "./clean-up.ts";
import type { Journal } from "./journal.ts";
import { mergePinned } from "./merge.ts";
import { proveMerge } from "./prove.ts";
import type { Step } from "./step.ts";
import { type SyncResult, syncBase } from "./sync-base.ts";
import type { ShipTools } from "./tools.ts";

/** What a ship's steps are carried out with. */
export interface ExecuteContext {
  readonly tools: ShipTools;
  readonly github: GitHub;
  readonly journal: Journal;
  /** Looks again, right before the merge, whether all is still as planned; throws the refusal if it is not. */
  readonly recheck: () => Promise<void>;
}

export interface Executed {
  readonly mergeCommit: CommitSha | null;
  readonly sync: SyncResult | null;
}

/**
 * Carries out the steps of a journal that are not done yet, in order. Up to the merge a fault is thrown, and nothing was
 * done; after it each step's fault is noted and the steps that do not depend on it go on.
 * @throws BulkheadError of the recheck or the merge
 */
export async function executeSteps(context: ExecuteContext): Promise<Executed> {
  let sync: SyncResult | null = null;
  const failed = new Set<Step["kind"]>();
  for (const { step, state, heldUp } of context.journal.results) {
    if (state === "done" || (state === "skipped" && !heldUp)) continue;
    const obstacle = obstacleFor(step, failed);
    if (obstacle !== null) {
      note(context, () => context.journal.holdUp(step, obstacle));
      continue;
    }
    context.tools.progress(progressLine(step));
    if (step.kind === "merge") {
      await executeMerge(context, step);
      continue;
    }
    note(context, () => context.journal.note(step, "started"));
    const outcome = await attempt(async () => {
      if (step.kind !== "sync") return executeAfterMerge(context, step);
      sync = await syncBase({ ...placeOf(context.tools), base: step.base });
      return syncOutcome(sync);
    });
    if (outcome.state === "failed") failed.add(step.kind);
    note(context, () => context.journal.note(step, outcome.state, outcome.detail));
  }
  return { mergeCommit: context.journal.content.mergeCommit, sync };
}

/** A merge that is not proven is not built upon; a branch that pull requests still stand on is not deleted. */
function obstacleFor(step: Step, failed: ReadonlySet<Step["kind"]>): string | null {
  if (failed.has("prove")) return "not done: the merge is not proven";
  if (step.kind === "delete_remote_branch" && failed.has("retarget")) return "kept: pull requests still merge into it";
  return null;
}

async function executeMerge(context: ExecuteContext, step: Extract<Step, { kind: "merge" }>): Promise<void> {
  const { journal, tools, github } = context;
  await context.recheck();
  journal.note(step, "started");
  const mergeCommit = await mergePinned(github, step, tools.sleep);
  note(context, () => {
    journal.noteMerge(mergeCommit);
    journal.note(step, "done", `merged as ${mergeCommit.slice(0, 10)}`);
  });
}

async function executeAfterMerge({ tools, github, journal }: ExecuteContext, step: Step): Promise<Outcome> {
  const { git } = tools.repository;
  switch (step.kind) {
    case "prove": {
      const { mergeCommit } = journal.content;
      if (mergeCommit === null) return { state: "failed", detail: "GitHub names no commit for the merge" };
      return proveMerge(git, { remote: tools.remote, base: step.base, mergeCommit }, tools.sleep);
    }
    case "retarget":
      await github.changeBase(step.pull, step.base);
      return { state: "done", detail: `#${step.pull} now merges into ${step.base}` };
    case "delete_remote_branch":
      return deleteRemoteBranch(git, tools.remote, step);
    case "delete_local_branch":
      return deleteLocalBranch(git, step);
    default:
      throw new BulkheadError("INTERNAL", { reason: `the step ${step.kind} does not belong here` });
  }
}

function placeOf({ repository, remote, env }: ShipTools) {
  return { git: repository.git, topLevel: repository.topLevel, remote, env };
}

/** A base that someone holds is left alone, which is no failure; one with commits of its own needs its owner. */
function syncOutcome(sync: SyncResult): Outcome {
  if (sync.failed || sync.state === "diverged") return { state: "failed", detail: sync.reason };
  if (sync.state === "updated") return { state: "done", detail: `${sync.base} is at ${sync.to?.slice(0, 10)}` };
  if (sync.state === "current") return { state: "done", detail: sync.reason || `${sync.base} was up to date` };
  return { state: "skipped", detail: sync.reason };
}

async function attempt(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (thrown) {
    return { state: "failed", detail: asBulkheadError(thrown).message };
  }
}

/** After the merge a journal that cannot be written (a full disk) must not stop what is left to do. */
function note({ tools }: ExecuteContext, write: () => void): void {
  try {
    write();
  } catch (thrown) {
    tools.note(`The ship's journal could not be written: ${asBulkheadError(thrown).message}`);
  }
}

function progressLine(step: Step): string {
  const lines: Record<Step["kind"], string> = {
    push: "Pushing…",
    create: "Opening the pull request…",
    merge: "Merging…",
    prove: "Fetching the base…",
    sync: "Bringing the local base up to date…",
    retarget: "Moving the pull requests that stand on this branch…",
    delete_remote_branch: "Deleting the remote branch…",
    delete_local_branch: "Deleting the local branch…",
  };
  return lines[step.kind];
}
