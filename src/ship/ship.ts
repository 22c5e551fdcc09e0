import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { listTips } from "../git/branch-tips.ts";
import type { PullRequest } from "../github/pull-request.ts";
import type { BasePlace } from "./base-place.ts";
import { type Berth, takeBerth } from "./berth.ts";
import { stillAsPlanned, validateBranch } from "./branch-validation.ts";
import { doneOf, executeSteps } from "./execute.ts";
import type { LocalFacts, ShipFacts, ShipRequest } from "./facts.ts";
import { baseDirectory, clearJournals, Journal, type JournalContent, readJournals, repositoryKey } from "./journal.ts";
import { observeLocal, observeShip, observeTips } from "./observe.ts";
import { planShip, refuseFrozen, type Steps } from "./plan.ts";
import { refusalError } from "./refusal.ts";
import { refuseBusy, refuseDistance } from "./refuse-local.ts";
import { type Resolution, resolveShip } from "./resolve.ts";
import type { ShipResult } from "./result.ts";
import { finishUnfinished } from "./resume.ts";
import type { StepResult } from "./step.ts";
import { definitionOf } from "./steps.ts";
import type { ShipTools } from "./tools.ts";
import type { Voyage } from "./voyage.ts";
import { remoteFor } from "./wiring.ts";

/**
 * Ships a pull request: resolves what is meant, observes everything, plans once, and carries that plan out under the
 * base's lock and in a journal. What an earlier ship left unfinished is finished first; nothing is merged twice.
 * @throws BulkheadError a refusal (nothing was changed), or what failed before the merge (which says what was done)
 */
export async function ship(request: ShipRequest, tools: ShipTools): Promise<ShipResult> {
  const local = await observeLocal(tools.repository, tools.claim);
  const refusal = validateBranch(local, request);
  if (refusal !== null) throw refusalError(refusal);
  const resolution = await resolveShip(request, local, tools);
  const trip: Trip = { request, tools, local, resolution };
  if (request.dryRun) return dryRun(trip);
  const into = resolution.pull?.base.branch ?? resolution.expectedBase;
  const directory = baseDirectory(tools.repository.commonDir, into);
  const { pull } = resolution;
  const what = `${pull === null ? resolution.branch : `pull request #${pull.number}`} into ${into}`;
  const berth = await takeBerth({ ...tools, directory, what, waitMs: request.waitMs });
  try {
    return await sail(trip, directory, berth);
  } finally {
    berth.release();
  }
}

/** What the parts of one ship share. */
interface Trip {
  readonly request: ShipRequest;
  readonly tools: ShipTools;
  readonly local: LocalFacts;
  readonly resolution: Resolution;
}

/** The plan, with nothing done. */
async function dryRun({ request, tools, local, resolution }: Trip): Promise<ShipResult> {
  const facts = await observeShip(resolution, local, request, tools);
  const plan = planShip(facts, request);
  if (plan.kind === "refused") throw refusalError(plan);
  const steps = plan.steps.map((step): StepResult => ({ step, state: "planned", detail: "" }));
  return { ...resultOf(facts, plan, facts.details?.pull ?? null, steps), dryRun: true };
}

