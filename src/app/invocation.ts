/** Finds out how people call Bulkhead from where they are, for every text that names a command. */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { GIT_ALIAS, setInvocation, startedAs } from "../domain/invocation.ts";
import { shellWord } from "../domain/shell-word.ts";
import { commonLayout } from "../layout/paths.ts";

/** Notes how this process was started: the form of all texts until a clone is found that has a better one. */
export function startedInvocation(program: string, env: NodeJS.ProcessEnv): void {
  setInvocation(startedAs({ env, program, onPath: isOnPath(program, env), quote: shellWord }));
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
