import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { join } from "node:path";
import { isInside } from "../files/same-path.ts";
import { EXPECTATION_FILES } from "../layout/paths.ts";

/** So many files of one ignored directory are compared; one with more counts as something of its own. */
const MAX_FILES = 5000;
/** A larger file is not read to be compared. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Of the ignored paths of a worktree, those that are nowhere else: not disposable, not Bulkhead's own, and not the same
 * as in the main checkout, from which they were copied.
 */
export function findUniqueIgnored(
  topLevel: string,
  mainTop: string | null,
  ignored: readonly string[],
  isDisposable: (path: string) => boolean,
): string[] {
  const own = new Set<string>(EXPECTATION_FILES);
  return ignored
    .filter((path) => !own.has(path) && !isDisposable(path))
    .flatMap((path) => firstUnique(topLevel, mainTop, path, isDisposable) ?? []);
}

/** The path itself, or of a directory the first thing in it that is unique; null for none. */
function firstUnique(
  topLevel: string,
  mainTop: string | null,
  path: string,
  isDisposable: (path: string) => boolean,
): string | null {
  const rooms = [path.replace(/\/+$/, "")];
  for (let count = 0; count < MAX_FILES; count++) {
    const here = rooms.pop();
    if (here === undefined) return null;
    const stat = lstatSync(join(topLevel, here), { throwIfNoEntry: false });
    if (stat === undefined || isDisposable(here)) continue;
    if (stat.isDirectory()) rooms.push(...readdirSync(join(topLevel, here)).map((name) => `${here}/${name}`));
    else if (mainTop === null || !isSame(topLevel, mainTop, here, stat)) return here;
  }
  return path;
}

function isSame(topLevel: string, mainTop: string, path: string, stat: Stats): boolean {
  const [here, there] = [join(topLevel, path), join(mainTop, path)];
  if (stat.isSymbolicLink()) return leadsInto(here, mainTop, topLevel) || linkText(here) === linkText(there);
  const other = lstatSync(there, { throwIfNoEntry: false });
  if (!stat.isFile() || !other?.isFile() || stat.size !== other.size || stat.size > MAX_BYTES) return false;
  return readFileSync(here).equals(readFileSync(there));
}

/** A link that Bulkhead has made leads to the main checkout: nothing goes with it. */
function leadsInto(link: string, mainTop: string, topLevel: string): boolean {
  try {
    const target = realpathSync(link);
    return isInside(target, mainTop) && !isInside(target, topLevel);
  } catch {
    return false;
  }
}

function linkText(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
