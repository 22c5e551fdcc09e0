import type { Command } from "commander";
import type { Clone } from "../app/clone.ts";

/** How the person wants to be spoken to, for commands whose input depends on it. */
export interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether a person is there to be asked: a terminal on both sides. Looked at only where it matters, which opens both. */
  readonly interactive: boolean;
}

/** How the process ends: by an exit code, or as a signal would end it. */
export type End = number | NodeJS.Signals;

/** A positional argument as commander hands it over. */
export type Word = string | string[] | undefined;

/**
 * One command of the command line: a file in this directory, loaded only when it runs. It turns words into the input of a
 * use case, and that one's document into text; it knows no rules and opens nothing.
 */
export interface CommandModule<Input = unknown, Document = unknown, Options = unknown> {
  /** For its help: what to type behind the program's name, and what that does, each in a few words. */
  readonly examples: readonly (readonly [words: string, meaning: string])[];
  /** Declares arguments and options. */
  configure(command: Command): void;
  /**
   * Words to input.
   * @param words positional arguments in order; @param options as commander parsed them
   * @throws BulkheadError `USAGE` and the like
   */
  input(words: readonly Word[], options: Options, manner: Manner): Input;
  /**
   * The use case. A refusal or failure is thrown as BulkheadError.
   * @param handOverSignals for one that passes signals on: from then on they no longer call this command off
   */
  run(clone: Clone, input: Input, handOverSignals: () => void): Promise<Document>;
  /** For a command that needs no clone, and is to work outside of any: takes the place of `run`. */
  outside?(input: Input): Document;
  /** What scripts read instead of the text, byte for byte: its form is its own escaping. Null for none. */
  raw?(document: Document, input: Input): string | null;
  /** The document for `--json`, where it is not all of it. */
  json?(document: Document): unknown;
  /** Lines for people on stderr. */
  notes?(document: Document): readonly string[];
  /** The text for people, on stdout; empty for none. Every text in the document is a printable line by now. */
  text(document: Document, input: Input): string;
  /** 0 unless told. 1, 4 and 5 are results too: refused, half done, not finished yet. `run` has its command's own end. */
  exitCode?(document: Document, input: Input): End;
}

/** Declares a command, with the types of its parts bound to each other. */
export function defineCommand<Input, Document, Options>(
  module: CommandModule<Input, Document, Options>,
): CommandModule {
  return module as CommandModule;
}
