import { BulkheadError } from "../domain/error.ts";
import { gitCommandName } from "./command-line.ts";

/** A git that did not end as it was allowed to. */
export interface FailedRun {
  readonly exitCode?: number | undefined;
  /** Set where it could not be started: `ENOENT` and the like. */
  readonly code?: string | undefined;
  readonly timedOut?: boolean | undefined;
  readonly isCanceled?: boolean | undefined;
  readonly signal?: string | undefined;
  readonly stderr: string;
  readonly shortMessage?: string | undefined;
}

/** The error for it: `INTERRUPTED` when it was called off, `GIT_MISSING`, else `GIT_FAILED` with git's own last word. */
export function gitError(args: readonly string[], directory: string, result: FailedRun): BulkheadError {
  if (result.isCanceled) return new BulkheadError("INTERRUPTED");
  if (result.code === "ENOENT") return new BulkheadError("GIT_MISSING");
  const reason = result.timedOut
    ? "it took too long and was ended"
    : result.signal
      ? `it was ended by ${result.signal}`
      : lastLine(result.stderr) || result.shortMessage || `exit code ${result.exitCode}`;
  return new BulkheadError("GIT_FAILED", {
    command: gitCommandName(args),
    reason,
    exitCode: result.exitCode ?? null,
    directory,
    stderr: result.stderr.trim(),
  });
}

/** git's own last word: the final `fatal:`/`error:` line, else the last line. */
function lastLine(stderr: string): string {
  const lines = stderr.trim().split(/\r?\n/);
  return lines.findLast((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? "";
}
