import { typed } from "../domain/invocation.ts";
import { exitCodeOf, type ShipResult } from "./result.ts";
import { describeStep, type Step, type StepResult, short } from "./step.ts";

/** A ship's result in words for people. Pure. */
export function reportShip(result: ShipResult): string {
  return (result.dryRun ? dryRunLines(result) : doneLines(result)).join("\n");
}

function dryRunLines({ pull, steps, mergedBefore }: ShipResult): string[] {
  const subject = pull === null ? "There is no pull request yet." : `Pull request #${pull.number}: ${pull.title}`;
  const title = mergedBefore ? `${subject} (merged already)` : subject;
  return [
    title,
    ...steps.map(({ step }, index) => `  ${index + 1}. ${describeStep(step)}`),
    "Nothing was changed (--dry-run).",
  ];
}

function doneLines(result: ShipResult): string[] {
  const { pull, merge, mergedBefore, steps, untracked } = result;
  if (pull === null) return [];
  if (merge.state === "not_merged") return [`Pull request #${pull.number} is open: ${pull.url}`];
  const merged = mergedBefore ? "was already merged" : "is merged";
  const lines = [
    `Pull request #${pull.number} ${merged} into ${pull.base.branch}${merge.sha === null ? "" : ` as ${short(merge.sha)}`}.`,
  ];
  for (const entry of steps) {
    if (entry.step.kind !== "merge" && entry.detail !== "") lines.push(`  ${label(entry)}: ${entry.detail}`);
  }
  if (untracked.length > 0) lines.push(`  untracked, not part of it: ${untracked.join(", ")}`);
  if (exitCodeOf(result) === 4) lines.push(...wayOut(result));
  return lines;
}

function label({ step, state }: StepResult): string {
  const names: Record<Step["kind"], string> = {
    push: "push",
    create: "pull request",
    merge: "merge",
    prove: "proof",
    sync: "base",
    retarget: "stacked pull request",
    delete_remote_branch: "remote branch",
    delete_local_branch: "local branch",
  };
  return state === "failed" ? `${names[step.kind]} FAILED` : names[step.kind];
}

/** How to finish what is left. */
function wayOut({ pull, sync, steps }: ShipResult): string[] {
  const lines = ["The merge happened; what is marked FAILED above did not."];
  if (sync?.state === "diverged") {
    lines.push(`Reconcile your ${sync.base} with the remote's yourself: nothing of it was overwritten.`);
  }
  const others = steps.some(
    ({ step, state }) => state === "failed" && !(step.kind === "sync" && sync?.state === "diverged"),
  );
  if (others && pull !== null) lines.push(`To finish: ${typed(`ship ${pull.number}`)}`);
  return lines;
}