/** With the lock held: earlier ships are finished, then this one is observed, planned, noted and carried out. */
async function sail(trip: Trip, directory: string, berth: Berth): Promise<ShipResult> {
  const { request, tools, local, resolution } = trip;
  clearJournals(directory, tools.now());
  const { unfinished, unreadable } = readJournals(directory, tools.save);
  for (const { path, reason } of unreadable) tools.note(`A ship's journal is left alone, ${path}: ${reason}.`);
  const own = unfinished.find(({ content }) => content.pull !== null && content.pull === resolution.pull?.number);
  const others = unfinished.filter((journal) => journal !== own);
  const remoteOf = await remotesOf(tools, resolution.base);
  const start = (journal: Journal, pull: PullRequest | null, facts: ShipFacts | null): Voyage => {
    const voyage: Voyage = {
      tools,
      git: tools.repository.git,
      github: resolution.github,
      base: resolution.base,
      journal,
      waitMs: request.waitMs,
      remoteOf,
      recheck: () => (facts === null ? Promise.resolve() : recheck(facts, trip)),
      merged: () => tools.shipped(shippedMerge(voyage, local)),
      aside: (ms) => berth.aside(ms),
      pull,
      details: facts?.details ?? null,
      mergeCommit: pull?.mergeCommit ?? null,
      sync: null,
      released: null,
    };
    return voyage;
  };
  await finishUnfinished(others, (journal, pull) => start(journal, pull, null), { ...resolution, tools });

  const asked = asTold(request, own ?? null);
  const facts = await observeShip(resolution, local, asked, tools);
  const plan = planShip(facts, asked);
  if (plan.kind === "refused") throw refusalError(plan);
  const journal = openJournal(directory, trip, facts, plan, asked);
  const voyage = start(journal, facts.details?.pull ?? null, facts);
  await carryOut(voyage, facts);
  const { pull, sync, released } = voyage;
  const result = { ...resultOf(facts, plan, pull, journal.results), sync, ...mergeOf(voyage, facts) };
  return released === null ? result : { ...result, claim: "released" };
}

/** An interrupted ship of the same pull request is finished as it was told, unless it is told otherwise now. */
function asTold(request: ShipRequest, own: Journal | null): ShipRequest {
  const told = own?.content.options;
  if (told === undefined) return request;
  return {
    ...request,
    keepBranch: request.keepBranch || (told.keepBranch && !request.deleteBranch),
    deleteBranch: request.deleteBranch || (told.deleteBranch && !request.keepBranch),
    retire: request.retire || told.retire,
  };
}

/** A repository's remote by what leads there; the base's own where nothing else does. */
async function remotesOf(tools: ShipTools, base: BasePlace): Promise<Voyage["remoteOf"]> {
  const wiring = await tools.wiring();
  return (fullName) => {
    const [owner, name] = (fullName ?? "").split("/");
    if (owner === undefined || name === undefined) return base.remote;
    return remoteFor({ ...base.repository, owner, name }, wiring)?.name ?? base.remote;
  };
}

function openJournal(directory: string, trip: Trip, facts: ShipFacts, plan: Steps, request: ShipRequest): Journal {
  const { tools, resolution } = trip;
  const { details, head, tips, branch } = facts;
  const merge = plan.steps.find((step) => step.kind === "merge" || step.kind === "enqueue" || step.kind === "arm");
  const name = details?.pull.head.branch ?? head?.branch ?? branch;
  const sha = merge?.sha ?? details?.pull.head.sha ?? tips[0]?.sha;
  if (name === null || name === undefined || sha === undefined) {
    throw new BulkheadError("INTERNAL", { reason: "a plan without a head" });
  }
  const content: JournalContent = {
    version: 2,
    pull: details?.pull.number ?? null,
    url: details?.pull.url ?? null,
    repository: repositoryKey(resolution.base.repository),
    base: details?.pull.base.branch ?? facts.expectedBase,
    head: { branch: name, sha },
    remote: resolution.base.remote,
    options: { keepBranch: request.keepBranch, deleteBranch: request.deleteBranch, retire: request.retire },
    owner: { ...tools.processes.self, host: tools.processes.host },
    startedAt: tools.now().toISOString(),
    finishedAt: null,
    mergeCommit: details?.pull.mergeCommit ?? null,
    steps: plan.steps.map((step) => ({ step, state: "planned", detail: "" })),
    undone: null,
  };
  return new Journal(directory, content, tools.save).open();
}

async function carryOut(voyage: Voyage, facts: ShipFacts): Promise<void> {
  const { journal, tools } = voyage;
  try {
    await executeSteps(voyage);
    // A step that failed or waits is left for the next ship: the journal stays open for it.
    const open = journal.results.some(({ state }) => state === "failed" || state === "waiting");
    endJournal(voyage, open);
  } catch (thrown) {
    const error = asBulkheadError(thrown);
    endJournal(voyage, isLeftOpen(error, journal));
    throw withDone(error, doneOf(journal.results), facts);
  } finally {
    tools.progress("");
  }
}

