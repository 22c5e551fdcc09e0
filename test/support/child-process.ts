import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onCleanup } from "./scratch.ts";

const TSX = import.meta.resolve("tsx");

/** A TypeScript program of the tests, run as a process of its own and spoken to line by line. */
export class TestProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #lines: string[] = [];
  #woken = () => {};

  /** @param program path beside the tests, as a URL; @param args its arguments */
  constructor(program: URL, args: readonly string[], env?: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, ["--import", TSX, fileURLToPath(program), ...args], {
      stdio: ["pipe", "pipe", "inherit"],
      env: env ?? process.env,
    });
    onCleanup(() => void this.child.kill("SIGKILL"));
    let rest = "";
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#woken();
    });
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code, signal) => {
        resolve({ code, signal });
        this.#woken();
      });
    });
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    while (this.#lines.length === 0) {
      if (this.child.exitCode !== null) throw new Error(`the process ended with ${this.child.exitCode}`);
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
    }
    return this.#lines.shift() ?? "";
  }

  say(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }
}
