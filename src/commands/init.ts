import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { resolveSettings } from "../config/settings.ts";
import { BulkheadError } from "../domain/error.ts";
import { readConfig } from "../git/config-values.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import { isRecentEnough, readGitVersion } from "../git/version.ts";
import { applyInstall } from "../guard/install/apply.ts";
import { describeChanges } from "../guard/install/describe-changes.ts";
import { gitOf, type InstallOptions, observeInstall } from "../guard/install/observe.ts";
import { type InstallPlan, planInstall } from "../guard/install/plan.ts";
import { reclaimHooks } from "../guard/install/reclaim-hooks.ts";
import { observeRemoval, removeInstall } from "../guard/install/remove.ts";
import { verifyArmed } from "../guard/install/verify.ts";
import { isProtectPattern } from "../guard/protect.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { isProcessAlive } from "./process-alive.ts";

interface Options {
  remove?: boolean;
  dryRun?: boolean;
  protect?: string[];
  prepare?: boolean;
  scripts?: boolean;
}

export function configure(command: Command): void {
  command
    .option("--dry-run", "show what would be changed, change nothing")
    .option("--protect <branch...>", "branches that take no new commits in this clone (globs with *)")
    .option("--prepare", "also arm the guard in package.json's prepare script, for colleagues")
    .option("--no-scripts", "leave package.json alone")
    .option("--remove", "take back exactly what init added");
}

/** Sets the clone up, or takes the set-up back. */
export async function run(
  context: CommandContext,
  _args: readonly unknown[],
  options: Options,
): Promise<CommandResult> {
  const repository = await openRepository(context.directory, context.env);
  return options.remove ? remove(repository, options) : install(repository, context, options);
}

/** Another `init`, or a tool that writes the same files, may come between planning and doing: then it is planned anew. */
const ATTEMPTS = 5;
/** Milliseconds, growing with each attempt. */
const PAUSE = 40;

async function install(repository: Repository, context: CommandContext, options: Options): Promise<CommandResult> {
  const version = await readGitVersion(repository.git);
  if (!isRecentEnough(version)) throw new BulkheadError("GIT_TOO_OLD", { version: version.text });
  for (let attempt = 1; ; attempt++) {
    try {
      return await installOnce(repository, context, options);
    } catch (cause) {
      const passing = cause instanceof BulkheadError && ["FILE_CHANGED", "CONFIG_LOCKED"].includes(cause.code);
      if (!passing || attempt === ATTEMPTS) throw cause;
      await setTimeout(attempt * PAUSE);
    }
  }
}

async function installOnce(repository: Repository, context: CommandContext, options: Options): Promise<CommandResult> {
  const { git, commonDir } = repository;
  const installOptions = await settle(repository, context, options);
  if (!options.dryRun) reclaimHooks(commonDir);
  const facts = await observeInstall(repository, installOptions);
  const plan = planInstall(facts);
  if (options.dryRun) {
    return report(plan, facts.managers, "would change", describeChanges(plan.changes) || "Nothing would change.");
  }
  applyInstall(commonDir, plan.changes, facts.now, isProcessAlive);
  for (const { topLevel, gitDir } of facts.worktrees) await verifyArmed(gitOf(git, topLevel, gitDir), commonDir);
  return report(plan, facts.managers, "changed", describeInstall(plan, facts.managers, facts.worktrees.length));
}

/** With --quiet, as a prepare script calls it, tracked files are never edited: npm install must leave the tree clean. */
async function settle(repository: Repository, context: CommandContext, options: Options): Promise<InstallOptions> {
  for (const pattern of options.protect ?? []) {
    if (!isProtectPattern(pattern)) throw new BulkheadError("INVALID_BRANCH_NAME", { name: pattern });
  }
  const settings = resolveSettings({ env: context.env, gitConfig: await readConfig(repository.git) });
  return {
    protect: [...new Set([...settings.protect.value, ...(options.protect ?? [])])].filter(isProtectPattern),
    protectToStore: options.protect ?? [],
    requireSession: settings.requireSession.value,
    addScripts: options.scripts !== false && !context.quiet,
    addPrepare: options.prepare ?? false,
  };
}

function report(plan: InstallPlan, managers: readonly string[], verb: string, text: string): CommandResult {
  const files = plan.changes.map(({ path, before, after }) => ({
    path,
    action: before === null ? "created" : after === null ? "removed" : "edited",
  }));
  return {
    json: {
      state: plan.changes.length === 0 ? "unchanged" : verb,
      managers,
      files,
      adopted: plan.adopted,
      undecided: plan.undecided,
    },
    text,
  };
}

function describeInstall(plan: InstallPlan, managers: readonly string[], worktrees: number): string {
  if (plan.changes.length === 0) return "Bulkhead is set up here already; nothing was changed.";
  const lines = [
    `Armed in ${worktrees === 1 ? "this worktree" : `all ${worktrees} worktrees`} of this clone, and in those made later.`,
  ];
  if (managers.length > 0) lines.push(`Your hooks still run, behind the guard: ${managers.join(", ")}.`);
  for (const path of plan.adopted) lines.push(`Adopted ${path}: it expects the branch it is on.`);
  for (const path of plan.undecided) {
    lines.push(`${path} is detached: say what it is for with: npx bulkhead -C '${path}' expect <branch>`);
  }
  if (plan.changes.some(({ path }) => path.endsWith("package.json"))) {
    lines.push("package.json was changed: commit it, so that colleagues and new worktrees have it too.");
  }
  lines.push("Prove it with: npx bulkhead doctor");
  return lines.join("\n");
}

async function remove(repository: Repository, options: Options): Promise<CommandResult> {
  if (!options.dryRun) reclaimHooks(repository.commonDir);
  const plan = observeRemoval(repository.commonDir);
  if (plan === null) return { json: { state: "unchanged", files: [], kept: [] }, text: "Bulkhead is not set up here." };
  const json = {
    state: options.dryRun ? "would remove" : "removed",
    files: plan.changes.map(({ path }) => path),
    kept: plan.kept,
  };
  if (options.dryRun) return { json, text: describeChanges(plan.changes) };
  removeInstall(repository.commonDir, plan, isProcessAlive);
  const kept = plan.kept.map((path) => `Kept ${path}: a session uses it.`);
  return { json, text: ["Removed. Hooks run as they did before.", ...kept].join("\n") };
}
