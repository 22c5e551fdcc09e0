/** Finds out how people call Bulkhead from where they are, for every text that names a command. */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { GIT_ALIAS, setInvocation, startedAs } from "../domain/invocation.ts";
import { shellWord } from "../domain/shell-word.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { commonLayout } from "../layout/paths.ts";

/**
 * Notes how people call Bulkhead here: by git's alias in an armed clone, else as this process was started. Starts nothing.
 * @param directory where the command is typed
 */
export function noteInvocation(program: string, directory: string, env: NodeJS.ProcessEnv): void {
  setInvocation(startedAs({ env, program, onPath: isOnPath(program, env), quote: shellWord }));
  const place = findWorktreePlace(directory);
  if (place !== null) armedInvocation(place.commonDir);
}

/** In a clone that `init` has armed, `git bulkhead` works in each of its worktrees. */
export function armedInvocation(commonDir: string): void {
  if (existsSync(commonLayout(commonDir).launcher)) setInvocation(GIT_ALIAS);
}

function isOnPath(program: string, env: NodeJS.ProcessEnv): boolean {
  for (const directory of (env.PATH ?? "").split(delimiter)) {
    if (directory === "") continue;
    const found = join(directory, "bulkhead");
    if (existsSync(found)) return realpathSync(found) === realpathSync(program);
  }
  return false;
}
