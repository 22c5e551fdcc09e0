import { readdirSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { Git } from "../../git/git.ts";
import { commonLayout } from "../../layout/paths.ts";
import type { InstallFacts } from "../install/facts.ts";
import { gitOf } from "../install/observe.ts";
import type { Check } from "./checks.ts";

/**
 * Where files are kept by git-lfs, its pre-push hook uploads their content. Without it a push leaves the content behind, and
 * nothing says so.
 */
export async function checkLfs(facts: InstallFacts, git: Git): Promise<Check[]> {
  const checks = await Promise.all(
    facts.worktrees.map(async ({ topLevel, gitDir, ownHooksPath }): Promise<Check[]> => {
      const there = gitOf(git, topLevel, gitDir);
      const { stdout } = await there.run(["ls-files", "-z", "--", ":(top,attr:filter=lfs)"], { allow: [128] });
      if (stdout === "" || callsLfs(ownHooksPath ?? facts.chain, topLevel, facts.commonDir)) return [];
      const say = "files are kept by git-lfs, and no pre-push hook that would run uploads them";
      const detail = `${topLevel}: ${say}; add what \`git lfs update --manual\` prints to your pre-push hook`;
      return [{ name: "git-lfs", state: "failed", detail }];
    }),
  );
  return checks.flat();
}

/** Whether a pre-push hook of the chain calls git-lfs, or belongs to a manager that does (lefthook calls it by itself). */
function callsLfs(chain: string, topLevel: string, commonDir: string): boolean {
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
