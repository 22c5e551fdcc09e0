/**
 * Finds the repository of a directory without starting git, wherever git's own rules
 * (https://git-scm.com/docs/git#Documentation/git.txt-GITDIR, setup.c) leave no doubt about what git would say. Everything
 * that they could decide otherwise (an environment or a configuration that moves the worktree, a repository of somebody
 * else's, a bare one, a reftable) is left to git.
 */
import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isLink } from "../files/links.ts";
import { readLine, readText } from "../files/read-file.ts";
import { readHeadFile } from "./worktree-state.ts";

export interface FoundRepository {
  readonly topLevel: string;
  readonly gitDir: string;
  readonly commonDir: string;
}

/** What changes where git looks, and is not taken out of the environment that git gets from us. */
const DECIDING_VARIABLES = ["GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"];

/**
 * The usual checkout or linked worktree around a directory.
 * @returns null where git has to be asked
 */
export function discoverRepository(directory: string, env: NodeJS.ProcessEnv): FoundRepository | null {
  const user = process.geteuid?.();
  if (user === undefined || DECIDING_VARIABLES.some((name) => env[name] !== undefined)) return null;
  try {
    return discover(realpathSync(directory), user);
  } catch {
    // Not to be read, gone meanwhile: git knows what to say.
    return null;
  }
}

function discover(start: string, user: number): FoundRepository | null {
  const device = statSync(start).dev;
  for (let here = start; ; here = dirname(here)) {
    const entry = statSync(join(here, ".git"), { throwIfNoEntry: false });
    if (entry !== undefined) return judge(here, entry, user);
    // A directory that looks like a bare repository, and the end of the file system, both end git's search.
    const looksBare = statSync(join(here, "HEAD"), { throwIfNoEntry: false }) !== undefined;
    if (looksBare || dirname(here) === here || statSync(dirname(here)).dev !== device) return null;
  }
}

function judge(topLevel: string, entry: Stats, user: number): FoundRepository | null {
  const dotGit = join(topLevel, ".git");
  if (isLink(dotGit)) return null;
  const gitDir = entry.isDirectory() ? dotGit : namedGitDir(topLevel);
  if (gitDir === null) return null;
  const note = readLine(join(gitDir, "commondir"));
  const commonDir = note === null ? gitDir : realpathSync(resolve(gitDir, note));
  // git lets nobody use what another user owns, unless it is told to.
  const owned = [topLevel, dotGit, gitDir].every((path) => statSync(path).uid === user);
  const whole = readHeadFile(gitDir) !== null && isDirectory(commonDir, "objects") && isDirectory(commonDir, "refs");
  return owned && whole && isPlain(gitDir, commonDir) ? { topLevel, gitDir, commonDir } : null;
}

/** The directory that a worktree's `.git` file names. */
function namedGitDir(topLevel: string): string | null {
  const line = readLine(join(topLevel, ".git"));
  return line?.startsWith("gitdir: ") ? realpathSync(resolve(topLevel, line.slice("gitdir: ".length))) : null;
}

function isDirectory(parent: string, name: string): boolean {
  return statSync(join(parent, name), { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Whether nothing in the files that git reads for this moves the worktree or asks for more than this reader knows. */
function isPlain(gitDir: string, commonDir: string): boolean {
  const config = readText(join(commonDir, "config"));
  if (config === null || !isPlainConfig(config)) return false;
  return !/worktreeconfig/i.test(config) || isPlainConfig(readText(join(gitDir, "config.worktree")) ?? "");
}

/** The one value of `core.bare` that a checkout has, as git itself writes it. */
const NOT_BARE = /^[ \t]*bare = false$/gm;
/** The one extension that changes nothing here. */
const WORKTREE_CONFIG = /^[ \t]*worktreeconfig = (?:true|false)$/gim;
const FORMAT = /^[ \t]*repositoryformatversion = [01]$/gm;
/** A heading with nothing left below it. */
const NO_EXTENSION = /^\[extensions\]\s*(?=\[|$(?![\s\S]))/gm;

/**
 * Whether a configuration holds none of the keys by which git would decide otherwise, wherever in it they stand and
 * however they are written. It asks more than it must: what it is not sure of costs a process, no more. Pure.
 */
export function isPlainConfig(text: string): boolean {
  const known = [NOT_BARE, WORKTREE_CONFIG, FORMAT, NO_EXTENSION];
  const rest = known.reduce((config, pattern) => config.replaceAll(pattern, ""), text);
  return !/\b(?:bare|worktree|repositoryformatversion|extensions)\b/i.test(rest);
}
