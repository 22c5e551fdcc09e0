import type { ErrorText } from "./error-texts/entry.ts";
import { type DataOf, ERROR_TEXTS, type ErrorCode, type ErrorData } from "./error-texts.ts";

/** Exit codes of the command line. 1: refused, nothing changed; 2: usage; 3: something needed failed; 4: a later step failed; 5: not finished yet. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

/**
 * The one error class. Its code decides text, hint and exit code, all of them in `error-texts.ts`.
 * Anything else that is thrown is a defect in Bulkhead and shown as `INTERNAL`.
 */
export class BulkheadError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  /** Plain data for `--json`; nothing decides by it. */
  readonly data: ErrorData;

  /** @param rest the code's data, which may be left out where it has none, then `{ cause }` */
  constructor(code: C, ...rest: ErrorArguments<C>) {
    const [data = {}, options] = rest as readonly [ErrorData?, ErrorOptions?];
    super(textsOf(code).message(data), options);
    this.name = "BulkheadError";
    this.code = code;
    this.data = data;
  }

  /** What to type or do next: one line. */
  get hint(): string {
    return textsOf(this.code).hint(this.data);
  }

  get exitCode(): ExitCode {
    return textsOf(this.code).exit;
  }
}

/** What stands behind a code: its data, which may be left out where it has none, then `{ cause }`. */
export type ErrorArguments<C extends ErrorCode> =
  ErrorData extends DataOf<C>
    ? [data?: ErrorData, options?: ErrorOptions]
    : [data: DataOf<C> & ErrorData, options?: ErrorOptions];

/** A code's texts; its own data is known only where the code is. */
function textsOf(code: ErrorCode): ErrorText {
  return ERROR_TEXTS[code] as ErrorText;
}

/** What people read of an error. @param data its data, as it may be shown */
export function errorLines(error: BulkheadError, data: ErrorData = error.data): string[] {
  const texts = textsOf(error.code);
  return [texts.message(data), texts.hint(data)].filter((line) => line !== "");
}

/** The error as `--json` prints it. */
export function errorDocument(error: BulkheadError): { error: Record<string, unknown> } {
  return { error: { code: error.code, message: error.message, hint: error.hint, data: error.data } };
}

/** Turns whatever was thrown into a BulkheadError; an unknown error becomes `INTERNAL`, keeping its cause. */
export function asBulkheadError(thrown: unknown): BulkheadError {
  if (thrown instanceof BulkheadError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new BulkheadError("INTERNAL", { reason }, { cause: thrown });
}

export type { ErrorCode, ErrorData } from "./error-texts.ts";
