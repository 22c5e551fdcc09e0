import { BulkheadError } from "../domain/error.ts";

/** Wrong usage. @param command the command that was called, for the hint; undefined where there was none */
export function usage(reason: string, command?: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, ...(command === undefined ? {} : { command }) });
}
