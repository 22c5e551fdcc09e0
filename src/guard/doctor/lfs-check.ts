import type { Git } from "../../git/git.ts";
import { callsLfs, LFS_CURE } from "../hooks/lfs-hook.ts";
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
      const detail = `${topLevel}: ${say}; run: ${LFS_CURE}`;
      return [{ name: "git-lfs", state: "failed", detail }];
    }),
  );
  return checks.flat();
}
