import { spawn } from "node:child_process";

/**
 * Runs a command line that somebody has agreed to, by the system's shell, as a person would type it.
 * @param line told each line that it prints
 * @returns its exit code; null when it was ended by a signal or could not be started
 */
export function runCommand(
  command: string,
  options: { cwd: string; env: NodeJS.ProcessEnv; signal: AbortSignal | undefined; line: (text: string) => void },
): Promise<number | null> {
  const { cwd, env, signal, line } = options;
  const [shell, ...flags] = shellWords();
  return new Promise((resolve) => {
    const child = spawn(shell, [...flags, command], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, line);
    child.on("error", () => resolve(null));
    child.on("close", (code) => resolve(code));
  });
}

function shellWords(): [string, ...string[]] {
  return process.platform === "win32" ? ["cmd.exe", "/d", "/s", "/c"] : ["/bin/sh", "-c"];
}

/** Runs a command line as if it had been typed there: it has the terminal, but for standard output, which is for results. */
export function runAttached(command: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<number | null> {
  const [shell, ...flags] = shellWords();
  return new Promise((resolve) => {
    const child = spawn(shell, [...flags, command], { ...options, stdio: ["inherit", 2, 2] });
    child.on("error", () => resolve(null));
    child.on("close", (code) => resolve(code));
  });
}

function eachLine(stream: NodeJS.ReadableStream, line: (text: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const one of lines) line(one);
  });
  stream.on("end", () => {
    if (rest !== "") line(rest);
  });
}
