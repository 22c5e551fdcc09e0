/** The printers: the one place where a command's words reach a terminal, escaped and without secrets. */
import { type BulkheadError, errorDocument, errorLines } from "../domain/error.ts";
import { displayed, printable, printableJson, printableText } from "../domain/printable.ts";

/** The parts of `process` that a command line needs. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** The file that was started; this module's own where it is not said. */
  readonly program?: string;
  /** Whether standard input is a terminal: a question, as Node opens it to know. */
  readonly terminalIn?: () => boolean;
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  cwd(): string;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether nothing may move or be coloured. */
  readonly plain: boolean;
}

/** Prints what a command has to say. */
export class Output {
  readonly #surroundings: Surroundings;
  readonly #options: OutputOptions;
  #passing = false;

  constructor(surroundings: Surroundings, options: OutputOptions) {
    this.#surroundings = surroundings;
    this.#options = options;
  }

  /** A line for people on stderr while the command runs; silent with --json or --quiet. */
  note(line: string): void {
    this.#clear();
    const { json, quiet } = this.#options;
    if (!json && !quiet) this.#surroundings.stderr.write(`${printable(line)}\n`);
  }

  /** A passing state of a long step: shown on a terminal only, replaced by the next. Empty: there is none any more. */
  progress(line: string): void {
    const { json, quiet, plain } = this.#options;
    if (this.#surroundings.stderr.isTTY !== true || json || quiet || plain) return;
    this.#clear();
    this.#surroundings.stderr.write(printable(line));
    this.#passing = line !== "";
  }

  /** A result: one JSON document, or its text. @param silent whether `--quiet` leaves the text out */
  result(document: unknown, text: () => string, silent: boolean): void {
    this.#clear();
    const { stdout } = this.#surroundings;
    if (this.#options.json) {
      stdout.write(`${printableJson(document)}\n`);
      return;
    }
    if (this.#options.quiet && silent) return;
    const shown = printableText(text());
    if (shown !== "") stdout.write(shown.endsWith("\n") ? shown : `${shown}\n`);
  }

  /** A refusal or failure: one line saying what is wrong, one saying what to do next. */
  error(error: BulkheadError): void {
    this.#clear();
    const { stdout, stderr } = this.#surroundings;
    if (this.#options.json) stdout.write(`${printableJson(errorDocument(error))}\n`);
    else stderr.write(`bulkhead: ${errorLines(error, displayed(error.data)).map(printableText).join("\n")}\n`);
  }

  /** Where a defect came from, for whoever asked with `BULKHEAD_DEBUG=1`; a trace with `BULKHEAD_TRACE=1`. */
  debug(text: string): void {
    this.#clear();
    this.#surroundings.stderr.write(`${printableText(text)}\n`);
  }

  #clear(): void {
    if (this.#passing) this.#surroundings.stderr.write("\r\u001b[K");
    this.#passing = false;
  }
}
