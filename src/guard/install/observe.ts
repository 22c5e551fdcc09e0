import { existsSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { HEADS } from "../../domain/ref-names.ts";
import { listNames, readBytes, readLine } from "../../files/read-file.ts";
import { isInside } from "../../files/same-path.ts";
import type { Git } from "../../git/git.ts";
import { readHooksPaths } from "../../git/hooks-path.ts";
import type { Repository } from "../../git/repository.ts";
import { listWorktrees } from "../../git/worktrees.ts";
import { readGuardConf } from "../../layout/guard-conf.ts";
import { commonLayout } from "../../layout/paths.ts";
import { programFiles } from "../../layout/program-files.ts";
import { readExpectation, readSessionCopy } from "../../layout/session-file.ts";
import { type Chain, huskyDirectory, selectChain } from "../hooks/chain.ts";
import { isHookName } from "../hooks/hook-names.ts";
import { chainedHooks, isExecutable, isHuskyDirectory, listHuskyFiles, runnableHooks } from "../hooks/refresh.ts";
import { detachedHead, readGuardHead } from "../worktree-files.ts";
import type { HookManager, InstallFacts, WorktreeFacts } from "./facts.ts";

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
  const linked = listed.slice(1).filter(({ prunable, path }) => prunable === null && isOfThisClone(path, commonDir));
  const tops = [...(mainTop === "" ? [] : [mainTop]), ...linked.map(({ path }) => path)];
  const worktrees = await Promise.all(tops.map((top) => observeWorktree(gitOf(git, top, commonDir), top, commonDir)));
  const { hooks, theirs, husky, guardConf } = commonLayout(commonDir);
  const armedHooks = listNames(hooks).filter(isHookName);
  const recorded = readGuardConf(guardConf);
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
    // What is recorded holds while it is there: the clone may be in use from two places, each with a node of its own.
    node: recorded !== null && existsSync(recorded.node) ? recorded.node : process.execPath,
    cli: files.cli,
    pnp: plugAndPlay(mainTop),
    guardScript: readFileSync(files.guardScript),
    launchScript: readFileSync(files.launchScript),
    guardProgram: readFileSync(files.guardProgram),
    now: new Date().toISOString(),
    hostname: hostname(),
    packageJson: packageJson !== null && options.addScripts && existsSync(packageJson) ? packageJson : null,
    addPrepare: options.addPrepare,
    armedHooks,
    theirHooks: runnableHooks(theirs),
    huskyFiles: await findHuskyFiles(git, configured.shared, tops),
    keptHuskyFiles: listNames(husky),
    sleepingHooks: armedHooks.filter((name) => !isExecutable(join(hooks, name))),
    read: readBytes,
  };
}

/** Yarn's loader, where this very process runs under it: that a repository has such a file says nothing. */
function plugAndPlay(mainTop: string): string {
  const loader = join(mainTop, ".pnp.cjs");
  return process.versions.pnp !== undefined && mainTop !== "" && existsSync(loader) ? loader : "";
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

async function chainOf(git: Git, commonDir: string): Promise<Chain> {
  return selectChain(await readHooksPaths(git), commonDir);
}

/** A copy of a clone lists the original's worktrees as its own; they lead back to the original. */
function isOfThisClone(topLevel: string, commonDir: string): boolean {
  const target = existsSync(topLevel) ? readLine(join(topLevel, ".git"))?.replace(/^gitdir: /, "") : undefined;
  return target !== undefined && isInside(resolve(topLevel, target), join(commonDir, "worktrees"));
}

/** husky's own files from the first worktree that has them. A branch cannot bring them: tracked ones do not count. */
async function findHuskyFiles(git: Git, chain: string, tops: readonly string[]): Promise<InstallFacts["huskyFiles"]> {
  const directory = huskyDirectory(chain);
  if (directory === null) return null;
  for (const top of tops) {
    const path = join(top, directory);
    if (!isHuskyDirectory(path) || (await git.in(top).text(["ls-files", "--", directory])) !== "") continue;
    return listHuskyFiles(path).map((name) => ({
      name,
      content: readFileSync(join(path, name)),
      mode: statSync(join(path, name)).mode & 0o777,
    }));
  }
  return null;
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
    expectation: readExpectation(topLevel, gitDir),
    copy: readSessionCopy(gitDir),
    ownHooksPath: own,
    usedHooks: chainedHooks(own ?? shared, { commonDir, cwd: topLevel }),
  };
}

async function askHead(git: Git, gitDir: string) {
  const name = await git.run(["symbolic-ref", "-q", "HEAD"], { allow: [1] });
  const ref = name.stdout.trim();
  if (ref.startsWith(HEADS)) return { kind: "branch" as const, branch: ref.slice(HEADS.length) };
  return detachedHead(gitDir, "");
}

function findManagers(top: string, chain: string, worktrees: readonly WorktreeFacts[]): HookManager[] {
  const has = (...names: string[]) => names.some((name) => existsSync(join(top, name)));
  const managers: HookManager[] = [];
  if (/(^|[\\/])(\.husky|_)[\\/]?$/.test(chain)) managers.push("husky");
  if (has("lefthook.yml", "lefthook.yaml", ".lefthook.yml", "lefthook.toml", "lefthook.json"))
    managers.push("lefthook");
  if (has(".pre-commit-config.yaml", ".pre-commit-config.yml")) managers.push("pre-commit");
  if (managers.length > 0) return managers;
  if (chain !== "" && existsSync(chain) && !statSync(chain).isDirectory()) return [];
  if (chain !== "") return ["custom hooks path"];
  return worktrees.some(({ usedHooks: used }) => used.length > 0) ? ["plain hooks"] : [];
}
