import { constants, copyFileSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { readText } from "../files/read-file.ts";
import type { Git } from "../git/git.ts";
import { worktreeLayout } from "../layout/paths.ts";

/** Names, in gitignore's syntax, of ignored files that new worktrees get from the main checkout. */
export const INCLUDE_FILE = ".worktreeinclude";
/** What is copied where nobody has written such a file: without it hardly anything runs. */
const USUAL = [".env", ".env.*", ".envrc", ".dev.vars"];

/** What became of the files. */
export interface Included {
  readonly copied: readonly string[];
  /** Named, but there already, or behind a link that leads out of the worktree. */
  readonly left: readonly string[];
}

/**
 * Copies files that git ignores, and that a worktree cannot be worked in without, from the main checkout. Nothing that
 * is there is overwritten, and nothing is written through a link. Where the disk can, the copy shares its blocks.
 */
export async function copyIncluded(
  main: MainCheckout,
  { worktree, gitDir, ignored }: { worktree: string; gitDir: string; ignored: readonly string[] },
): Promise<Included> {
  const named = await listIncluded(main, ignored);
  const copied: string[] = [];
  const left: string[] = [];
  const draft = worktreeLayout(gitDir).copying;
  for (const path of named) (copyOne(main.top, worktree, path, draft) ? copied : left).push(path);
  return { copied, left };
}

/** The main checkout. Where `core.worktree` says that it is elsewhere, git finds the clone from there only when it is told. */
export interface MainCheckout {
  /** git, bound to its top. */
  readonly git: Git;
  readonly top: string;
  readonly gitDir: string;
}

/** What git ignores in a checkout. A directory that is ignored as a whole is one entry, and is not entered. */
export function listIgnored({ git, gitDir }: MainCheckout): Promise<string[]> {
  const list = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
  return git.records(list, { env: { GIT_DIR: gitDir } });
}

/** Ignored files of the main checkout that new worktrees get. Without a list nobody means a package's own `.env`. */
async function listIncluded({ git, gitDir, top }: MainCheckout, ignored: readonly string[]): Promise<string[]> {
  const env = { GIT_DIR: gitDir };
  const list = join(top, INCLUDE_FILE);
  if (readText(list) === null) return ignored.filter((path) => isUsual(path.slice(path.lastIndexOf("/") + 1)));
  const named = await git.records(["ls-files", "-z", "--others", "--ignored", `--exclude-from=${list}`], { env });
  const files = named.filter((path) => !path.endsWith("/") && !/^\.(worktrees|sessions)\//.test(path));
  if (files.length === 0) return [];
  // What git does not ignore would show as untracked in each worktree.
  const input = files.map((path) => `${path}\0`).join("");
  const checked = new Set(await git.records(["check-ignore", "-z", "--stdin"], { input, env, allow: [1] }));
  return files.filter((path) => checked.has(path));
}

function isUsual(name: string): boolean {
  return USUAL.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

function copyOne(mainTop: string, worktree: string, path: string, draft: string): boolean {
  const [from, to] = [join(mainTop, path), join(worktree, path)];
  const stat = lstatSync(from, { throwIfNoEntry: false });
  if (stat === undefined || lstatSync(to, { throwIfNoEntry: false }) !== undefined) return false;
  if (!hasPlainParents(worktree, path)) return false;
  mkdirSync(dirname(to), { recursive: true });
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (stat.isFile()) copyWholeFile(from, to, draft);
  else return false;
  return true;
}

/** A copy takes its name when it is whole: half a file would never be copied again. */
function copyWholeFile(from: string, to: string, draft: string): void {
  mkdirSync(dirname(draft), { recursive: true });
  try {
    copyFileSync(from, draft, constants.COPYFILE_FICLONE);
    renameSync(draft, to);
  } catch (cause) {
    rmSync(draft, { force: true });
    if ((cause as NodeJS.ErrnoException).code !== "EXDEV") throw cause;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

/** Whether no part of the way to a path is a link (or a file): a branch may bring any. */
export function hasPlainParents(top: string, path: string): boolean {
  const parts = path.split("/").slice(0, -1);
  return parts.every((_, i) => {
    const stat = lstatSync(join(top, ...parts.slice(0, i + 1)), { throwIfNoEntry: false });
    return stat === undefined || stat.isDirectory();
  });
}
