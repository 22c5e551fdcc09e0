import { setTimeout } from "node:timers/promises";
import { BulkheadError } from "../domain/error.ts";
import { isRecentEnough, readGitVersion } from "../git/version.ts";
import { applyInstall } from "../guard/install/apply.ts";
import { describeChanges } from "../guard/install/describe-changes.ts";
import { gitOf, type InstallOptions, observeInstall } from "../guard/install/observe.ts";
import { planInstall } from "../guard/install/plan.ts";
import { reclaimHooks } from "../guard/install/reclaim-hooks.ts";
import { clearUnfinishedInstall, observeRemoval, removeInstall } from "../guard/install/remove.ts";
import { verifyArmed } from "../guard/install/verify.ts";
import { isProtectPattern } from "../guard/protect.ts";
import type { Clone } from "./clone.ts";
import { isProcessAlive } from "./process-alive.ts";

export interface InitInput {
  readonly dryRun: boolean;
  /** Branches to protect from now on. */
  readonly protect: readonly string[];
  /** Whether package.json's prepare script arms the guard for colleagues. */
  readonly prepare: boolean;
  /** Whether package.json gets the npm scripts. */
  readonly scripts: boolean;
}

export interface InitDocument {
  readonly state: "unchanged" | "changed" | "would change";
  /** Hook managers whose hooks run behind the guard. */
  readonly managers: readonly string[];
  readonly files: readonly { readonly path: string; readonly action: "created" | "edited" | "removed" }[];
  /** How many worktrees are armed. */
  readonly worktrees: number;
  /** Worktrees that have got a session file. */
  readonly adopted: readonly string[];
  /** Worktrees that are detached, so that nobody knows what they are for. */
  readonly undecided: readonly string[];
  /** What a dry run would change, line by line. */
  readonly preview: readonly string[];
}

/** Another `init`, or a tool that writes the same files, may come between planning and doing: then it is planned anew. */
const ATTEMPTS = 5;
/** Milliseconds, growing with each attempt. */
const PAUSE = 40;

/** Sets the clone up. @throws BulkheadError `GIT_TOO_OLD`, `INVALID_BRANCH_NAME`, `FILE_FAILED`, `CONFIG_LOCKED` */
export async function init(clone: Clone, input: InitInput): Promise<InitDocument> {
  const version = await readGitVersion(clone.repository.git);
  if (!isRecentEnough(version)) throw new BulkheadError("GIT_TOO_OLD", { version: version.text });
  for (let attempt = 1; ; attempt++) {
    try {
      return await initOnce(clone, input);
    } catch (cause) {
      const passing = cause instanceof BulkheadError && ["FILE_CHANGED", "CONFIG_LOCKED"].includes(cause.code);
      if (!passing || attempt === ATTEMPTS) throw cause;
      await setTimeout(attempt * PAUSE);
    }
  }
}

async function initOnce(clone: Clone, input: InitInput): Promise<InitDocument> {
  const { git, commonDir } = clone.repository;
  const options = await settle(clone, input);
  if (!input.dryRun) reclaimHooks(commonDir);
  const facts = await observeInstall(clone.repository, options);
  const plan = planInstall(facts);
  const document = {
    managers: facts.managers,
    files: plan.changes.map(({ path, before, after }) => ({ path, action: actionOf(before, after) })),
    worktrees: facts.worktrees.length,
    adopted: plan.adopted,
    undecided: plan.undecided,
    preview: input.dryRun ? linesOf(describeChanges(plan.changes)) : [],
  };
  const unchanged = plan.changes.length === 0;
  if (input.dryRun) return { state: unchanged ? "unchanged" : "would change", ...document };
  applyInstall(commonDir, plan.changes, facts.now, isProcessAlive);
  for (const { topLevel, gitDir } of facts.worktrees) await verifyArmed(gitOf(git, topLevel, gitDir), commonDir);
  return { state: unchanged ? "unchanged" : "changed", ...document };
}

async function settle(clone: Clone, { protect, scripts, prepare }: InitInput): Promise<InstallOptions> {
  for (const pattern of protect) {
    if (!isProtectPattern(pattern)) throw new BulkheadError("INVALID_BRANCH_NAME", { name: pattern });
  }
  const settings = await clone.settings();
  return {
    protect: [...new Set([...settings.protect.value, ...protect])].filter(isProtectPattern),
    protectToStore: protect,
    requireSession: settings.requireSession.value,
    addScripts: scripts,
    addPrepare: prepare,
  };
}

function actionOf(before: Buffer | null, after: Buffer | null): "created" | "edited" | "removed" {
  return before === null ? "created" : after === null ? "removed" : "edited";
}

export interface RemovalDocument {
  readonly state: "unchanged" | "removed" | "would remove";
  readonly files: readonly string[];
  /** Files that a session still uses. */
  readonly kept: readonly string[];
  /** Ignore rules that stay while files that they hide are there. */
  readonly keptRules: readonly string[];
  readonly preview: readonly string[];
}

/** Takes back exactly what `init` added. @throws BulkheadError `FILE_FAILED`, `CONFIG_LOCKED` */
export async function removeInit(clone: Clone, { dryRun }: { readonly dryRun: boolean }): Promise<RemovalDocument> {
  const { commonDir } = clone.repository;
  if (!dryRun) reclaimHooks(commonDir);
  const plan = observeRemoval(commonDir);
  if (plan === null) {
    if (!dryRun) clearUnfinishedInstall(commonDir, isProcessAlive);
    return { state: "unchanged", files: [], kept: [], keptRules: [], preview: [] };
  }
  const { kept, keptRules } = plan;
  const files = plan.changes.map(({ path }) => path);
  if (dryRun) return { state: "would remove", files, kept, keptRules, preview: linesOf(describeChanges(plan.changes)) };
  removeInstall(commonDir, plan, isProcessAlive);
  return { state: "removed", files, kept, keptRules, preview: [] };
}

/** Multi-line texts are lists of lines in documents: each line is printed as one. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}
