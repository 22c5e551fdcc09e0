import type { DoctorDocument } from "../app/doctor.ts";
import { typed } from "../domain/invocation.ts";
import { formatTable } from "./table.ts";

type Check = DoctorDocument["checks"][number];
const MARKS = { ok: "ok      ", warning: "warning ", failed: "FAILED  " } as const;
/** A screen of 24 lines and 80 columns is enough for the short form. */
const WIDTH = 80;
const MOST_FAULTS = 5;

/** Everything: a line for each operation and for each thing looked at. */
export function doctorDetails(document: DoctorDocument): string {
  const rounds = document.coverage.map((round) => [
    round.operation,
    round.protected ? "ok" : "NOT PROTECTED",
    round.hook ?? "-",
    round.residue,
  ]);
  return [
    formatTable([["operation", "", "blocked by", "residue"], ...rounds]),
    "",
    ...document.checks.map(({ name, state, detail }) => `${MARKS[state]}${name}: ${detail}`),
    "",
    conclusion(document),
  ].join("\n");
}

/** What fits a screen: what is wrong first, with what to type; then a line for each group. */
export function doctorSummary(document: DoctorDocument): string {
  const { checks, coverage } = document;
  const open = coverage.filter((round) => !round.protected).map(({ operation }) => operation);
  const faults = checks.filter(({ state }) => state === "failed");
  const shown = faults.slice(0, MOST_FAULTS).flatMap((check) => wrap(`${MARKS.failed}${check.name}: ${check.detail}`));
  const more = faults.length > MOST_FAULTS ? [`${MARKS.failed}and ${faults.length - MOST_FAULTS} more`] : [];
  const operations =
    open.length === 0
      ? [`${MARKS.ok}operations: all ${coverage.length} tried live came out as they must`]
      : wrap(`${MARKS.failed}operations: NOT PROTECTED from ${open.join(", ")}`);
  const problems = [...(open.length === 0 ? [] : operations), ...shown, ...more];
  return [
    ...problems,
    ...(problems.length === 0 ? operations : [""]),
    ...groups(checks),
    "",
    ...wrap(conclusion(document)),
    `Each operation and each worktree: ${typed("doctor --verbose")}`,
  ].join("\n");
}

/** A line for each name: its only detail, or how many there are. Warnings are told each for itself. */
function groups(checks: readonly Check[]): string[] {
  const warnings = checks.filter(({ state }) => state === "warning");
  const lines = warnings.slice(0, MOST_FAULTS).map(({ name, detail }) => cut(`${MARKS.warning}${name}: ${detail}`));
  if (warnings.length > MOST_FAULTS) lines.push(`${MARKS.warning}and ${warnings.length - MOST_FAULTS} more`);
  const fine = checks.filter(({ state }) => state === "ok");
  for (const name of new Set(fine.map((check) => check.name))) {
    const details = fine.filter((check) => check.name === name).map(({ detail }) => detail);
    lines.push(cut(`${MARKS.ok}${name}: ${details.length === 1 ? details[0] : `${details.length} worktrees`}`));
  }
  return lines;
}

function conclusion({ protected: safe, main_checkout: main }: DoctorDocument): string {
  if (!safe) return "Not everything is protected: see the lines marked NOT PROTECTED and FAILED.";
  if (main !== "unguarded") return "Everything is protected.";
  const until = `${typed("start <item>")} there (or bulkhead.requireSession)`;
  return `Worktrees with a session are protected. Main checkout: guarded for nobody until ${until}.`;
}

function cut(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`;
}

/** Breaks a line at blanks; what follows is set in. A long path is left whole, so that it can be copied. */
function wrap(line: string): string[] {
  const lines = [""];
  for (const word of line.split(/(?<=\S) /)) {
    const last = lines.at(-1) ?? "";
    const joined = last === "" ? word : `${last} ${word}`;
    if (joined.length <= WIDTH || last.trim() === "") lines[lines.length - 1] = joined;
    else lines.push(`        ${word}`);
  }
  return lines;
}
