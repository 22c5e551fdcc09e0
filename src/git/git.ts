/** git as the rest of Bulkhead sees it; `run-git.ts` starts it. */
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
  /** Milliseconds after which git is ended and the run has failed. Reads: ten minutes unless told. */
  readonly timeout?: number;
  /** `write` lets git take optional locks; reads, the default, do not. */
  readonly mode?: "read" | "write";
  /**
   * Whether git may be asked again when another process holds a lock: only for what changes nothing before it has all
   * its locks, and does the same when it is done twice.
   */
  readonly retryLocked?: boolean;
  /** How output becomes text: `latin1` keeps every byte, for paths that need not be UTF-8. */
  readonly encoding?: "utf8" | "latin1";
}

/** git, bound to one directory. The only way Bulkhead's commands start it. */
export interface Git {
  readonly directory: string;
  /** The environment that git gets, without what binds it to another repository. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends a git that runs. */
  readonly signal: AbortSignal | undefined;
  /**
   * Runs git with an argument list.
   * @throws BulkheadError `GIT_FAILED` on an exit code that was not allowed, a signal or a time-out; `GIT_MISSING`;
   * `INTERRUPTED` when it was called off
   */
  run(args: readonly string[], options?: GitRunOptions): Promise<GitOutput>;
  /** Standard output without the final newline. */
  text(args: readonly string[], options?: GitRunOptions): Promise<string>;
  /** Records of `-z` output, without the empty one at its end. */
  records(args: readonly string[], options?: GitRunOptions): Promise<string[]>;
  /** git for another directory with the same environment. */
  in(directory: string): Git;
  /** git that is not ended when the command is called off: for cleaning up, and for steps whose children would go on alone. */
  undisturbed(): Git;
}

/** What every git that one `Git` starts has in common. */
export interface GitSurroundings {
  readonly env?: NodeJS.ProcessEnv;
  /** Calls off whatever git runs: it is ended. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each git that has ended, for `BULKHEAD_TRACE=1`. */
  readonly trace?: ((call: GitCall) => void) | undefined;
}

/** One git that ran. */
export interface GitCall {
  readonly args: readonly string[];
  readonly directory: string;
  readonly milliseconds: number;
  /** Null when it was ended by a signal or could not be started. */
  readonly exitCode: number | null;
}

/** Splits NUL-terminated output into its records. */
export function splitRecords(output: string): string[] {
  if (output === "") return [];
  return (output.endsWith("\0") ? output.slice(0, -1) : output).split("\0");
}
