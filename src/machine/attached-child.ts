/** A program that runs as if it had been typed at this process's terminal: it has its input, its output and its signals. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { runPsOf } from "./process-table.ts";

export type ChildEnd =
  | { readonly kind: "ended"; readonly exitCode: number }
  | { readonly kind: "killed"; readonly signal: NodeJS.Signals }
  /** `reason` is the system's code, such as `ENOENT`. */
  | { readonly kind: "not_started"; readonly reason: string };

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where its standard output goes: this process's own, or its standard error. */
  readonly output: "stdout" | "stderr";
  /** Called when signals are this function's to pass on: until then whoever listened before does. */
  readonly onListening: () => void;
}

/** What a program may be sent; all of it would end this process, which has to outlive the program. */
const PASSED_ON: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/**
 * Runs a program in the foreground until it ends. It stays in this process's group, so that the terminal is its own, job
 * control holds both, and what is typed (Ctrl-C, Ctrl-Z, Ctrl-\) reaches it straight; what is sent to this process alone
 * is passed on. Throws only what `afterwards` throws.
 * @param afterwards done when the program has ended, with signals still held off: a terminal that hangs up sends more than one
 */
export async function runAttachedChild<T>(
  program: string,
  args: readonly string[],
  { cwd, env, output, onListening }: ChildOptions,
  afterwards: (end: ChildEnd) => Promise<T>,
): Promise<T> {
  const waiting: NodeJS.Signals[] = [];
  let send = (signal: NodeJS.Signals): void => void waiting.push(signal);
  const listen = (signal: NodeJS.Signals) => {
    if (!isTyped(signal)) send(signal);
  };
  const signals = process.platform === "win32" ? PASSED_ON.filter((name) => !name.startsWith("SIGUSR")) : PASSED_ON;
  for (const name of signals) process.on(name, listen);
  onListening();
  try {
    const end = await new Promise<ChildEnd>((resolve) => {
      try {
        const child = spawn(program, args, {
          cwd,
          env,
          stdio: ["inherit", output === "stdout" ? "inherit" : 2, "inherit"],
        });
        child.once("error", (cause: NodeJS.ErrnoException) => {
          if (child.pid === undefined) resolve({ kind: "not_started", reason: cause.code ?? cause.message });
        });
        child.once("close", (exitCode, signal) => {
          resolve(signal === null ? { kind: "ended", exitCode: exitCode ?? 0 } : { kind: "killed", signal });
        });
        send = (signal) => void child.kill(signal);
        for (const signal of waiting) send(signal);
      } catch (cause) {
        // Arguments that no program can be given, such as one with a NUL.
        resolve({ kind: "not_started", reason: (cause as NodeJS.ErrnoException).code ?? String(cause) });
      }
    });
    send = () => {};
    return await afterwards(end);
  } finally {
    for (const name of signals) process.removeListener(name, listen);
  }
}

/**
 * Whether a signal was typed at the terminal, which gives it to every process in the foreground: passed on, it would reach
 * the program twice, and many take the second Ctrl-C for "at once".
 */
function isTyped(signal: NodeJS.Signals): boolean {
  if (signal !== "SIGINT" && signal !== "SIGQUIT") return false;
  return process.platform === "win32" || isInForeground();
}

/** Whether this process's group has its terminal (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html). */
function isInForeground(): boolean {
  try {
    const fields =
      process.platform === "linux"
        ? readFileSync("/proc/self/stat", "utf8")
            .replace(/^.*\) /s, "")
            .split(" ")
        : ["", "", ...runPsOf(process.pid, ["pgid", "sess", "tty", "tpgid"])];
    const [, , group = "", , , foreground = ""] = fields;
    return group !== "" && group === foreground;
  } catch {
    return false;
  }
}
