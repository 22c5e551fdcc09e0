import { setTimeout as pause } from "node:timers/promises";
import { gitEnvironment, READ_ONLY_ENVIRONMENT } from "./environment.ts";
import { type Git, type GitOutput, type GitRunOptions, type GitSurroundings, splitRecords } from "./git.ts";
import { type FailedRun, gitError } from "./git-error.ts";
import { isLockHeld } from "./lock-fault.ts";
import { runBriefly } from "./run-briefly.ts";

const MAX_BUFFER_BYTES = 1024 * 1024 * 1024;
/** As much input as any pipe takes at once: for so little, loading a library costs more than the git that is fed. */
const BRIEF_INPUT = 16 * 1024;
/** Milliseconds after which a git that only reads counts as hanging. Long: a large repository on a slow disk is no fault. */
const READ_TIMEOUT_MS = 600_000;
/** Milliseconds to wait before git is asked again, where another process held a lock. */
const LOCK_PAUSES_MS = [50, 100, 200, 400, 800];

/** @param directory where git runs, as with `git -C` */
export function createGit(directory: string, surroundings: GitSurroundings = {}): Git {
  const env = gitEnvironment(surroundings.env ?? process.env);
  const run = (args: readonly string[], options: GitRunOptions = {}) =>
    runPatiently({ ...surroundings, env }, directory, args, options);
  return {
    directory,
    env,
    signal: surroundings.signal,
    run,
    text: async (args, options) => (await run(args, options)).stdout.replace(/\r?\n$/, ""),
    records: async (args, options) => splitRecords((await run(args, options)).stdout),
    in: (other) => createGit(other, surroundings),
    undisturbed: () => createGit(directory, { ...surroundings, signal: undefined }),
  };
}

interface FinishedRun extends FailedRun {
  readonly stdout: string;
}

/** Runs git, and again while another process holds a lock, where that was allowed. */
async function runPatiently(
  surroundings: GitSurroundings & { readonly env: NodeJS.ProcessEnv },
  directory: string,
  args: readonly string[],
  options: GitRunOptions,
): Promise<GitOutput> {
  for (let attempt = 0; ; attempt++) {
    const result = await runOnce(surroundings, directory, args, options);
    const wait = LOCK_PAUSES_MS[attempt];
    if (result.exitCode === 0) return outputOf(result, 0);
    if (options.retryLocked && wait !== undefined && isLockHeld(result.stderr)) {
      await pause(wait);
      continue;
    }
    if (result.exitCode !== undefined && options.allow?.includes(result.exitCode)) {
      return outputOf(result, result.exitCode);
    }
    throw gitError(args, directory, result);
  }
}

function outputOf({ stdout, stderr }: FinishedRun, exitCode: number): GitOutput {
  return { exitCode, stdout, stderr };
}

interface StreamOptions {
  readonly timeout: number | undefined;
  readonly encoding: "utf8" | "latin1";
  readonly env: NodeJS.ProcessEnv;
  readonly input: string | Buffer;
  readonly signal: AbortSignal | undefined;
}

async function runOnce(
  { env, signal, trace }: GitSurroundings & { readonly env: NodeJS.ProcessEnv },
  directory: string,
  args: readonly string[],
  options: GitRunOptions,
): Promise<FinishedRun> {
  const timeout = options.timeout ?? (options.mode === "write" ? undefined : READ_TIMEOUT_MS);
  // Node builds `performance` when it is first looked at, which this is not worth.
  const started = process.hrtime.bigint();
  const { encoding = "utf8" } = options;
  const environment = { ...env, ...(options.mode === "write" ? {} : READ_ONLY_ENVIRONMENT), ...options.env };
  const { input } = options;
  const result =
    input === undefined || input.length <= BRIEF_INPUT
      ? await runBriefly("git", args, { directory, env: environment, timeout, signal, encoding, input })
      : await runStreamed(args, directory, { env: environment, input, timeout, signal, encoding });
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
  trace?.({ args, directory, milliseconds, exitCode: result.exitCode ?? null });
  return result;
}

/** execa is loaded where plumbing is fed: the few short questions of most commands cost less than to load it. */
async function runStreamed(
  args: readonly string[],
  directory: string,
  { env, input, timeout, signal, encoding }: StreamOptions,
): Promise<FinishedRun> {
  const { execa } = await import("execa");
  return execa("git", [...args], {
    cwd: directory,
    env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: MAX_BUFFER_BYTES,
    encoding,
    input,
    ...(timeout === undefined ? {} : { timeout }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
}
