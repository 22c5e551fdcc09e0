import { spawn } from "node:child_process";
import type { FailedRun } from "./git-error.ts";

/** How a process is run. */
export interface BriefRun {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds after which it is ended. */
  readonly timeout?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  readonly encoding: "utf8" | "latin1";
  /** Written to its standard input, which is empty otherwise. */
  readonly input?: string | Buffer | undefined;
}

/** Milliseconds that a process has to clean up after it was told to end. */
const GRACE_MS = 5_000;

/** Runs a program with an argument list by Node's own means, and gathers what it prints. Never throws. */
export function runBriefly(
  program: string,
  args: readonly string[],
  { directory, env, timeout, signal, encoding, input }: BriefRun,
): Promise<FailedRun & { readonly stdout: string }> {
  if (signal?.aborted) return Promise.resolve({ isCanceled: true, stdout: "", stderr: "" });
  const state = { timedOut: false, isCanceled: false };
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      cwd: directory,
      env,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    // A program may end without having read everything: its exit code says what that means.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    const [stdout, stderr] = [gather(child.stdout, encoding), gather(child.stderr, encoding)];
    let failure: NodeJS.ErrnoException | undefined;
    const timers: NodeJS.Timeout[] = [];
    const end = (reason: keyof typeof state) => {
      state[reason] = true;
      child.kill("SIGTERM");
      timers.push(setTimeout(() => child.kill("SIGKILL"), GRACE_MS));
    };
    const cancel = () => end("isCanceled");
    if (timeout !== undefined) timers.push(setTimeout(() => end("timedOut"), timeout));
    signal?.addEventListener("abort", cancel, { once: true });
    child.on("error", (cause: NodeJS.ErrnoException) => {
      failure ??= cause;
    });
    child.on("close", (exitCode, endedBy) => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      const ran = failure === undefined;
      resolve({
        ...state,
        // A program that could not be started "exits" with a negative number.
        ...(ran && exitCode !== null ? { exitCode } : {}),
        ...(ran && endedBy !== null ? { signal: endedBy } : {}),
        ...(failure === undefined ? {} : { code: failure.code, shortMessage: failure.message }),
        stdout: stdout(),
        stderr: stderr(),
      });
    });
  });
}

function gather(stream: NodeJS.ReadableStream | null, encoding: BriefRun["encoding"]): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString(encoding);
}
