import { spawnSync } from "node:child_process";

/**
 * What came of running git: its answer, or the fact that it could not run. Used by the hooks' full
 * guard, which must load nothing but Node itself.
 */
export type GitAnswer =
  | {
      readonly ran: true;
      readonly exitCode: number;
      readonly stdout: string;
      /** Standard output undecoded: ref names need not be UTF-8. */
      readonly bytes: Buffer;
      readonly stderr: string;
    }
  | { readonly ran: false; readonly reason: string };

/**
 * Runs git and waits. Inside a hook the environment is git's own (`GIT_DIR`, `GIT_INDEX_FILE` …) and is kept.
 * @param timeout milliseconds; a git that takes longer is ended and counts as not having run
 */
export function runGitSync(
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; input?: string | Uint8Array; timeout?: number },
): GitAnswer {
  const env = { ...(options.env ?? process.env), LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };
  return runProgramSync("git", args, { ...options, env });
}

/** Runs another program and waits, with the same kinds of answer. */
export function runProgramSync(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string | Uint8Array; timeout?: number } = {},
): GitAnswer {
  const result = spawnSync(program, [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? process.env,
    input: options.input ?? "",
    maxBuffer: 256 * 1024 * 1024,
    timeout: options.timeout ?? 30_000,
  });
  if (result.error) return { ran: false, reason: result.error.message };
  if (result.status === null) return { ran: false, reason: `${program} was ended by ${result.signal}` };
  const { status: exitCode, stdout: bytes, stderr } = result;
  return { ran: true, exitCode, stdout: bytes.toString("utf8"), bytes, stderr: stderr.toString("utf8") };
}
