/**
 * Sharing `node_modules` without danger: a real directory whose entries link to the main checkout's. A package manager
 * that replaces or deletes what it finds there meets links, and takes them away; it never gets behind them.
 */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isInside } from "../files/same-path.ts";
import type { Git } from "../git/git.ts";
import { hasPlainParents, listIgnored } from "./include-files.ts";
import { linkDirectory } from "./link-directory.ts";

const MODULES = "node_modules";

export type LinkMode = "entries" | "symlink" | "none";

/** What became of sharing. */
export interface SharedModules {
  /** Directories, from the worktree's top, that are shared now. */
  readonly linked: readonly string[];
  /** Why one is not, in words. */
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Shares every `node_modules` of the main checkout whose package the worktree has too.
 * @param found directories named `node_modules` in the main checkout, from its top: those of workspaces, too
 */
export function shareModules(
  mainTop: string,
  worktree: string,
  found: readonly string[],
  mode: LinkMode,
): SharedModules {
  const linked: string[] = [];
  const failed: { path: string; reason: string }[] = [];
  for (const path of mode === "none" ? [] : found) {
    const [from, to] = [join(mainTop, path), join(worktree, path)];
    if (!existsSync(dirname(to)) || !hasPlainParents(worktree, path) || !isOurs(to, mode)) continue;
    try {
      if (mode === "symlink") linkDirectory(from, to);
      else shareEntries({ from, to, mainTop, worktree });
      linked.push(path);
    } catch (cause) {
      failed.push({ path, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) });
    }
  }
  return { linked, failed };
}

/**
 * Whether a directory may be filled: nothing is there, or what an earlier command was ended at filling. A package manager
 * leaves notes of its own (`.package-lock.json`, `.modules.yaml`, …) in a directory that is its.
 */
function isOurs(to: string, mode: LinkMode): boolean {
  const stat = lstatSync(to, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  if (mode !== "entries" || !stat.isDirectory()) return false;
  return readdirSync(to, { withFileTypes: true }).every(
    (entry) => entry.name === ".bin" || entry.isSymbolicLink() || entry.name.startsWith("@"),
  );
}

/** The `node_modules` among the ignored paths of a checkout, as git lists them: those of packages, not of dependencies. */
export function moduleDirectories(ignored: readonly string[]): string[] {
  return ignored
    .map((path) => path.replace(/\/$/, ""))
    .filter((path) => path === MODULES || path.endsWith(`/${MODULES}`))
    .filter((path) => !dirname(path).split("/").includes(MODULES));
}

interface Sharing {
  readonly from: string;
  readonly to: string;
  readonly mainTop: string;
  readonly worktree: string;
}

function shareEntries({ from, to, mainTop, worktree }: Sharing): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (name === ".bin") copyPrograms(source, target);
    // Caches, and what a package manager notes of its own layout (`.package-lock.json`, `.pnpm`, `.modules.yaml`,
    // `.yarn-state.yml`): with these it would take the links for directories that it may work in.
    else if (name.startsWith(".")) continue;
    else if (name.startsWith("@") && lstatSync(source).isDirectory()) {
      shareEntries({ from: source, to: target, mainTop, worktree });
    } else shareEntry({ from: source, to: target, mainTop, worktree });
  }
}

/** A package of the repository itself (a workspace) is the worktree's own; every other is the main checkout's. */
function shareEntry({ from, to, mainTop, worktree }: Sharing): void {
  if (lstatSync(to, { throwIfNoEntry: false })) return;
  const own = lstatSync(from).isSymbolicLink() ? workspacePath(from, mainTop) : null;
  if (own !== null && existsSync(join(worktree, own))) linkDirectory(join(worktree, own), to);
  else linkDirectory(from, to);
}

/** Where in the checkout a link leads, if it leads to a part of it that is no dependency; null otherwise. */
function workspacePath(path: string, mainTop: string): string | null {
  try {
    const target = realpathSync(path);
    if (!isInside(target, mainTop)) return null;
    const inside = relative(realpathSync(mainTop), target);
    return inside === "" || inside.split(sep).includes(MODULES) ? null : inside;
  } catch {
    // A link that leads nowhere leads nowhere here, too.
    return null;
  }
}

/** `.bin` holds links to its neighbours, which are there by the same names; pnpm's are scripts with paths of their own. */
function copyPrograms(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    if (lstatSync(join(to, name), { throwIfNoEntry: false })) continue;
    if (lstatSync(source).isSymbolicLink()) {
      const text = readlinkSync(source);
      symlinkSync(isInside(resolve(from, text), dirname(from)) ? text : resolve(from, text), join(to, name));
    } else cpSync(source, join(to, name));
  }
}

/** Shares every `node_modules` of the main checkout with a worktree. @param clone git, bound to the worktree */
export async function linkModulesOf(clone: { git: Git; commonDir: string }, mainTop: string, worktree: string) {
  const main = { git: clone.git.in(mainTop), top: mainTop, gitDir: clone.commonDir };
  return shareModules(mainTop, worktree, moduleDirectories(await listIgnored(main)), "entries");
}