/** What GitHub may have done, or will be waited for again, has to be taken up; everything else is over. */
function isLeftOpen({ code }: BulkheadError, { results }: Journal): boolean {
  const unclear = ["SHIP_MERGE_UNCLEAR", "SHIP_WAITED_LONG_ENOUGH", "INTERRUPTED"].includes(code);
  const asked = results.some(({ step, state }) => definitionOf(step)?.phase === "merge" && state === "started");
  return unclear || (asked && code.startsWith("GITHUB_"));
}

/**
 * A journal that cannot be closed is closed by the next ship, which reads from GitHub how it went.
 * @param open whether there is something left for that ship
 */
function endJournal({ journal, tools }: Voyage, open: boolean): void {
  try {
    if (open) journal.letGo();
    else journal.finish(tools.now());
  } catch (thrown) {
    tools.note(`The ship's journal could not be written: ${asBulkheadError(thrown).message}`);
  }
}

/** An error says what was done before it, and nothing else. */
function withDone(error: BulkheadError, done: readonly string[], facts: ShipFacts): BulkheadError {
  if (done.length === 0) return error;
  const code = error.code.startsWith("SHIP_") ? error.code : "SHIP_STOPPED";
  const what = code === error.code ? {} : { reason: error.message, wayOut: error.hint, code: error.code };
  const data = { pull: facts.details?.pull.number ?? null, ...error.data, ...what, done };
  return new BulkheadError(code, data, { cause: error });
}

/** The last look before the merge: branch, claim, and the worktrees that hold the branch, all still as planned. */
async function recheck(facts: ShipFacts, { tools, local, request, resolution }: Trip): Promise<void> {
  const { git } = tools.repository;
  const now = await observeLocal(tools.repository, tools.claim);
  const pull = facts.details?.pull ?? null;
  const freeze = await tools.freeze(pull?.base.branch ?? facts.expectedBase);
  const refusal =
    stillAsPlanned(local, now, request) ?? (freeze === null ? null : refuseFrozen(freeze)) ?? (await refuseTips());
  if (refusal !== null) throw refusalError(refusal);

  async function refuseTips() {
    const names = facts.tips.map((tip) => tip.branch);
    const current = await listTips(git, names);
    // What was pushed by this ship is the head by now.
    const head =
      facts.details !== null && !request.push && request.create === null ? facts.details.pull.head.sha : null;
    const planned = facts.tips[0]?.sha ?? null;
    const tips = await observeTips(git, tools.repository, current, head ?? planned);
    const busy = refuseBusy(tips);
    if (busy !== null || tips.length === 0) return busy;
    const subject = pull ?? resolution.pull;
    return subject === null ? null : refuseDistance(subject, tips, request);
  }
}

function shippedMerge({ pull, mergeCommit, journal }: Voyage, { topLevel }: LocalFacts) {
  return {
    worktree: topLevel,
    pull: pull?.number ?? 0,
    branch: journal.content.head.branch,
    base: journal.content.base,
    sha: mergeCommit,
  };
}

function mergeOf({ mergeCommit, journal }: Voyage, { details }: ShipFacts): Pick<ShipResult, "merge" | "mergedBefore"> {
  const before = details?.pull.merged ?? false;
  if (mergeCommit !== null || before) return { merge: { state: "merged", sha: mergeCommit }, mergedBefore: before };
  const waiting = journal.results.find(({ state }) => state === "waiting")?.step.kind;
  const state = waiting === "arm" ? "armed" : waiting === undefined ? "not_merged" : "queued";
  return { merge: { state, sha: null }, mergedBefore: false };
}

function resultOf(facts: ShipFacts, plan: Steps, pull: PullRequest | null, steps: readonly StepResult[]): ShipResult {
  const merged = facts.details?.pull.merged ?? false;
  return {
    dryRun: false,
    pull,
    merge: { state: merged ? "merged" : "not_merged", sha: facts.details?.pull.mergeCommit ?? null },
    mergedBefore: merged,
    sync: null,
    claim: facts.local.claim.state,
    steps,
    kept: plan.kept,
    stack: facts.stack.map((entry) => entry.number),
    untracked: facts.tips.flatMap(({ place }) => place?.untracked ?? []),
  };
}
