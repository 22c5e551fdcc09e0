import { execa } from "execa";
import { BulkheadError } from "../domain/error.ts";
import { gitCommandName } from "./command-line.ts";
import { gitEnvironment, READ_ONLY_ENVIRONMENT } from "./environment.ts";

/** What a finished git left behind. An exit code that the caller did not allow never gets here. */
export interface GitOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitRunOptions {
  /** Written to git's standard input, which is empty otherwise. */
  readonly input?: string | Buffer;
  /** Exit codes that are an answer ("git said no") and not a failure. Always includes 0. */
  readonly allow?: readonly number[];
  /** Added to the environment for this run. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which git is ended and the run has failed. None by default. */
  readonly timeout?: number;
  /** `write` lets git take optional locks; reads, the default, do not. */
  readonly mode?: "read" | "write";
}

/** git, bound to one directory. The only way Bulkhead's commands start it. */
export interface Git {
  readonly directory: string;
  /**
   * Runs git with an argument list.
   * @throws BulkheadError `GIT_FAILED` on an exit code that was not allowed, a signal or a time-out; `GIT_MISSING`.
   */
  run(args: readonly string[], options?: GitRunOptions): Promise<GitOutput>;
  /** Standard output without the final newline. */
  text(args: readonly string[], options?: GitRunOptions): Promise<string>;
  /** Records of `-z` output, without the empty one at its end. */
  records(args: readonly string[], options?: GitRunOptions): Promise<string[]>;
  /** git for another directory with the same environment. */
  in(directory: string): Git;
}

const MAX_BUFFER_BYTES = 1024 * 1024 * 1024;

/** @param directory where git runs, as with `git -C` */
export function createGit(directory: string, base: NodeJS.ProcessEnv = process.env): Git {
  const run = (args: readonly string[], options: GitRunOptions = {}) => runGit(directory, base, args, options);
  return {
    directory,
    run,
    text: async (args, options) => (await run(args, options)).stdout.replace(/\r?\n$/, ""),
    records: async (args, options) => splitRecords((await run(args, options)).stdout),
    in: (other) => createGit(other, base),
  };
}

/** Splits NUL-terminated output into its records. */
export function splitRecords(output: string): string[] {
  if (output === "") return [];
  return (output.endsWith("\0") ? output.slice(0, -1) : output).split("\0");
}

async function runGit(
  directory: string,
  base: NodeJS.ProcessEnv,
  args: readonly string[],
  options: GitRunOptions,
): Promise<GitOutput> {
  const env = {
    ...gitEnvironment(base),
    ...(options.mode === "write" ? {} : READ_ONLY_ENVIRONMENT),
    ...options.env,
  };
  const result = await execa("git", [...args], {
    cwd: directory,
    env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: MAX_BUFFER_BYTES,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  });
  const output = { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
  if (result.exitCode === 0 || (result.exitCode !== undefined && options.allow?.includes(result.exitCode))) {
    return output;
  }
  throw gitError(args, directory, result);
}

interface FailedRun {
  readonly exitCode?: number | undefined;
  readonly code?: string | undefined;
  readonly timedOut?: boolean | undefined;
  readonly signal?: string | undefined;
  readonly stderr: string;
  readonly shortMessage?: string | undefined;
}

function gitError(args: readonly string[], directory: string, result: FailedRun): BulkheadError {
  if (result.code === "ENOENT") return new BulkheadError("GIT_MISSING");
  const reason = result.timedOut
    ? "it took too long and was ended"
    : result.signal
      ? `it was ended by ${result.signal}`
      : lastLine(result.stderr) || result.shortMessage || `exit code ${result.exitCode}`;
  return new BulkheadError("GIT_FAILED", {
    command: gitCommandName(args),
    reason: redactUrls(reason),
    exitCode: result.exitCode ?? null,
    directory,
    stderr: redactUrls(result.stderr.trim()),
  });
}

/** git's own last word: the final `fatal:`/`error:` line, else the last line. */
function lastLine(stderr: string): string {
  const lines = stderr.trim().split(/\r?\n/);
  return lines.findLast((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? "";
}

/** Removes user and password from URLs: a token in a remote URL must not reach a message. */
export function redactUrls(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@']+@/gi, "$1");
}
