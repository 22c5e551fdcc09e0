import { statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { noteInvocation } from "../app/invocation.ts";
import { inCi } from "../domain/ci.ts";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { displayed, printable } from "../domain/printable.ts";
import type { GitCall } from "../git/git.ts";
import type { CommandModule, End, Word } from "./command.ts";
import { commandHelp, programHelp } from "./help.ts";
import { type Interruption, listenForInterrupts } from "./interrupt.ts";
import { Output, type Surroundings } from "./output.ts";
import { type OwnerOptions, ownerOf } from "./owner-options.ts";
import { COMMANDS, type CommandEntry } from "./registry.ts";
import { usage } from "./usage.ts";
import { fromCommander, noticeOpposites, refuseExcessWords, unknownCommand } from "./usage-errors.ts";

const DESCRIPTION = "Keeps the sessions of one git clone from sinking each other.";

/** Global options, which ask for nothing by themselves. */
const GLOBAL_WORDS = new Set(["-C", "--directory", "--json", "--quiet", "--no-color"]);

/** Those of every command, and of those that speak for a session. */
interface GlobalOptions extends OwnerOptions {
  directory?: string;
  json?: boolean;
  quiet?: boolean;
  color?: boolean;
}

/** Runs one command line and prints its result. Never throws. @returns the exit code, or the signal that ended it */
export async function main(words: readonly string[], surroundings: Surroundings): Promise<End> {
  const { env } = surroundings;
  noteInvocation(surroundings.program ?? fileURLToPath(import.meta.url), surroundings.cwd(), env);
  const interruption = listenForInterrupts();
  let exitCode: End = 0;
  let argv = words;
  try {
    const program = createProgram(surroundings);
    const helpOfAll = asksForAllHelp(argv);
    argv = withoutHelpCommand(argv);
    const name = commandName(argv);
    const entry = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (entry !== undefined && name !== undefined) {
      const module = await entry.load();
      addCommand(program, name, entry, { module, helpOfAll }, surroundings, async (received, options) => {
        exitCode = await runCommand(module, received, { ...program.opts(), ...options }, surroundings, interruption);
      });
    } else if (name !== undefined) throw unknownCommand(name);
    if (name === undefined && !asksForItself(argv)) helpAlone(program, argv, surroundings);
    else await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const error = errorOf(thrown, commandName(argv), interruption.signal);
    const ours = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
    const output = new Output(surroundings, { json: ours.includes("--json"), quiet: false, plain: true });
    output.error(error);
    if (env.BULKHEAD_DEBUG === "1") output.debug(describeDefect(thrown));
    return interruption.received() ?? error.exitCode;
  } finally {
    interruption.dispose();
  }
}

/** One road: words to input, input to document, document to text. */
async function runCommand(
  module: CommandModule,
  words: readonly Word[],
  options: GlobalOptions,
  surroundings: Surroundings,
  { signal, dispose }: Interruption,
): Promise<End> {
  const { env, stdout } = surroundings;
  const { json = false, quiet = false } = options;
  const plain = options.color === false || (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  const output = new Output(surroundings, { json, quiet, plain });
  const manner = {
    json,
    quiet,
    get interactive() {
      return !json && !quiet && stdout.isTTY === true && !inCi(env) && surroundings.terminalIn?.() === true;
    },
  };
  const input = module.input(words, options, manner);
  const trace = env.BULKHEAD_TRACE === "1" ? (call: GitCall) => output.debug(traceLine(call)) : undefined;
  let told: string[] = [];
  const inside = async (): Promise<unknown> => {
    // What opens a clone is loaded here, so that help and mistakes cost nothing.
    const { inClone } = await import("../app/clone.ts");
    const listener = { note: (line: string) => output.note(line), progress: (line: string) => output.progress(line) };
    const place = { directory: options.directory ?? surroundings.cwd(), env, signal, trace, ...listener };
    const { afterCommand } = await import("../app/after-command.ts");
    return inClone(place, async (clone) => {
      try {
        return await module.run(clone, input, dispose);
      } finally {
        told = await afterCommand(clone, ownerOf(options), !json && !quiet);
      }
    });
  };
  let document: unknown;
  try {
    document = module.outside === undefined ? await inside() : module.outside(input);
  } finally {
    for (const line of told) output.note(line);
  }
  const exitCode = module.exitCode?.(document, input) ?? 0;
  // For people only: going through a large document costs more than many a command.
  let shown: unknown;
  const forPeople = () => {
    shown ??= displayed(document);
    return shown;
  };
  if (!json && !quiet) for (const line of module.notes?.(forPeople()) ?? []) output.note(line);
  const raw = json ? null : (module.raw?.(document, input) ?? null);
  // A terminal obeys what it is sent; a script gets every byte.
  if (raw !== null) stdout.write(stdout.isTTY ? raw.split("\n").map(printable).join("\n") : raw);
  else output.result(module.json?.(document) ?? document, () => module.text(forPeople(), input), exitCode === 0);
  return exitCode;
}

function traceLine({ args, directory, milliseconds, exitCode }: GitCall): string {
  const words = args.map((word) => (/\s|^$/.test(word) ? JSON.stringify(word) : word)).join(" ");
  return `bulkhead: trace: ${milliseconds.toFixed(1)} ms, exit ${exitCode ?? "none"}: git ${words} (in ${directory})`;
}

function createProgram({ stdout }: Surroundings): Command {
  const program = new Command("bulkhead")
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: (text) => stdout.write(text) })
    .version(__BULKHEAD_VERSION__, "--version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .configureHelp({ formatHelp: () => programHelp(DESCRIPTION) });
  return withGlobalOptions(program);
}

function withGlobalOptions(command: Command): Command {
  return command
    .option("-C, --directory <dir>", "work as if started in <dir>", parseDirectory)
    .option("--json", "print exactly one JSON document on stdout")
    .option("--quiet", "print errors only")
    .option("--no-color", "no colours (also NO_COLOR)");
}

/** As git takes it: a further `-C` counts from the one before it. A word that looks like an option is one. */
function parseDirectory(word: string, before: string | undefined): string {
  if (word === "" || word.startsWith("-")) throw new InvalidArgumentError("It takes a directory.");
  return before === undefined ? word : resolve(before, word);
}

function addCommand(
  program: Command,
  name: string,
  entry: CommandEntry,
  { module, helpOfAll }: { readonly module: CommandModule; readonly helpOfAll: boolean },
  surroundings: Surroundings,
  run: (words: readonly Word[], options: GlobalOptions) => Promise<void>,
): void {
  const command = program.command(name);
  module.configure(command);
  const options = command.options.filter(({ hidden }) => !hidden);
  withGlobalOptions(command)
    .helpOption("-h, --help", "show help")
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: (text) => surroundings.stdout.write(text) })
    .configureHelp({ formatHelp: () => commandHelp(command, entry, module, options, helpOfAll) })
    .allowExcessArguments(true);
  const refuseOpposites = noticeOpposites(command);
  command.action(async (...received: unknown[]) => {
    refuseExcessWords(command);
    refuseOpposites();
    // commander hands over the declared arguments, then the options, then the command itself.
    await run(received.slice(0, command.registeredArguments.length) as Word[], withoutUnset(command.opts()));
  });
}

