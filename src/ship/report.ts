import type { Freeze } from "../domain/freeze.ts";
import { typed } from "../domain/invocation.ts";
import { exitCodeOf, type ShipResult } from "./result.ts";
import type { BaseStatus } from "./status.ts";
import { short } from "./step.ts";
import { describeStep, labelOf } from "./steps.ts";
import type { UndoResult } from "./undo.ts";

/** A ship's result in words for people. Pure. */
export function reportShip(result: ShipResult): string {
  return (result.dryRun ? dryRunLines(result) : doneLines(result)).join("\n");
}

function dryRunLines({ pull, steps, mergedBefore }: ShipResult): string[] {
  const subject = pull === null ? "There is no pull request yet." : `Pull request #${pull.number}: ${pull.title}`;
  const title = mergedBefore ? `${subject} (merged already)` : subject;
  return [
    title,
    ...steps
      .filter(({ step }) => step.kind !== "ready" || !step.pushed)
      .map(({ step }, index) => `  ${index + 1}. ${describeStep(step, pull?.number ?? null)}`),
    "Nothing was changed (--dry-run).",
  ];
}

function doneLines(result: ShipResult): string[] {
  const { pull, merge, mergedBefore, steps, untracked } = result;
  if (pull === null) return [];
  if (merge.state === "queued" || merge.state === "armed") return inHandLines(result);
  if (merge.state === "not_merged") return [`Pull request #${pull.number} is open: ${pull.url}`];
  const merged = mergedBefore ? "was already merged" : "is merged";
  const lines = [
    `Pull request #${pull.number} ${merged} into ${pull.base.branch}${merge.sha === null ? "" : ` as ${short(merge.sha)}`}.`,
  ];
  for (const entry of steps) {
    if (!["merge", "ready"].includes(entry.step.kind) && entry.detail !== "")
      lines.push(`  ${labelOf(entry)}: ${entry.detail}`);
  }
  if (result.kept !== null && result.kept !== "--keep-branch") lines.push(`  branch: kept: ${result.kept}`);
  if (untracked.length > 0) lines.push(`  untracked, not part of it: ${untracked.join(", ")}`);
  if (exitCodeOf(result) === 4) lines.push(...wayOut(result));
  return lines;
}

/** GitHub merges it later: what remains is for the next ship. */
function inHandLines({ pull, steps }: ShipResult): string[] {
  const waiting = steps.find(({ state }) => state === "waiting");
  return [
    `Pull request #${pull?.number} is not merged yet: ${waiting?.detail ?? "GitHub has it in hand"}.`,
    `Follow it to its end, and clean up after it: ${typed(`ship ${pull?.number} --wait`)}`,
  ];
}

/** How to finish what is left: by hand where running it again would not help. */
function wayOut({ pull, steps }: ShipResult): string[] {
  const failed = steps.filter(({ state }) => state === "failed");
  const byHand = failed.flatMap((entry) => entry.byHand ?? []);
  const again = failed.some((entry) => entry.byHand === undefined) && pull !== null;
  return [
    "The merge happened; what is marked FAILED above did not.",
    ...byHand,
    ...(again ? [`To finish: ${typed(`ship ${pull.number}`)}`] : []),
  ];
}

/** What `--undo` came to, in words for people. Pure. */
export function reportUndo({ pull, revert, restored, failed, dryRun }: UndoResult): string {
  const opened =
    revert === null ? "a pull request would be opened" : `pull request #${revert.number} is open: ${revert.url}`;
  return [
    `To take back pull request #${pull}, ${opened}.`,
    ...restored.map((line) => `  ${line}`),
    ...failed.map((line) => `  FAILED ${line}`),
    ...(dryRun ? ["Nothing was changed (--dry-run)."] : []),
  ].join("\n");
}

/** Ships of a clone, in words for people. Pure. */
export function reportStatus(bases: readonly BaseStatus[]): string {
  const lines = bases.flatMap(({ base, lock, waiting, freeze, ships, unreadable }) => [
    `${base}:${ships.length === 0 ? " nothing was shipped" : ""}`,
    ...(freeze === null
      ? []
      : [
          `  frozen by ${freeze.by}${freeze.until ? ` until ${freeze.until}` : ""}${freeze.reason ? `: ${freeze.reason}` : ""}`,
        ]),
    ...(lock === null ? [] : [`  under way: ${lock.what}, by process ${lock.pid} on ${lock.host} since ${lock.at}`]),
    ...(waiting === 0 ? [] : [`  ${waiting} waiting`]),
    ...ships.flatMap((ship) => [
      `  ${ship.pull === null ? ship.branch : `#${ship.pull} ${ship.branch}`}: ${ship.state}, since ${ship.started_at}`,
      ...(ship.state === "finished" ? [] : ship.steps.map((step) => `    ${stepLine(step)}`)),
    ]),
    ...unreadable.map((path) => `  cannot be read: ${path}`),
  ]);
  return lines.length === 0 ? "Nothing was shipped from this clone." : lines.join("\n");
}

function stepLine({ what, state, detail }: BaseStatus["ships"][number]["steps"][number]): string {
  return `${state}: ${what}${detail === "" ? "" : ` (${detail})`}`;
}

/** What became of a stop, in words for people. Pure. */
export function reportFreeze({ base, freeze, team }: { base: string; freeze: Freeze | null; team: boolean }): string {
  const whose = team ? "No ship of any clone that shares this database" : "No ship of this clone";
  if (freeze === null) return `Ships into ${base} may go on.`;
  const end =
    freeze.until === null ? `until it is lifted: ${typed(`ship unfreeze ${base}`)}` : `until ${freeze.until}.`;
  return `${whose} merges into ${base} ${end}`;
}
