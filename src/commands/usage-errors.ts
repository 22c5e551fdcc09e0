/** Wrong words of a command line, refused by name. */
import type { Command, CommanderError } from "commander";
import { didYouMean } from "../domain/did-you-mean.ts";
import type { BulkheadError } from "../domain/error.ts";
import { COMMANDS } from "./registry.ts";
import { usage } from "./usage.ts";

export function unknownCommand(name: string): BulkheadError {
  const visible = Object.keys(COMMANDS).filter((known) => !COMMANDS[known]?.hidden);
  return usage(`'${name}' is not a bulkhead command.${didYouMean(name, visible)}`);
}

/** What commander found, in our words: one sentence, and its guess at what was meant. */
export function fromCommander(thrown: CommanderError, command: string | undefined): BulkheadError {
  const [first = "", guess = ""] = thrown.message.replace(/^error: /, "").split("\n");
  const said = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.!?)]$/.test(first) ? "" : "."}`;
  const [, word] = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(guess) ?? [];
  return usage(word === undefined ? said : `${said} Did you mean '${word}'?`, command);
}

/** Words that no argument takes. @throws BulkheadError `USAGE` naming the first */
export function refuseExcessWords(command: Command): void {
  const extra = command.args[command.registeredArguments.length];
  const variadic = command.registeredArguments.at(-1)?.variadic === true;
  if (extra === undefined || variadic) return;
  throw usage(`'${extra}' is one word too many for '${command.name()}'.`, command.name());
}

/**
 * `--x` and `--no-x` on one command line. commander lets the last one win, and who typed both would not know which.
 * @returns a check to be made once the command line was read; it throws BulkheadError `USAGE`
 */
export function noticeOpposites(command: Command): () => void {
  const said = new Set<string>();
  for (const { long } of command.options) {
    const name = long?.slice(2);
    if (name !== undefined) command.on(`option:${name}`, () => said.add(name));
  }
  return () => {
    for (const name of said) {
      if (said.has(`no-${name}`)) throw usage(`--${name} and --no-${name} exclude each other.`, command.name());
    }
  };
}
