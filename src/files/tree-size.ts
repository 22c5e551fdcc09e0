import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** How large something is. */
export interface MeasuredSize {
  readonly bytes: number;
  /** False where it was not measured to the end: then there are at least so many. */
  readonly complete: boolean;
}

/**
 * Bytes of files, and of those below directories; links count as links. What cannot be read counts for nothing.
 * @param most how many files are measured at most; all unless told
 */
export function treeSize(paths: readonly string[], most = Number.POSITIVE_INFINITY): MeasuredSize {
  let [bytes, files] = [0, 0];
  const rooms = [...paths];
  for (let path = rooms.pop(); path !== undefined; path = rooms.pop()) {
    if (files >= most) return { bytes, complete: false };
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory()) for (const name of readdirSync(path)) rooms.push(join(path, name));
      else if (stat !== undefined) files++;
      if (stat?.isFile()) bytes += stat.size;
    } catch {
      // Gone meanwhile, or not ours to enter.
    }
  }
  return { bytes, complete: true };
}
