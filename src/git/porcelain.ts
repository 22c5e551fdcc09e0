/**
 * git's porcelain that people wait for: fetches, pushes, the state of a worktree. simple-git streams its progress, ends it when
 * all is called off, and reads its status; everything else goes through `run-git.ts`.
 */
import type { SimpleGit, SimpleGitProgressEvent } from "simple-git";
import { BulkheadError } from "../domain/error.ts";
import type { Git } from "./git.ts";
import { gitError } from "./git-error.ts";

/** Told how far a step is: a line that replaces the one before. */
export type ProgressLine = (line: string) => void;

export interface PorcelainOptions {
  readonly progress?: ProgressLine | undefined;
  /** Exit codes that are an answer and not a failure. Always includes 0. */
  readonly allow?: readonly number[];
}

export interface PorcelainAnswer {
  readonly exitCode: number;
  readonly stderr: string;
}

/**
 * Runs a `fetch`, `push` or `worktree` command, with its progress.
 * @throws BulkheadError `GIT_FAILED`, `GIT_MISSING`, `INTERRUPTED`
 */
export async function runPorcelain(
  git: Git,
  args: readonly string[],
  { progress, allow = [] }: PorcelainOptions = {},
): Promise<PorcelainAnswer> {
  let ended: PorcelainAnswer | null = null;
  const porcelain = await openPorcelain(git, progress, (answer) => {
    ended = answer;
  });
  try {
    await porcelain.raw([...args]);
    return ended ?? { exitCode: 0, stderr: "" };
  } catch (cause) {
    const answer = ended as PorcelainAnswer | null;
    if (answer !== null && allow.includes(answer.exitCode)) return answer;
    const isCanceled = git.signal?.aborted ?? false;
    // What never ran has no exit code: then the library's own words say why.
    const message = cause instanceof Error ? cause.message : String(cause);
    const code = /\bENOENT\b/.test(message) ? "ENOENT" : undefined;
    throw gitError(args, git.directory, { isCanceled, code, shortMessage: message, ...(answer ?? { stderr: "" }) });
  } finally {
    progress?.("");
  }
}

/** What stands in a worktree that no commit holds. */
export interface WorktreeChanges {
  /** Paths of tracked files that are changed or staged. */
  readonly changed: readonly string[];
  /** Untracked files, a directory that is untracked as a whole as one. */
  readonly untracked: readonly string[];
}

/** Reads the state of the worktree that git is bound to. @throws BulkheadError `GIT_FAILED`, `GIT_MISSING` */
export async function readChanges(git: Git): Promise<WorktreeChanges> {
  const porcelain = await openPorcelain(git, undefined, () => {});
  try {
    const { files } = await porcelain.status(["--untracked-files=normal", "--ignore-submodules=untracked"]);
    const isUntracked = ({ index, working_dir: there }: { index: string; working_dir: string }) =>
      index === "?" && there === "?";
    return {
      changed: files.filter((file) => !isUntracked(file)).map(({ path }) => path),
      untracked: files.filter(isUntracked).map(({ path }) => path),
    };
  } catch (cause) {
    if (cause instanceof BulkheadError) throw cause;
    const isCanceled = git.signal?.aborted ?? false;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw gitError(["status"], git.directory, { isCanceled, stderr: message });
  }
}

/** What simple-git guards in the environment of a program that takes it from strangers. */
const PERSONAL_ENVIRONMENT = {
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeEditor: true,
  allowUnsafeExec: true,
  allowUnsafeGitProxy: true,
  allowUnsafePager: true,
  allowUnsafeSshCommand: true,
  allowUnsafeTemplateDir: true,
} as const;

/** simple-git for a directory, with git's environment as ours is. Loaded only here. */
async function openPorcelain(
  git: Git,
  progress: ProgressLine | undefined,
  onEnd: (answer: PorcelainAnswer) => void,
): Promise<SimpleGit> {
  const { simpleGit } = await import("simple-git");
  const env = { ...git.env, GIT_OPTIONAL_LOCKS: "0" };
  return simpleGit({
    baseDir: git.directory,
    // The environment is the person's own, as for every git that they start themselves (environment.ts leaves out what
    // binds git elsewhere): what simple-git would refuse or strip of it, such as GIT_SSH_COMMAND, is meant.
    allowEnvironment: Object.keys(env),
    unsafe: PERSONAL_ENVIRONMENT,
    ...(git.signal === undefined ? {} : { abort: git.signal }),
    ...(progress === undefined ? {} : { progress: (event: SimpleGitProgressEvent) => progress(lineOf(event)) }),
    errors(error, { exitCode, stdErr }) {
      onEnd({ exitCode, stderr: Buffer.concat(stdErr).toString("utf8") });
      return exitCode === 0 ? undefined : (error ?? Buffer.concat(stdErr));
    },
  }).env(env as Record<string, string>);
}

function lineOf({ method, stage, progress }: SimpleGitProgressEvent): string {
  return `${method}: ${stage} ${progress} %`;
}
