import { lstatSync, realpathSync } from "node:fs";

/** Whether a path is a symbolic link, also one that leads nowhere. */
export function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Where a link leads; any other path as it is. Replacing a link by a file would cut off whoever keeps the file elsewhere. */
export function followLink(path: string): string {
  return isLink(path) ? realpathSync(path) : path;
}
