/** Whether two paths are one: the only place where paths are compared. */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Whether two absolute paths name the same place: git writes `C:/x` where Windows says `C:\x`, and a place may be
 * reached by a link. What cannot be resolved (a worktree whose directory is gone) is compared as it is written.
 */
export function isSamePath(a: string, b: string): boolean {
  return comparablePath(a) === comparablePath(b) || comparablePath(resolveLinks(a)) === comparablePath(resolveLinks(b));
}

/** Whether a path is a directory or lies inside of it. */
export function isInside(path: string, directory: string): boolean {
  const [inner, outer] = [comparablePath(resolveLinks(path)), comparablePath(resolveLinks(directory))];
  return inner === outer || inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}

/**
 * A path in the one form in which paths are compared, and can be keys. Pure.
 * @param windows whether names differ by case only in looks and backslashes separate, as on Windows
 */
export function comparablePath(path: string, windows = process.platform === "win32"): string {
  const forward = windows ? path.replaceAll("\\", "/").toLowerCase() : path;
  const trimmed = forward.replace(/\/+$/, "");
  return trimmed === "" ? forward.slice(0, 1) : trimmed;
}

/** A path without links; what is gone, or not ours to enter, counts by its name in a directory that is there. */
/** A path without links in it; one that cannot be resolved as it is. */
export function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(resolveLinks(parent), basename(path));
  }
}
