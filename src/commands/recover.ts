import type { Command } from "commander";
import { BulkheadError } from "../domain/error.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import { leftOutLine, recoveryDocument, recoveryText, scanDocument, scanText } from "../recover/report.ts";
import { protectCommits, recoverCommits } from "../recover/rescue.ts";
import { scan } from "../recover/scan.ts";
import type { CommandContext, CommandResult } from "./command.ts";

const DEFAULT_HOURS = 24;
/** A hundred years: more is a typing error. */
const MAX_HOURS = 876_000;

interface Options {
  readonly hours?: string;
  readonly all?: boolean;
  readonly deep?: boolean;
  readonly exitCode?: boolean;
  readonly protect?: boolean;
  readonly recover?: string[];
}

export function configure(command: Command): void {
  command
    .option("--hours <n>", `look at what was in use within the last <n> hours (default: ${DEFAULT_HOURS})`)
    .option("--all", "look at everything that is still there")
    .option("--deep", "look also at packed objects that no reflog names")
    .option("--exit-code", "exit 1 when something is lost")
    .option("--protect", "keep what is lost from git gc, behind refs/bulkhead/rescue")
    .option("--recover <sha...>", "make a branch recovery/<short-sha>-<timestamp> for each commit");
}

export async function run(
  context: CommandContext,
  _args: readonly unknown[],
  options: Options,
): Promise<CommandResult> {
  const { recover } = options;
  if (recover === undefined) return runScan(context, options);
  const scanning = (["hours", "all", "deep", "exitCode", "protect"] as const).some(
    (name) => options[name] !== undefined,
  );
  if (scanning) throw usage("--recover brings commits back: it takes no option of the scan.");
  const repository = await openRepository(context.directory, context.env);
  const recoveries = await recoverCommits(repository, recover, new Date());
  const created = recoveries.some(({ kind }) => kind === "created");
  return { json: recoveryDocument(recoveries), text: recoveryText(recoveries), exitCode: created ? 0 : 1 };
}

async function runScan(context: CommandContext, options: Options): Promise<CommandResult> {
  const windowHours = parseWindow(options);
  const repository = await openRepository(context.directory, context.env);
  const started = new Date();
  const now = Math.floor(started.getTime() / 1000);
  context.progress("Looking for orphaned commits …");
  const found = await scan(repository, { windowHours, deep: options.deep ?? false, now });
  const lost = found.findings.some(({ verdict }) => verdict === "lost");
  const rescue = options.protect ? { rescue: await protect(repository, context, found.stacks, started) } : {};
  const leftOut = leftOutLine(found);
  if (leftOut !== "") context.note(leftOut);
  return {
    json: { ...scanDocument(found), ...rescue },
    text: scanText(found, now),
    exitCode: options.exitCode && lost ? 1 : 0,
  };
}

async function protect(
  repository: Repository,
  context: CommandContext,
  stacks: readonly { tip: string }[],
  now: Date,
): Promise<{ ref: string; added: readonly string[] }> {
  const tips = stacks.map(({ tip }) => tip);
  const done = await protectCommits(repository, tips, now);
  if (tips.length > 0) context.note(`Kept from git gc by ${done.ref}: ${tips.length} (${done.added.length} new).`);
  return done;
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
