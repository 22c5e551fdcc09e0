import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { commonLayout } from "../../layout/paths.ts";

/** What sets git-lfs's hooks up behind ours, and uploads what earlier pushes have left behind. */
export const LFS_CURE = "git lfs update --force, then: git lfs push --all <remote>";

/** Whether git-lfs keeps files of this clone: it puts their content there when they are added. Asks no git. */
export function keepsLfsFiles(commonDir: string): boolean {
  return existsSync(join(commonDir, "lfs", "objects"));
}

/**
 * Whether a pre-push hook of the chain calls git-lfs, or belongs to a manager that does (lefthook calls it by itself).
 * @param chain the hooks path that git would use without us; empty for the clone's own hooks
 */
export function callsLfs(chain: string, topLevel: string, commonDir: string): boolean {
  const set = isAbsolute(chain) ? chain : join(topLevel, chain);
  const directories =
    chain === "" ? [join(commonDir, "hooks")] : [set, ...(/[\\/]_[\\/]?$/.test(chain) ? [dirname(set)] : [])];
  // Tools that have installed into our directory may have been given a place there.
  return [...directories, commonLayout(commonDir).theirs].some((directory) =>
    namesIn(directory)
      .filter((name) => name.startsWith("pre-push") && !name.endsWith(".sample"))
      .some((name) => /git[- ]lfs|lefthook/.test(textOf(join(directory, name)))),
  );
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
