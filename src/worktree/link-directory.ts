import { lstatSync, mkdirSync, realpathSync, statSync, symlinkSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";

/**
 * Links a path to what is elsewhere: relatively, which survives the clone's being moved; on Windows by a junction, which
 * needs no rights but a full path.
 */
export function linkDirectory(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (process.platform !== "win32") {
    symlinkSync(relative(realpathSync(dirname(path)), target), path);
    return;
  }
  const isDirectory = (lstatSync(target).isSymbolicLink() ? statSync(target) : lstatSync(target)).isDirectory();
  symlinkSync(resolve(target), path, isDirectory ? "junction" : "file");
}
