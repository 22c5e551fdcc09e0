import { recoverLost, type ScanInput, type ScanReport, scanLost } from "../app/recover.ts";
import { BulkheadError, type ExitCode } from "../domain/error.ts";
import { isAlarm, scanDocument } from "../recover/document.ts";
import { recoveryDocument, recoveryText } from "../recover/recovery-text.ts";
import type { Recovery } from "../recover/rescue.ts";
import { leftOutLine, scanText } from "../recover/text.ts";
import { defineCommand } from "./command.ts";

const DEFAULT_HOURS = 24;
/** A hundred years: more is a typing error. */
const MAX_HOURS = 876_000;

interface Options {
  readonly hours?: string;
  readonly all?: boolean;
  readonly deep?: boolean;
  readonly exitCode?: boolean;
  readonly protect?: boolean;
  readonly blobs?: boolean;
  readonly upstream?: boolean;
  readonly recover?: string[];
}

interface Shown {
  readonly exitCode: boolean;
  /** Whether what remotes let go of is listed one by one. */
  readonly upstream: boolean;
}
type Input = { readonly names: readonly string[] } | (ScanInput & Shown);
type Report = { readonly recoveries: readonly Recovery[] } | (ScanReport & { readonly upstream: boolean });

export const command = defineCommand({
  examples: [
    ["recover", "what got lost in the last 24 hours"],
    ["recover --recover 1a2b3c4", "put it on a branch of its own"],
  ],
  configure(command) {
    command
      .option("--hours <n>", `look at what was in use within the last <n> hours (default: ${DEFAULT_HOURS})`)
      .option("--all", "look at everything that is still there")
      .option("--deep", "look also at packed objects that no reflog names")
      .option("--upstream", "list also what a remote let go of and nobody here made")
      .option("--blobs", "list staged content that no commit has, with its likely paths")
      .option("--exit-code", "exit 1 when something is lost")
      .option("--protect", "keep what is lost from git gc, behind refs/bulkhead/rescue")
      .option("--recover <sha...>", "make a branch recovery/<short-sha>-<timestamp> for each commit");
  },
  input: (_, options: Options) => parseInput(options),
  run: async (clone, input): Promise<Report> =>
    "names" in input
      ? { recoveries: await recoverLost(clone, input.names) }
      : { ...(await scanLost(clone, input)), upstream: input.upstream },
  json: (report) => ("recoveries" in report ? recoveryDocument(report.recoveries) : documentOf(report)),
  notes: (report) => ("recoveries" in report ? [] : notesOf(report)),
  text: (report) =>
    "recoveries" in report ? recoveryText(report.recoveries) : scanText(report.scan, report.now, report),
  exitCode: exitCodeOf,
});

function parseInput(options: Options): Input {
  const { recover, deep = false, exitCode = false, protect = false, blobs = false, upstream = false } = options;
  if (recover === undefined) return { windowHours: parseWindow(options), deep, protect, blobs, exitCode, upstream };
  const scanning = (["hours", "all", "deep", "exitCode", "protect", "blobs", "upstream"] as const).some(
    (name) => options[name] !== undefined,
  );
  if (scanning) throw usage("--recover brings commits back: it takes no option of the scan.");
  return { names: recover };
}

function documentOf({ scan, rescue, upstream }: ScanReport & { upstream: boolean }): unknown {
  return {
    ...scanDocument(scan, upstream),
    ...(rescue === null ? {} : { rescue: { ref: rescue.ref, added: rescue.added } }),
  };
}

function notesOf({ scan, rescue }: ScanReport): string[] {
  const kept = rescue === null || rescue.tips === 0 ? [] : [rescue];
  return [
    ...kept.map(({ ref, tips, added }) => `Kept from git gc by ${ref}: ${tips} (${added.length} new).`),
    ...[leftOutLine(scan)].filter((line) => line !== ""),
  ];
}

function exitCodeOf(report: Report, input: Input): ExitCode {
  if ("recoveries" in report) return report.recoveries.some(({ kind }) => kind === "created") ? 0 : 1;
  const lost = report.scan.findings.some(isAlarm);
  return lost && "exitCode" in input && input.exitCode ? 1 : 0;
}

function parseWindow({ hours, all }: Options): number | null {
  if (all && hours !== undefined) throw usage("--hours and --all exclude each other.");
  if (all) return null;
  if (hours === undefined) return DEFAULT_HOURS;
  const number = Number(hours);
  if (!/^\d+(?:\.\d+)?$/.test(hours) || number <= 0 || number > MAX_HOURS) {
    throw usage(`--hours takes a number of hours above 0, not '${hours}'.`);
  }
  return number;
}

function usage(reason: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, command: "recover" });
}
