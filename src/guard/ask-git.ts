import { type GitAnswer, runGitSync } from "../git/git-sync.ts";

/** Raised when a fact cannot be had: the guard then fails closed. */
export class ObservationError extends Error {}

/** Where git is asked: in the hook's own directory, with the variables that git set for it. */
export interface AskedPlace {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Asks git as the hook was run.
 * @param options.allow exit codes besides 0 that are an answer
 * @throws ObservationError when git cannot run or fails
 */
export function askGit(
  place: AskedPlace,
  args: readonly string[],
  options: { allow?: readonly number[]; input?: string } = {},
): Extract<GitAnswer, { ran: true }> {
  const { allow = [], input } = options;
  const answer = runGitSync(args, { cwd: place.cwd, env: place.env, ...(input === undefined ? {} : { input }) });
  if (!answer.ran) throw new ObservationError(answer.reason);
  if (answer.exitCode !== 0 && !allow.includes(answer.exitCode)) {
    throw new ObservationError(`git ${args[0]}: ${answer.stderr.trim().split("\n")[0]}`);
  }
  return answer;
}
