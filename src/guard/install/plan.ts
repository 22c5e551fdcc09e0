import { join } from "node:path";
import type { SessionFile } from "../../domain/expectation.ts";
import { isBranchName } from "../../domain/names.ts";
import { newSessionFile } from "../../domain/new-session-file.ts";
import { quoteForShell } from "../../domain/shell-word.ts";
import { formatGuardConf } from "../../layout/guard-conf.ts";
import { withIgnoreRules } from "../../layout/ignore-rules.ts";
import { commonLayout, worktreeLayout } from "../../layout/paths.ts";
import { sessionFileTexts } from "../../layout/session-file.ts";
import { hooksPathConfig, withInclude, withProtect } from "./config-text.ts";
import type { FileChange, InstallFacts, WorktreeFacts } from "./facts.ts";
import { hooksToArm } from "./hook-names.ts";
import { withPackageScripts } from "./package-scripts.ts";

/** What `init` will do: files to write, and what people should know. */
export interface InstallPlan {
  readonly changes: readonly FileChange[];
  /** Worktrees that get a session file. */
  readonly adopted: readonly string[];
  /** Detached worktrees: nobody can tell which branch they are for. */
  readonly undecided: readonly string[];
}

const EXECUTABLE = 0o755;
const PUBLIC = 0o644;
const PRIVATE = 0o600;
/** How the clone's config names the include: relative to the config file, so it survives a move of the clone. */
const INCLUDE_PATH = "bulkhead/gitconfig";

/** Plans an installation. Pure but for `facts.read`; planned twice after being carried out, it is empty. */
export function planInstall(facts: InstallFacts): InstallPlan {
  const adoptable = facts.worktrees.filter(needsSessionFile);
  const adopted = adoptable.filter(({ branch }) => branch !== null && isBranchName(branch));
  const wanted = [
    ...hookChanges(facts),
    ...configChanges(facts),
    ...adopted.flatMap((worktree) => sessionChanges(worktree, facts)),
    ...packageChanges(facts),
  ];
  const asleep = new Set(facts.sleepingHooks.map((name) => join(commonLayout(facts.commonDir).hooks, name)));
  const changes = wanted.filter(({ path, before, after }) => !sameContent(before, after) || asleep.has(path));
  return {
    changes,
    adopted: adopted.map(({ topLevel }) => topLevel),
    undecided: adoptable.filter((worktree) => !adopted.includes(worktree)).map(({ topLevel }) => topLevel),
  };
}

function needsSessionFile({ linked, expectation }: WorktreeFacts): boolean {
  return linked && expectation.kind === "missing";
}

function sameContent(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

/** A text edit of a file that keeps all other bytes, whatever their encoding. */
function edit(facts: InstallFacts, path: string, change: (text: string) => string, mode: number): FileChange {
  const before = facts.read(path);
  const after = Buffer.from(change((before ?? Buffer.alloc(0)).toString("latin1")), "latin1");
  return { path, before, after, mode };
}

function write(facts: InstallFacts, path: string, after: Buffer | string | null, mode: number): FileChange {
  return { path, before: facts.read(path), after: typeof after === "string" ? Buffer.from(after) : after, mode };
}

function hookChanges(facts: InstallFacts): FileChange[] {
  const layout = commonLayout(facts.commonDir);
  const used = [...new Set(facts.worktrees.flatMap(({ usedHooks }) => usedHooks))];
  const names = hooksToArm(used);
  const obsolete = facts.armedHooks.filter((name) => !names.includes(name));
  const chainsTransactions = used.includes("reference-transaction");
  return [
    write(facts, layout.guardProgram, facts.guardProgram, PUBLIC),
    write(facts, layout.launcher, facts.launchScript, EXECUTABLE),
    write(facts, layout.guardConf, formatGuardConf({ ...facts, main: facts.mainTop }), PUBLIC),
    write(facts, layout.chainedTransactions, chainsTransactions ? "" : null, PUBLIC),
    ...names.map((name) => write(facts, join(layout.hooks, name), facts.guardScript, EXECUTABLE)),
    ...obsolete.map((name) => write(facts, join(layout.hooks, name), null, EXECUTABLE)),
  ];
}

function configChanges(facts: InstallFacts): FileChange[] {
  const layout = commonLayout(facts.commonDir);
  const exclude = join(facts.commonDir, "info", "exclude");
  const before = facts.read(exclude);
  return [
    write(facts, layout.gitConfig, hooksPathConfig(layout.hooks.replaceAll("\\", "/")), PUBLIC),
    ...facts.worktrees.flatMap((worktree) => ownHooksPathChanges(worktree, facts)),
    { path: exclude, before, after: withIgnoreRules(before ?? Buffer.alloc(0)), mode: PUBLIC },
    // Last, so that git runs the hooks only once everything they need is in place.
    edit(
      facts,
      join(facts.commonDir, "config"),
      (text) => withInclude(withProtect(text, facts.newlyProtected), INCLUDE_PATH),
      PUBLIC,
    ),
  ];
}

/** `config.worktree` is read after the clone's config: a hooks path in it would win, so it gets the include too. */
function ownHooksPathChanges({ gitDir, ownHooksPath }: WorktreeFacts, facts: InstallFacts): FileChange[] {
  const chainConf = worktreeLayout(gitDir).chainConf;
  if (ownHooksPath === null) return [write(facts, chainConf, null, PUBLIC)];
  const include = Buffer.from(commonLayout(facts.commonDir).gitConfig.replaceAll("\\", "/")).toString("latin1");
  return [
    write(facts, chainConf, `chain=${quoteForShell(ownHooksPath)}\n`, PUBLIC),
    edit(facts, join(gitDir, "config.worktree"), (text) => withInclude(text, include), PUBLIC),
  ];
}

/** The copy in the git directory comes first: it knows what the worktree was for. */
function sessionChanges(worktree: WorktreeFacts, facts: InstallFacts): FileChange[] {
  const { branch, copy, topLevel } = worktree;
  if (branch === null || !isBranchName(branch)) return [];
  const { mainTop, now, hostname } = facts;
  const content: SessionFile =
    copy.kind === "present"
      ? copy.content
      : newSessionFile({ topLevel, mainTop, expectedBranch: branch, now, hostname });
  return sessionFileTexts(worktree, content).map(({ path, text }) => write(facts, path, text, PRIVATE));
}

function packageChanges(facts: InstallFacts): FileChange[] {
  if (facts.packageJson === null) return [];
  const before = facts.read(facts.packageJson);
  if (before === null) return [];
  const after = Buffer.from(withPackageScripts(before.toString("utf8"), facts.addPrepare));
  return [{ path: facts.packageJson, before, after, mode: PUBLIC }];
}
