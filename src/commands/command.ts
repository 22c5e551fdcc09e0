import type { Command } from "commander";
import type { ExitCode } from "../domain/error.ts";

/** What every command gets from the command line, besides its own arguments. */
export interface CommandContext {
  /** Where the command works: `-C <dir>`, else the current directory. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Colours and live progress: only when this is a terminal and nobody said no. */
  readonly terminal: boolean;
  /** A line for people on stderr while the command runs; silent with --json or --quiet. */
  note(line: string): void;
  /** A passing state of a long step: shown on a terminal only, replaced by the next. */
  progress(line: string): void;
}

/** What a command hands back to be printed. A refusal or failure is thrown as BulkheadError instead. */
export interface CommandResult {
  /** The document for `--json`. */
  readonly json: unknown;
  /** The text for people, on stdout; empty for none. */
  readonly text: string;
  /** 0 unless told. 1, 4 and 5 are results too: refused, half done, not finished yet. */
  readonly exitCode?: ExitCode;
}

/** One command of the command line: a file in this directory, loaded only when it runs. */
export interface CommandModule {
  /** Declares arguments and options. */
  configure(command: Command): void;
  /** @param args positional arguments in order; @param options as commander parsed them */
  run(
    context: CommandContext,
    args: readonly (string | string[] | undefined)[],
    options: never,
  ): Promise<CommandResult>;
}
