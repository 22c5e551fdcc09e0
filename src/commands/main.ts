import { Command, CommanderError } from "commander";
import { asBulkheadError, BulkheadError, type ExitCode, errorDocument, errorLines } from "../domain/error.ts";
import { displayed, printable, printableJson, printableText } from "../domain/printable.ts";
import type { CommandContext, CommandModule, CommandResult } from "./command.ts";
import { COMMANDS } from "./registry.ts";

/** The parts of `process` that a command line needs. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: { write(text: string): unknown; isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; isTTY?: boolean };
  cwd(): string;
}

/** Global options, which ask for nothing by themselves. */
const GLOBAL_WORDS = new Set(["-C", "--directory", "--json", "--quiet", "--no-color"]);

interface GlobalOptions {
  directory?: string;
  json?: boolean;
  quiet?: boolean;
  color?: boolean;
}

/** Runs one command line and prints its result. Never throws. */
export async function main(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stdout, stderr, env } = surroundings;
  let exitCode: ExitCode = 0;
  let argv = words;
  try {
    const program = createProgram(surroundings);
    const name = commandName(argv);
    const entry = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (entry !== undefined && name !== undefined) {
      // Its full shape takes the place of the summary that the help shows.
      addCommand(program, name, entry.summary, await entry.load(), surroundings, (code) => {
        exitCode = code;
      });
    } else {
      for (const [other, { summary, hidden }] of Object.entries(COMMANDS)) {
        program.command(other, { hidden: hidden ?? false }).description(summary);
      }
      if (name === "help") argv = ["--help"];
      else if (name !== undefined) throw unknownCommand(name);
    }
    if (name === undefined && !asksForItself(argv)) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const error = thrown instanceof CommanderError ? usageError(thrown, argv) : asBulkheadError(thrown);
    if (argv.includes("--json")) stdout.write(`${printableJson(errorDocument(error))}\n`);
    else stderr.write(`bulkhead: ${errorLines(error, displayed(error.data)).map(printableText).join("\n")}\n`);
    if (env.BULKHEAD_DEBUG === "1") stderr.write(`${printableText(describeDefect(thrown))}\n`);
    return error.exitCode;
  }
}

function createProgram({ stdout }: Surroundings): Command {
  const program = new Command("bulkhead")
    .description("Keeps the sessions of one git clone from sinking each other.")
    .usage("<command> [options]")
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: (text) => stdout.write(text) })
    .version(__BULKHEAD_VERSION__, "--version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false);
  return withGlobalOptions(program);
}

function withGlobalOptions(command: Command): Command {
  return command
    .option("-C, --directory <dir>", "work as if started in <dir>")
    .option("--json", "print exactly one JSON document on stdout")
    .option("--quiet", "print errors only")
    .option("--no-color", "no colours (also NO_COLOR)");
}

function addCommand(
  program: Command,
  name: string,
  summary: string,
  module: CommandModule,
  surroundings: Surroundings,
  onExit: (code: ExitCode) => void,
): void {
  const command = withGlobalOptions(program.command(name).description(summary))
    .helpOption("-h, --help", "show help")
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: (text) => surroundings.stdout.write(text) })
    .allowExcessArguments(false);
  module.configure(command);
  command.action(async (...received: unknown[]) => {
    // commander hands over the declared arguments, then the options, then the command itself.
    const args = received.slice(0, -2) as (string | string[] | undefined)[];
    const options = command.opts();
    const context = createContext({ ...program.opts(), ...definedOptions(options) }, surroundings);
    const result = await module.run(context, args, options as never);
    print(result, context, surroundings);
    onExit(result.exitCode ?? 0);
  });
}

/** Global options may stand before the command or behind it; what was not given behind it does not count. */
function definedOptions(options: Record<string, unknown>): GlobalOptions {
  const { directory, json, quiet, color } = options as GlobalOptions;
  return {
    ...(directory === undefined ? {} : { directory }),
    ...(json ? { json } : {}),
    ...(quiet ? { quiet } : {}),
    ...(color === false ? { color } : {}),
  };
}

function createContext(options: GlobalOptions, surroundings: Surroundings): CommandContext {
  const { stderr, stdout, env } = surroundings;
  const json = options.json ?? false;
  const quiet = options.quiet ?? false;
  const plain = options.color === false || (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  const live = stderr.isTTY === true && !json && !quiet && !plain;
  let passing = false;
  const clear = () => {
    if (passing) stderr.write("\r\u001b[K");
    passing = false;
  };
  return {
    directory: options.directory ?? surroundings.cwd(),
    env,
    json,
    quiet,
    terminal: stdout.isTTY === true && !json && !plain,
    note(line) {
      clear();
      if (!json && !quiet) stderr.write(`${printable(line)}\n`);
    },
    progress(line) {
      if (!live) return;
      clear();
      stderr.write(printable(line));
      passing = line !== "";
    },
  };
}

function print(result: CommandResult, context: CommandContext, { stdout }: Surroundings): void {
  context.progress("");
  if (context.json) stdout.write(`${printableJson(result.json)}\n`);
  else if (result.text !== "" && !(context.quiet && (result.exitCode ?? 0) === 0)) {
    stdout.write(printableText(result.text.endsWith("\n") ? result.text : `${result.text}\n`));
  }
}

/** The first word that is no global option and no value of one. */
function commandName(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "-C" || word === "--directory") i++;
    else if (word === "--") return undefined;
    else if (!word.startsWith("-")) return word;
  }
  return undefined;
}

/** Whether a command line without a command says something all the same; otherwise it gets the help. */
function asksForItself(argv: readonly string[]): boolean {
  return argv.some((word) => word.startsWith("-") && !GLOBAL_WORDS.has(word) && word !== "--");
}

function unknownCommand(name: string): BulkheadError {
  return new BulkheadError("USAGE", { reason: `'${name}' is not a bulkhead command.` });
}

function usageError(thrown: CommanderError, argv: readonly string[]): BulkheadError {
  const [first = ""] = thrown.message.replace(/^error: /, "").split("\n");
  const reason = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.!?)]$/.test(first) ? "" : "."}`;
  const command = commandName(argv);
  return new BulkheadError("USAGE", { reason, ...(command && Object.hasOwn(COMMANDS, command) ? { command } : {}) });
}

function describeDefect(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause instanceof Error ? `\ncaused by: ${thrown.cause.stack}` : "";
  return `${thrown.stack}${cause}`;
}
