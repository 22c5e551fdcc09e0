/** What `help` says: it fits a terminal of 24 lines and 80 columns. */
import type { Argument, Command, Option } from "commander";
import { typed } from "../domain/invocation.ts";
import type { CommandModule } from "./command.ts";
import { COMMANDS, type CommandEntry, GROUPS } from "./registry.ts";

const WIDTH = 80;
const HEIGHT = 24;
/** What an example may take of a line before its meaning gets a line of its own. */
const WIDEST_TERM = 44;
/** What every command takes, said once in place of five lines in each help. */
const EVERY_COMMAND = "Every command takes -C <dir>, --json, --quiet, --no-color and -h.";

/** All commands in their groups, and where to begin. */
export function programHelp(description: string): string {
  const group = Math.max(...GROUPS.map((name) => name.length)) + 2;
  return [
    "Usage: bulkhead <command> [options]",
    description,
    "",
    ...GROUPS.flatMap((name) => groupLines(name, group)),
    "",
    ...exampleLines([
      ["init", "arm this clone; from then on git bulkhead works"],
      ["start LOGIN-1", "claim the work item LOGIN-1 for this worktree"],
      ["help start", "all about one command, with examples"],
    ]),
    "",
    EVERY_COMMAND,
    "",
  ].join("\n");
}

function groupLines(name: (typeof GROUPS)[number], width: number): string[] {
  const members = Object.entries(COMMANDS).filter(([, entry]) => entry.group === name && !entry.hidden);
  const told = members.filter(([, { brief }]) => !brief);
  const named = members.filter(([, { brief }]) => brief).map(([command]) => command);
  const also = named.length === 0 ? [] : wrapped(`${told.length > 0 ? "and " : ""}${named.join(", ")}`, WIDTH - width);
  const lines = [...told.map(([command, { summary }]) => `${command.padEnd(12)}${summary}`), ...also];
  return lines.map((line, at) => `${(at === 0 ? name : "").padEnd(width)}${line}`);
}

/**
 * One command: how to call it, what it does, its arguments and options, examples. Options that find no room on the screen,
 * the last ones, are only named: `help <command> --all` tells all of them.
 */
export function commandHelp(
  command: Command,
  { summary }: CommandEntry,
  { examples }: Pick<CommandModule, "examples">,
  options: readonly Option[],
  all = false,
): string {
  const args = command.registeredArguments.map(argumentRow);
  const ordered = [...options.filter((one) => !isForPrograms(one)), ...options.filter(isForPrograms)];
  const rows = [...args, ...ordered.map(optionRow)];
  const page = (shown: readonly Row[], named: readonly string[]) => [
    `Usage: bulkhead ${command.name()} ${command.usage()}`.trimEnd(),
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    "",
    ...tableLines(shown),
    ...(named.length === 0 ? [] : wrapped(`and ${named.join(", ")}`, WIDTH - 2).map((line) => `  ${line}`)),
    ...(rows.length === 0 ? [] : [""]),
    ...exampleLines(named.length === 0 ? examples : [...examples.slice(0, MOST_EXAMPLES), allOf(command)]),
    "",
    EVERY_COMMAND,
    "",
  ];
  for (let hidden = 0; ; hidden++) {
    const shown = rows.length - hidden;
    const lines = page(rows.slice(0, shown), ordered.slice(shown - args.length).map(nameOf));
    if (all || lines.length - 1 <= HEIGHT || shown <= args.length) return lines.join("\n");
  }
}

/** Beside options that are only named. */
const MOST_EXAMPLES = 3;

function allOf(command: Command): Row {
  return [`help ${command.name()} --all`, "every option with what it does"];
}

/** What people hardly ever type stands last. */
function isForPrograms({ long }: Option): boolean {
  return long === "--pid" || long === "--agent-session";
}

function nameOf({ long, flags }: Option): string {
  return long ?? flags;
}

type Row = readonly [term: string, text: string];

function argumentRow(argument: Argument): Row {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return [argument.required ? `<${name}>` : `[${name}]`, argument.description];
}

function optionRow({ flags, description, defaultValue, argChoices }: Option): Row {
  const choices = argChoices === undefined ? "" : ` (${argChoices.join(", ")})`;
  const fallback = typeof defaultValue === "string" ? ` (default: ${defaultValue})` : "";
  return [flags, `${description}${choices}${fallback}`];
}

function tableLines(rows: readonly Row[]): string[] {
  const width = Math.max(0, ...rows.map(([term]) => term.length).filter((length) => length <= WIDEST_TERM)) + 4;
  return rows.flatMap(([term, text]) => {
    const lines = wrapped(text, WIDTH - width);
    if (term.length > WIDEST_TERM) return [`  ${term}`, ...lines.map((line) => " ".repeat(width) + line)];
    return lines.map((line, at) => `${(at === 0 ? `  ${term}` : "").padEnd(width)}${line}`);
  });
}

/** Commands in the form that works where the reader is. */
function exampleLines(examples: readonly Row[]): string[] {
  return tableLines(examples.map(([words, meaning]) => [typed(words), meaning]));
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
