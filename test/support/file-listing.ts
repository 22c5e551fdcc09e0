import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * Every file below a directory with its mode and content: for comparing before and after byte for byte.
 * @param skip names of directories and files to leave out
 */
export function listFiles(directory: string, skip: readonly string[] = []): Record<string, string> {
  const listing: Record<string, string> = {};
  const visit = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      if (skip.includes(name)) continue;
      const file = join(path, name);
      const stat = lstatSync(file);
      const key = relative(directory, file);
      if (stat.isDirectory()) {
        listing[`${key}/`] = "directory";
        visit(file);
      } else if (stat.isSymbolicLink()) listing[key] = `-> ${readlinkSync(file)}`;
      else listing[key] = `${(stat.mode & 0o777).toString(8)} ${readFileSync(file, "latin1")}`;
    }
  };
  visit(directory);
  return listing;
}

/** What git writes in passing, whoever asks it. */
export const GIT_TRAFFIC = ["objects", "index", "logs", "COMMIT_EDITMSG", "ORIG_HEAD", "FETCH_HEAD"] as const;
