import { asBulkheadError } from "../domain/error.ts";
import type { Outcome, Step, StepKind, StepResult } from "./step.ts";
import { definitionOf } from "./steps.ts";
import type { Voyage } from "./voyage.ts";

/**
 * Carries out the steps of a journal that are not done yet, in order. Up to the merge a fault is thrown; after it each
 * step's fault is noted and the steps that do not build on it go on. What GitHub has in hand ends it for now.
 * @throws BulkheadError what stopped it before or at the merge
 */
export async function executeSteps(voyage: Voyage): Promise<void> {
  const failed = new Set<StepKind>();
  for (const entry of voyage.journal.results) {
    if (entry.state === "done" || (entry.state === "skipped" && !entry.heldUp)) continue;
    const outcome = await executeStep(entry.step, failed, voyage);
    if (outcome?.state === "failed") failed.add(entry.step.kind);
    if (outcome?.state === "waiting") return;
    // Told at once: what comes after may be cut short, or remove the worktree whose session it is about.
    if (outcome?.state === "done" && definitionOf(entry.step)?.phase === "merge") await voyage.merged();
  }
}

/** @returns null where it had to be held up */
async function executeStep(step: Step, failed: ReadonlySet<StepKind>, voyage: Voyage): Promise<Outcome | null> {
  const { journal, tools } = voyage;
  const definition = definitionOf(step);
  if (definition === null) {
    // A newer Bulkhead planned it; what it does cannot be guessed.
    const outcome: Outcome = { state: "failed", detail: "this Bulkhead does not know how: update it" };
    note(voyage, () => journal.note(step, "failed", outcome));
    return outcome;
  }
  const obstacle = Object.entries(definition.needs).find(([kind]) => failed.has(kind as StepKind))?.[1];
  if (obstacle !== undefined) {
    note(voyage, () => journal.holdUp(step, obstacle));
    return null;
  }
  tools.progress(definition.progress);
  if (definition.phase !== "after") {
    // Nothing is begun that the journal does not know of.
    journal.note(step, "started");
    const outcome = await definition.execute(step, voyage);
    note(voyage, () => journal.note(step, outcome.state, outcome));
    return outcome;
  }
  note(voyage, () => journal.note(step, "started"));
  const outcome = await attempt(() => definition.execute(step, voyage));
  note(voyage, () => journal.note(step, outcome.state, outcome));
  return outcome;
}

async function attempt(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (thrown) {
    const { message, code, hint } = asBulkheadError(thrown);
    // What this token may never do, no later ship does either.
    const forbidden = code === "GITHUB_FORBIDDEN" || code === "GITHUB_BAD_TOKEN";
    return { state: "failed", detail: message, ...(forbidden ? { byHand: hint } : {}) };
  }
}

/** Once something was done, a journal that cannot be written (a full disk) must not stop what is left to do. */
function note({ tools }: Voyage, write: () => void): void {
  try {
    write();
  } catch (thrown) {
    tools.note(`The ship's journal could not be written: ${asBulkheadError(thrown).message}`);
  }
}

/** What a stopped ship has done already, in words. */
export function doneOf(results: readonly StepResult[]): string[] {
  return results.filter(({ step, state }) => state === "done" && step.kind !== "ready").map(({ detail }) => detail);
}
