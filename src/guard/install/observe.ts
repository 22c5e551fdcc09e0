import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import { readBytes } from "../../files/read-file.ts";
import type { Git } from "../../git/git.ts";
import { type HooksPathValue, readHooksPaths } from "../../git/hooks-path.ts";
import type { Repository } from "../../git/repository.ts";
import { listWorktrees } from "../../git/worktrees.ts";
import { commonLayout } from "../../layout/paths.ts";
import { programFiles } from "../../layout/program-files.ts";
import { readExpectation, readSessionCopy } from "../../layout/session-file.ts";
import { detachedHead, readGuardHead } from "../worktree-files.ts";
import type { HookManager, InstallFacts, WorktreeFacts } from "./facts.ts";
import { isHookName } from "./hook-names.ts";
import { isGuardScript } from "./reclaim-hooks.ts";

/** What the caller of `init` decides. */
export interface InstallOptions {
  readonly protect: readonly string[];
  /** Branches to store as protected in the clone's config. */
  readonly protectToStore: readonly string[];
  readonly requireSession: boolean;
  /** Whether npm scripts are added to the package.json at the worktree's top. */
  readonly addScripts: boolean;
  readonly addPrepare: boolean;
}

/** Gathers what `init` decides from. Reads only. @throws BulkheadError `GIT_FAILED` */
export async function observeInstall(repository: Repository, options: InstallOptions): Promise<InstallFacts> {
  const { git, commonDir, topLevel } = repository;
  const files = programFiles();
  const listed = await listWorktrees(git);
  const bare = listed.some((worktree) => worktree.bare);
  const mainTop = bare ? "" : await findMainTop(git, listed[0]?.path ?? "");
  const configured = await chainOf(git, commonDir);
  const linked = listed.slice(1).filter(({ prunable, path }) => prunable === null && existsSync(path));
  const tops = [...(mainTop === "" ? [] : [mainTop]), ...linked.map(({ path }) => path)];
  const worktrees = await Promise.all(tops.map((top) => observeWorktree(gitOf(git, top, commonDir), top, commonDir)));
  const { hooks } = commonLayout(commonDir);
  const armedHooks = listFiles(hooks).filter(isHookName);
  const packageJson = topLevel === null ? null : join(topLevel, "package.json");
  return {
    commonDir,
    mainTop,
    chain: configured.shared,
    worktrees,
    managers: findManagers(mainTop || (topLevel ?? ""), configured.shared, worktrees),
    protect: options.protect,
    newlyProtected: await findNewlyProtected(git, options.protectToStore),
    requireSession: options.requireSession,
    node: process.execPath,
    cli: files.cli,
    guardScript: readFileSync(files.guardScript),
    launchScript: readFileSync(files.launchScript),
    guardProgram: readFileSync(files.guardProgram),
    now: new Date().toISOString(),
    hostname: hostname(),
    packageJson: packageJson !== null && options.addScripts && existsSync(packageJson) ? packageJson : null,
    addPrepare: options.addPrepare,
    armedHooks,
    sleepingHooks: armedHooks.filter((name) => !isExecutable(join(hooks, name))),
    read: readBytes,
  };
}

/** In a submodule (and wherever `core.worktree` is set) git lists the git directory in place of the main checkout. */
async function findMainTop(git: Git, listed: string): Promise<string> {
  const found = await git.in(listed).run(["rev-parse", "--show-toplevel"], { allow: [128] });
  if (found.exitCode === 0) return found.stdout.replace(/\r?\n$/, "");
  const { stdout } = await git.in(listed).run(["config", "--type=path", "core.worktree"], { allow: [1] });
  return stdout === "" ? listed : resolve(listed, stdout.replace(/\r?\n$/, ""));
}

async function findNewlyProtected(git: Git, wanted: readonly string[]): Promise<string[]> {
  if (wanted.length === 0) return [];
  const args = ["config", "--local", "-z", "--get-all", "bulkhead.protect"];
  const stored = new Set(await git.records(args, { allow: [1] }));
  return wanted.filter((pattern) => !stored.has(pattern));
}

