import { createHash } from "node:crypto";
import { join } from "node:path";
import type { SessionFile } from "../../domain/expectation.ts";
import { isBranchName } from "../../domain/names.ts";
import { newSessionFile } from "../../domain/new-session-file.ts";
import { formatGuardConf, relativeMain } from "../../layout/guard-conf.ts";
import { withIgnoreRules } from "../../layout/ignore-rules.ts";
import { commonLayout, worktreeLayout } from "../../layout/paths.ts";
import { sessionFileTexts } from "../../layout/session-file.ts";
import { aliasConfig, hooksPathConfig, pathForGit, withAlias, withInclude, withProtect } from "../hooks/config-text.ts";
import type { FileChange } from "../hooks/file-change.ts";
import { hooksToArm } from "../hooks/hook-names.ts";
import { compileHook } from "../hooks/hook-script.ts";
import { formatChainConf, withOwnInclude } from "../hooks/own-hooks-path.ts";
import type { InstallFacts, WorktreeFacts } from "./facts.ts";
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
  const used = [...new Set([...facts.worktrees.flatMap(({ usedHooks }) => usedHooks), ...facts.theirHooks])];
  const names = hooksToArm(used);
  const obsolete = facts.armedHooks.filter((name) => !names.includes(name));
  const settings = { ...facts, main: relativeMain(facts.commonDir, facts.mainTop) };
  const template = facts.guardScript.toString("latin1");
  const chainsTransactions = used.includes("reference-transaction");
  const hook = (name: string) =>
    Buffer.from(compileHook(template, name, { ...settings, chainsTransactions }), "latin1");
  return [
    write(facts, layout.guardProgram, facts.guardProgram, PUBLIC),
    write(facts, layout.launcher, facts.launchScript, EXECUTABLE),
    ...names.map((name) => write(facts, join(layout.hooks, name), hook(name), EXECUTABLE)),
    ...obsolete.map((name) => write(facts, join(layout.hooks, name), null, EXECUTABLE)),
    ...huskyChanges(facts),
    // Behind the hooks: until then the template that stands there tells that the old ones are ours.
    write(facts, layout.guardTemplate, facts.guardScript, PUBLIC),
    write(facts, layout.guardConf, formatGuardConf(settings), PUBLIC),
  ];
}

function huskyChanges({ huskyFiles, keptHuskyFiles, ...facts }: InstallFacts): FileChange[] {
  const directory = commonLayout(facts.commonDir).husky;
  // Where no worktree has them just now, what is kept is what brings them back.
  if (huskyFiles === null && facts.chain !== "") return [];
  const read = { ...facts, huskyFiles, keptHuskyFiles };
  const obsolete = keptHuskyFiles.filter((name) => !huskyFiles?.some((file) => file.name === name));
  return [
    ...(huskyFiles ?? []).map(({ name, content, mode }) => write(read, join(directory, name), content, mode)),
    ...obsolete.map((name) => write(read, join(directory, name), null, PUBLIC)),
  ];
}

function configChanges(facts: InstallFacts): FileChange[] {
  const { commonDir } = facts;
  const layout = commonLayout(commonDir);
  const exclude = join(commonDir, "info", "exclude");
  const before = facts.read(exclude);
  const included = placeConfig(facts);
  return [
    write(facts, layout.aliasConfig, aliasConfig(), PUBLIC),
    write(facts, join(layout.root, included), hooksPathConfig(pathForGit(layout.hooks)), PUBLIC),
    ...facts.worktrees.flatMap((worktree) => ownHooksPathChanges(worktree, facts, included)),
    { path: exclude, before, after: withIgnoreRules(before ?? Buffer.alloc(0)), mode: PUBLIC },
    // Last, so that git runs the hooks only once everything they need is in place. How the clone's config names what it
    // includes is relative to the config file, so it survives a move of the clone.
    edit(
      facts,
      join(commonDir, "config"),
      (text) => withInclude(withAlias(withProtect(text, facts.newlyProtected)), commonDir, `bulkhead/${included}`),
      PUBLIC,
    ),
  ];
}

/**
 * The name of the file that sets the hooks path for the clone at this place. The clone may be in use at several (a
 * container sees it elsewhere), or be a copy: then the plain name belongs to another place.
 */
function placeConfig({ commonDir, read }: InstallFacts): string {
  const layout = commonLayout(commonDir);
  const plain = read(layout.gitConfig)?.toString();
  if (plain === undefined || plain.includes(hooksPathConfig(pathForGit(layout.hooks)).split("\n")[2] ?? "")) {
    return "gitconfig";
  }
  return `gitconfig-${createHash("sha256").update(commonDir).digest("hex").slice(0, 8)}`;
}

/** `config.worktree` is read after the clone's config: a hooks path in it would win, so it gets the include too. */
function ownHooksPathChanges(worktree: WorktreeFacts, facts: InstallFacts, included: string): FileChange[] {
  const { gitDir, ownHooksPath } = worktree;
  const chainConf = worktreeLayout(gitDir).chainConf;
  if (ownHooksPath === null) return [write(facts, chainConf, null, PUBLIC)];
  const config = join(gitDir, "config.worktree");
  return [
    write(facts, chainConf, formatChainConf(ownHooksPath), PUBLIC),
    edit(facts, config, (text) => withOwnInclude(text, facts.commonDir, included), PUBLIC),
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
  const changes = sessionFileTexts(worktree, content).map(({ path, text }) => write(facts, path, text, PRIVATE));
  return changes.map((change, index) =>
    index === changes.length - 1 ? { ...change, vouchesFor: { ...worktree, content } } : change,
  );
}

function packageChanges(facts: InstallFacts): FileChange[] {
  if (facts.packageJson === null) return [];
  const before = facts.read(facts.packageJson);
  if (before === null) return [];
  const after = Buffer.from(withPackageScripts(before.toString("utf8"), facts.addPrepare));
  return [{ path: facts.packageJson, before, after, mode: PUBLIC }];
}