/** No command: the help, unless `-C` swallowed the command's name. */
function helpAlone(program: Command, argv: readonly string[], { cwd }: Surroundings): void {
  program.parseOptions([...argv]);
  const { directory } = program.opts<GlobalOptions>();
  if (directory !== undefined && !statSync(resolve(cwd(), directory), { throwIfNoEntry: false })?.isDirectory()) {
    throw usage(`-C takes a directory, and there is none named '${directory}'.`);
  }
  program.outputHelp();
}

/** Global options may stand before the command or behind it; what was not given behind it does not count. */
function withoutUnset(options: Record<string, unknown>): GlobalOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && !(name === "color" && value === true)),
  );
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

/** `help [<command>]`, which has to exist: git keeps `git bulkhead --help` for itself. */
function withoutHelpCommand(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf("help");
  if (at < 0 || commandName(argv) !== "help") return argv;
  const rest = [...argv.slice(0, at), ...argv.slice(at + 1)].filter((word) => word !== "--all");
  return rest.includes("--help") || rest.includes("-h") ? rest : [...rest, "--help"];
}

/** `help <command> --all`: not only what fits a screen. */
function asksForAllHelp(argv: readonly string[]): boolean {
  return commandName(argv) === "help" && argv.includes("--all");
}

/** Whether a command line without a command says something all the same; otherwise it gets the help. */
function asksForItself(argv: readonly string[]): boolean {
  return argv.some((word) => word.startsWith("-") && !GLOBAL_WORDS.has(word) && word !== "--");
}

function errorOf(thrown: unknown, command: string | undefined, signal: AbortSignal): BulkheadError {
  if (thrown instanceof CommanderError) return fromCommander(thrown, command);
  const error = asBulkheadError(thrown);
  // Whatever was thrown because all was called off: an aborted pause, a connection that was cut.
  return signal.aborted && error.code === "INTERNAL" ? new BulkheadError("INTERRUPTED", {}, { cause: thrown }) : error;
}

function describeDefect(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause instanceof Error ? `\ncaused by: ${thrown.cause.stack}` : "";
  return `${thrown.stack}${cause}`;
}