/** The hooks paths that git would use without Bulkhead: one for the whole clone, one for this worktree alone. */
async function chainOf(git: Git, commonDir: string): Promise<{ shared: string; own: string | null }> {
  const ours = commonLayout(commonDir).hooks;
  // Our own setting does not count, nor what it said before the clone was moved.
  const isOurs = ({ path, origin }: HooksPathValue) =>
    relative(ours, path) === "" || /[\\/]bulkhead[\\/]gitconfig$/.test(origin);
  const values = (await readHooksPaths(git)).filter((value) => !isOurs(value));
  const last = (matches: (value: HooksPathValue) => boolean) => values.findLast(matches)?.path;
  return {
    shared: last(({ scope }) => scope !== "worktree" && scope !== "command") ?? "",
    own: last(({ scope }) => scope === "worktree") ?? null,
  };
}

/** git for a worktree. Where `core.worktree` leads, nothing leads back: then it runs in the git directory. */
export function gitOf(git: Git, topLevel: string, gitDir: string): Git {
  return git.in(existsSync(join(topLevel, ".git")) ? topLevel : gitDir);
}

async function observeWorktree(git: Git, topLevel: string, commonDir: string): Promise<WorktreeFacts> {
  const gitDir = await git.text(["rev-parse", "--path-format=absolute", "--git-dir"]);
  const { shared, own } = await chainOf(git, commonDir);
  const head = readGuardHead(gitDir) ?? (await askHead(git, gitDir));
  return {
    topLevel,
    gitDir,
    linked: existsSync(join(gitDir, "commondir")),
    branch: head.kind === "branch" ? head.branch : head.rebasing,
    expectation: readExpectation(topLevel),
    copy: readSessionCopy(gitDir),
    ownHooksPath: own,
    usedHooks: usedHooks(topLevel, own ?? shared, commonDir),
  };
}

async function askHead(git: Git, gitDir: string) {
  const name = await git.run(["symbolic-ref", "-q", "HEAD"], { allow: [1] });
  const ref = name.stdout.trim();
  if (ref.startsWith("refs/heads/")) return { kind: "branch" as const, branch: ref.slice("refs/heads/".length) };
  return detachedHead(gitDir, "");
}

/**
 * Names of the hooks that would run in a worktree. husky has a file for every name in `_`, and runs the script of
 * that name beside it: only those with a script count.
 */
function usedHooks(topLevel: string, chain: string, commonDir: string): string[] {
  const huskyArrived = chain === "" && existsSync(join(topLevel, ".husky", "_", "h"));
  const path = huskyArrived ? ".husky/_" : chain;
  if (path === "") return executables(join(commonDir, "hooks"));
  const directory = isAbsolute(path) ? path : join(topLevel, path);
  return /[\\/]_[\\/]?$/.test(path) ? listFiles(join(directory, "..")).filter(isHookName) : executables(directory);
}

/** Hooks that git would run: executable, and none of ours. */
function executables(directory: string): string[] {
  return listFiles(directory).filter((name) => {
    const path = join(directory, name);
    return isHookName(name) && !isGuardScript(readFileSync(path, "utf8")) && isExecutable(path);
  });
}

/** Windows knows no such thing: git runs every hook there. */
function isExecutable(path: string): boolean {
  return process.platform === "win32" || (statSync(path).mode & 0o111) !== 0;
}

function listFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile());
}

function findManagers(top: string, chain: string, worktrees: readonly WorktreeFacts[]): HookManager[] {
  const has = (...names: string[]) => names.some((name) => existsSync(join(top, name)));
  const managers: HookManager[] = [];
  if (has(".husky") || /[\\/]_$/.test(chain)) managers.push("husky");
  if (has("lefthook.yml", "lefthook.yaml", ".lefthook.yml", "lefthook.toml", "lefthook.json"))
    managers.push("lefthook");
  if (has(".pre-commit-config.yaml", ".pre-commit-config.yml")) managers.push("pre-commit");
  if (managers.length > 0) return managers;
  if (chain !== "") return ["custom hooks path"];
  return worktrees.some(({ usedHooks: used }) => used.length > 0) ? ["plain hooks"] : [];
}
