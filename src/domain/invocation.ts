/**
 * How a person calls Bulkhead from where they are. Every text that names a command of ours takes it from here: in a
 * linked worktree there is no `node_modules`, a global install knows no `npx`, and a clone that is armed has `git bulkhead`
 * everywhere.
 */

/** The form that works in every worktree of a clone that `init` has armed. */
export const GIT_ALIAS = "git bulkhead";

let form = "bulkhead";

/** Set once, by the program that runs, when it has found out where it is. @param words such as `npx bulkhead` */
export function setInvocation(words: string): void {
  form = words;
}

/** A command as it can be typed here. @param words what follows the program's name, such as `start <item>` */
export function typed(words: string): string {
  return words === "" ? form : `${form} ${words}`;
}

/** What tells how this process was started. */
export interface Started {
  readonly env: NodeJS.ProcessEnv;
  /** Absolute path of the program. */
  readonly program: string;
  /** Whether a `bulkhead` on the PATH is this very program. */
  readonly onPath: boolean;
  /** One word of a command line, quoted where it has to be. */
  readonly quote: (word: string) => string;
}

/** The form in which this process was started, for a clone that is not armed (yet). Pure. */
export function startedAs({ env, program, onPath, quote }: Started): string {
  // Package managers say who they are to what they run (https://docs.npmjs.com/cli/using-npm/config#user-agent).
  const [manager = ""] = (env.npm_config_user_agent ?? "").split("/");
  const run: Record<string, string> = {
    npm: "npx bulkhead",
    pnpm: "pnpm bulkhead",
    yarn: "yarn bulkhead",
    bun: "bunx bulkhead",
  };
  return run[manager] ?? (onPath ? "bulkhead" : `node ${quote(program)}`);
}
