import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describeUnknownSettings } from "../config/settings.ts";
import { inCi } from "../domain/ci.ts";
import { BulkheadError } from "../domain/error.ts";
import { readText } from "../files/read-file.ts";
import { isRecentEnough, readGitVersion } from "../git/version.ts";
import { applyInstall } from "../guard/hooks/apply.ts";
import type { FileChange } from "../guard/hooks/file-change.ts";
import { reclaimHooks } from "../guard/hooks/reclaim-hooks.ts";
import { describeChanges } from "../guard/install/describe-changes.ts";
import { gitOf, type InstallOptions, observeInstall } from "../guard/install/observe.ts";
import { missingScripts, SCRIPTS } from "../guard/install/package-scripts.ts";
import { planInstall } from "../guard/install/plan.ts";
import { clearUnfinishedInstall, observeRemoval, removeInstall } from "../guard/install/remove.ts";
import { verifyArmed } from "../guard/install/verify.ts";
import { isProtectPattern } from "../guard/protect.ts";
import type { Clone } from "./clone.ts";
import { armedInvocation } from "./invocation.ts";
import { isProcessAlive } from "./process-alive.ts";

export interface InitInput {
  readonly dryRun: boolean;
  /** Branches to protect from now on. */
  readonly protect: readonly string[];
  /** Whether package.json's prepare script arms the guard for colleagues. */
  readonly prepare: boolean;
  /** Whether package.json gets the npm scripts: asked where it has none of them yet and somebody is there. */
  readonly scripts: boolean | "ask";
  /** Called by a `prepare` script: in CI, where nobody works in the checkout, it leaves all as it is. */
  readonly unattended: boolean;
  /** Puts a question to the person. @returns whether the answer was yes */
  readonly ask: (question: readonly string[]) => Promise<boolean>;
}

export interface InitDocument {
  /** `left alone`: called by a `prepare` script in CI. */
  readonly state: "unchanged" | "changed" | "would change" | "left alone";
  /** Hook managers whose hooks run behind the guard. */
  readonly managers: readonly string[];
  readonly files: readonly { readonly path: string; readonly action: "created" | "edited" | "removed" }[];
  /** How many worktrees are armed. */
  readonly worktrees: number;
  /** Worktrees that have got a session file. */
  readonly adopted: readonly string[];
  /** Worktrees that are detached, so that nobody knows what they are for. */
  readonly undecided: readonly string[];
  /** npm scripts that package.json got: the name, and the command that it runs. */
  readonly scripts: readonly { readonly name: string; readonly runs: string }[];
  /** Whether `--prepare` or `--scripts` had no package.json to write to. */
  readonly no_package_json: boolean;
  /** What a dry run would change, line by line. */
  readonly preview: readonly string[];
}

const LEFT_ALONE: InitDocument = {
  ...{ state: "left alone", managers: [], files: [], worktrees: 0, adopted: [], undecided: [], scripts: [] },
  ...{ no_package_json: false, preview: [] },
};

/** Another `init`, or a tool that writes the same files, may come between planning and doing: then it is planned anew. */
const ATTEMPTS = 5;
/** Milliseconds, growing with each attempt. */
const PAUSE = 40;

/** Sets the clone up. @throws BulkheadError `GIT_TOO_OLD`, `INVALID_BRANCH_NAME`, `FILE_FAILED`, `CONFIG_LOCKED` */
export async function init(clone: Clone, input: InitInput): Promise<InitDocument> {
  if (input.unattended && inCi(clone.env)) return LEFT_ALONE;
  const version = await readGitVersion(clone.repository.git);
  if (!isRecentEnough(version)) throw new BulkheadError("GIT_TOO_OLD", { version: version.text });
  for (const sentence of describeUnknownSettings(await clone.config())) clone.note(`bulkhead: ${sentence}`);
  const scripts = await wantsScripts(clone, input);
  for (let attempt = 1; ; attempt++) {
    try {
      return await initOnce(clone, { ...input, scripts });
    } catch (cause) {
      const passing = cause instanceof BulkheadError && ["FILE_CHANGED", "CONFIG_LOCKED"].includes(cause.code);
      if (!passing || attempt === ATTEMPTS) throw cause;
      await setTimeout(attempt * PAUSE);
    }
  }
}

/** The scripts are a convenience in a file that others read, so nobody gets them unasked. */
async function wantsScripts(clone: Clone, { scripts, ask, dryRun }: InitInput): Promise<boolean> {
  if (scripts !== "ask") return scripts;
  const content = readText(packageJsonOf(clone));
  if (dryRun || content === null || missingScripts(content).length === 0) return false;
  return ask([
    "Add npm scripts to package.json? They are for who knows Bulkhead by its handbook's names:",
    ...Object.entries(SCRIPTS).map(([name, runs]) => `  npm run ${name}  runs  ${runs}`),
  ]);
}

function packageJsonOf({ repository: { topLevel, commonDir } }: Clone): string {
  return join(topLevel ?? commonDir, "package.json");
}

type Settled = InitInput & { readonly scripts: boolean };

async function initOnce(clone: Clone, input: Settled): Promise<InitDocument> {
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
    scripts: addedScripts(plan.changes, packageJsonOf(clone)),
    no_package_json: (input.scripts || input.prepare) && !existsSync(packageJsonOf(clone)),
    preview: input.dryRun ? linesOf(describeChanges(plan.changes)) : [],
  };
  const unchanged = plan.changes.length === 0;
  if (input.dryRun) return { state: unchanged ? "unchanged" : "would change", ...document };
  applyInstall(commonDir, plan.changes, facts.now, isProcessAlive);
  for (const { topLevel, gitDir } of facts.worktrees) await verifyArmed(gitOf(git, topLevel, gitDir), commonDir);
  // What is said from here on names the form that has just become possible.
  armedInvocation(commonDir);
  return { state: unchanged ? "unchanged" : "changed", ...document };
}

function addedScripts(changes: readonly FileChange[], packageJson: string): InitDocument["scripts"] {
  const change = changes.find(({ path }) => path === packageJson);
  const before = change?.before?.toString("utf8") ?? "";
  return change === undefined ? [] : missingScripts(before).map((name) => ({ name, runs: SCRIPTS[name] }));
}

async function settle(clone: Clone, { protect, scripts, prepare }: Settled): Promise<InstallOptions> {
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
