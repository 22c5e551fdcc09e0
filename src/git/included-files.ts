import { join } from "node:path";
import { readText } from "../files/read-file.ts";
import type { Git, GitRunOptions } from "./git.ts";

/** Names, in gitignore's syntax, of ignored files that new worktrees get from the main checkout. */
export const INCLUDE_FILE = ".worktreeinclude";
/** What is copied where nobody has written such a file: without it hardly anything runs. */
const USUAL = [".env", ".env.*", ".envrc", ".dev.vars"];

/** A checkout. Where `core.worktree` says that it is elsewhere, git finds the clone from there only when it is told. */
export interface Checkout {
  /** git, bound to its top. */
  readonly git: Git;
  readonly top: string;
  readonly gitDir: string;
}

/**
 * Ignored files that matter to whoever works in a checkout: what its list names, else the usual ones. Without a list nobody
 * means a package's own `.env`.
 * @param ignored what git ignores; a directory that is ignored as a whole is one entry, with a slash
 * @param options encoding of paths: `latin1` keeps every byte
 */
export async function listIncluded(
  { git, gitDir, top }: Checkout,
  ignored: readonly string[],
  options: Pick<GitRunOptions, "encoding"> = {},
): Promise<string[]> {
  const env = { GIT_DIR: gitDir };
  const list = join(top, INCLUDE_FILE);
  if (readText(list) === null) return ignored.filter((path) => isUsual(path.slice(path.lastIndexOf("/") + 1)));
  const named = await git.records(["ls-files", "-z", "--others", "--ignored", `--exclude-from=${list}`], {
    env,
    ...options,
  });
  const files = named.filter((path) => !path.endsWith("/") && !/^\.(worktrees|sessions)\//.test(path));
  if (files.length === 0) return [];
  // What git does not ignore would show as untracked in each worktree.
  const input = Buffer.from(files.map((path) => `${path}\0`).join(""), options.encoding ?? "utf8");
  const checked = new Set(await git.records(["check-ignore", "-z", "--stdin"], { input, env, allow: [1], ...options }));
  return files.filter((path) => checked.has(path));
}

function isUsual(name: string): boolean {
  return USUAL.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}
