import { accessSync, chmodSync, constants, copyFileSync, existsSync, mkdirSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { writeFileAtomically } from "../../files/atomic-write.ts";
import { isLink } from "../../files/links.ts";
import { listNames, readBytes } from "../../files/read-file.ts";
import { runGitSync } from "../../git/git-sync.ts";
import { formatGuardConf, parseGuardConf } from "../../layout/guard-conf.ts";
import { commonLayout } from "../../layout/paths.ts";
import { shareTree } from "../../layout/sharing.ts";
import { huskyDirectory, readChainSync } from "./chain.ts";
import { hooksToArm, isHookName } from "./hook-names.ts";
import { compileHook } from "./hook-script.ts";
import { reclaimHooks } from "./reclaim-hooks.ts";
import { setStamps } from "./stamps.ts";

/** Where the hook that noticed something runs. */
export interface RefreshPlace {
  readonly commonDir: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Puts our hooks in order from within a hook, where something is newer than `init` left it: takes our directory back from
 * tools, follows the hooks path that git would use without us, arms hooks that have come, and records a node that works.
 * Only what differs is written. Node alone and git, as everything that hooks start.
 * @returns names of the files that were taken from tools
 * @throws BulkheadError `FILE_FAILED`
 */
export function refreshHooks(place: RefreshPlace): string[] {
  const { commonDir, cwd } = place;
  const layout = commonLayout(commonDir);
  const template = readBytes(layout.guardTemplate)?.toString("latin1");
  const text = readBytes(layout.guardConf)?.toString();
  if (template === undefined || text === undefined) return [];
  const taken = reclaimHooks(commonDir);
  const conf = parseGuardConf(text);
  const chain = readChainSync(commonDir, cwd, place.env)?.shared ?? conf.chain;
  const settings = { ...conf, chain, node: existsSync(conf.node) ? conf.node : process.execPath };
  keepHusky(chain, place);
  const theirs = runnableHooks(layout.theirs);
  const used = [...chainedHooks(chain, place), ...theirs];
  const chainsTransactions = used.includes("reference-transaction");
  for (const name of hooksToArm([...used, ...listNames(layout.hooks)])) {
    const hook = compileHook(template, name, { ...settings, chainsTransactions });
    writeIfOther(join(layout.hooks, name), Buffer.from(hook, "latin1"), 0o755);
  }
  // Last: as long as it says the old thing, the next hook that looks comes here again.
  writeIfOther(layout.guardConf, Buffer.from(formatGuardConf(settings)), 0o644);
  shareTree(layout.root, commonDir);
  setStamps(commonDir);
  return taken;
}

function writeIfOther(path: string, content: Buffer, mode: number): void {
  const asleep = mode === 0o755 && !isExecutable(path);
  if (!isLink(path) && !asleep && readBytes(path)?.equals(content)) return;
  writeFileAtomically(path, content, mode);
  chmodSync(path, mode);
}

/**
 * Names of the hooks that would run in a worktree without us. husky has a file for every name in `_`, and runs the
 * script of that name beside it: only those with a script count.
 */
export function chainedHooks(chain: string, { commonDir, cwd }: Pick<RefreshPlace, "commonDir" | "cwd">): string[] {
  if (chain === "") return runnableHooks(join(commonDir, "hooks"));
  const directory = isAbsolute(chain) ? chain : join(cwd, chain);
  return /[\\/]_[\\/]?$/.test(chain) ? hooksIn(join(directory, "..")) : runnableHooks(directory);
}

function hooksIn(directory: string): string[] {
  return listNames(directory).filter((name) => isHookName(name) && isFile(join(directory, name)));
}

/** Hooks that git would run: executable, and none of ours. */
export function runnableHooks(directory: string): string[] {
  return hooksIn(directory).filter((name) => {
    const path = join(directory, name);
    return isExecutable(path) && !(readBytes(path)?.includes(`# Bulkhead's guard: ${name}.`) ?? true);
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Windows knows no such thing: git runs every hook there. */
export function isExecutable(path: string): boolean {
  if (process.platform === "win32") return existsSync(path);
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Keeps husky's own files for worktrees that lack them: only where the clone's configuration names husky's directory, and
 * only what git ignores there, so that no branch can bring them.
 */
function keepHusky(chain: string, { commonDir, cwd, env }: RefreshPlace): void {
  const directory = huskyDirectory(chain);
  if (directory === null || !isHuskyDirectory(join(cwd, directory))) return;
  const tracked = runGitSync(["ls-files", "--", directory], { cwd, env });
  if (!tracked.ran || tracked.exitCode !== 0 || tracked.stdout !== "") return;
  const { husky } = commonLayout(commonDir);
  mkdirSync(husky, { recursive: true });
  for (const name of listHuskyFiles(join(cwd, directory))) copyFileSync(join(cwd, directory, name), join(husky, name));
}

/** Whether husky has put its own files there. */
export function isHuskyDirectory(directory: string): boolean {
  return !isLink(directory) && ["h", "husky.sh"].some((name) => isFile(join(directory, name)));
}

export function listHuskyFiles(directory: string): string[] {
  return listNames(directory).filter((name) => isFile(join(directory, name)) && !isLink(join(directory, name)));
}
