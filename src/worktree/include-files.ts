import { constants, copyFileSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Checkout, listIncluded } from "../git/included-files.ts";
import { worktreeLayout } from "../layout/paths.ts";

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
  main: Checkout,
  { worktree, gitDir, ignored }: { worktree: string; gitDir: string; ignored: readonly string[] },
): Promise<Included> {
  const named = await listIncluded(main, ignored);
  const copied: string[] = [];
  const left: string[] = [];
  const draft = worktreeLayout(gitDir).copying;
  for (const path of named) (copyOne(main.top, worktree, path, draft) ? copied : left).push(path);
  return { copied, left };
}

/** What git ignores in a checkout. A directory that is ignored as a whole is one entry, and is not entered. */
export function listIgnored({ git, gitDir }: Checkout): Promise<string[]> {
  const list = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
  return git.records(list, { env: { GIT_DIR: gitDir } });
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
