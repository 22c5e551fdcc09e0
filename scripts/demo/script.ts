import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** What a command left behind. */
export interface Finished {
  readonly exitCode: number;
  readonly output: string;
}

/** Raised when the product did not do what the demo tells. */
export class NotAsTold extends Error {}

/** Prints each command as a user would type it, runs it for real, and holds the story to what happened. */
export class Script {
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;
  #step = 0;

  constructor(directory: string, env: NodeJS.ProcessEnv) {
    this.#directory = directory;
    this.#env = env;
  }

  /** Announces a chapter of the story. */
  chapter(title: string): void {
    this.#step += 1;
    process.stdout.write(`\n${bold(`${this.#step}. ${title}`)}\n`);
  }

  /** A sentence for the audience. */
  tell(text: string): void {
    process.stdout.write(`   ${text}\n`);
  }

  /**
   * Shows and runs a command.
   * @param expected its exit code; "refused" for any but 0
   */
  async run(cwd: string, words: readonly string[], expected: number | "refused" = 0): Promise<Finished> {
    const [program = "", ...args] = words;
    const place = relative(this.#directory, cwd) || ".";
    process.stdout.write(`\n   ${dim(`${place}$`)} ${words.map(shown).join(" ")}\n`);
    const result = await this.#start(cwd, program, args);
    for (const line of result.output.split("\n").filter(Boolean)) process.stdout.write(`   ${line}\n`);
    const fine = expected === "refused" ? result.exitCode !== 0 : result.exitCode === expected;
    if (!fine) throw new NotAsTold(`'${words.join(" ")}' exited ${result.exitCode}, not ${expected}.`);
    return result;
  }

  /** Runs a command that is not part of the story. @returns its standard output, without the final newline */
  async quietly(cwd: string, program: string, ...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#execute(cwd, program, args, false);
    if (exitCode !== 0) throw new NotAsTold(`${program} ${args.join(" ")} exited ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** Runs a bulkhead command with `--json`. @returns its document */
  async json<T>(cwd: string, ...args: string[]): Promise<T> {
    return JSON.parse(await this.quietly(cwd, process.execPath, ...this.#cli(), ...args, "--json")) as T;
  }

  /** Holds the story to the facts: what is said is printed with a tick, or ends the demo. */
  check(fact: boolean, said: string): void {
    if (!fact) throw new NotAsTold(said);
    process.stdout.write(`   ${green("✓")} ${said}\n`);
  }

  #cli(): string[] {
    return [fileURLToPath(new URL("../../dist/cli.js", import.meta.url))];
  }

  async #start(cwd: string, program: string, args: readonly string[]): Promise<Finished> {
    const { exitCode, all } = await this.#execute(cwd, program, args, true);
    return { exitCode, output: all };
  }

  async #execute(cwd: string, program: string, args: readonly string[], together: boolean) {
    const { exitCode, stdout, stderr, all } = await execa(program, [...args], {
      cwd,
      env: this.#env,
      extendEnv: false,
      reject: false,
      stdin: "ignore",
      all: together,
    });
    return { exitCode: exitCode ?? -1, stdout, stderr, all: all ?? "" };
  }
}

/** A word as it would be typed. */
function shown(word: string): string {
  return /^[\w@%+=:,./~^-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const colours = process.stdout.isTTY === true && (process.env.NO_COLOR ?? "") === "";
const paint = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = paint(1);
const dim = paint(2);
const green = paint(32);
