import type { Command } from "commander";
import { describeSource, resolveSettings, type Settings } from "../config/settings.ts";
import { readConfig } from "../git/config-values.ts";
import { openRepository } from "../git/repository.ts";
import { type Check, checkInstallation } from "../guard/doctor/checks.ts";
import { clearAbandoned, isTrialBranch, openFiringRange } from "../guard/doctor/range.ts";
import { fireRounds, type RoundResult } from "../guard/doctor/rounds.ts";
import { observeInstall } from "../guard/install/observe.ts";
import { isProtectPattern } from "../guard/protect.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { checkServices } from "./doctor-services.ts";
import { isProcessAlive } from "./process-alive.ts";

export function configure(_command: Command): void {}

/** Proves that this clone is protected: tries every operation live and looks at everything else. */
export async function run(context: CommandContext): Promise<CommandResult> {
  const repository = await openRepository(context.directory, context.env);
  const { git } = repository;
  await clearAbandoned(git, isProcessAlive);
  const settings = resolveSettings({ env: context.env, gitConfig: await readConfig(git) });
  const observed = await observeInstall(repository, {
    protect: settings.protect.value.filter(isProtectPattern),
    protectToStore: [],
    requireSession: settings.requireSession.value,
    addScripts: false,
    addPrepare: false,
  });
  // Another doctor may be at work in its own throwaway worktree.
  const facts = { ...observed, worktrees: observed.worktrees.filter(({ branch }) => !isTrialBranch(branch)) };
  context.progress("Looking at the installation …");
  const installation = await checkInstallation(facts, git, Date.now());
  const services = await checkServices(repository, settings.remote.value, context.env);
  const checks = [...installation, ...services];
  context.progress("Firing live rounds in a throwaway worktree …");
  const range = await openFiringRange(git, facts.mainTop, context.env.PATH ?? "");
  const rounds = await fireRounds(range, git).finally(() => range.close());
  const safe = rounds.every((round) => round.protected) && checks.every(({ state }) => state !== "failed");
  return {
    json: { protected: safe, coverage: rounds, checks, settings: describeSettings(settings) },
    text: describe(rounds, checks, safe),
    exitCode: safe ? 0 : 1,
  };
}

function describeSettings(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, { value, source }]) => [name, { value, source: describeSource(source) }]),
  );
}

function describe(rounds: readonly RoundResult[], checks: readonly Check[], safe: boolean): string {
  const table = [
    ["operation", "", "blocked by", "residue"],
    ...rounds.map((round) => [
      round.operation,
      round.protected ? "ok" : "NOT PROTECTED",
      round.hook ?? "-",
      round.residue,
    ]),
  ];
  const marks = { ok: "ok      ", warning: "warning ", failed: "FAILED  " } as const;
  return [
    ...columns(table),
    "",
    ...checks.map(({ name, state, detail }) => `${marks[state]}${name}: ${detail}`),
    "",
    safe ? "Everything is protected." : "Not everything is protected: see the lines marked NOT PROTECTED and FAILED.",
  ].join("\n");
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
