import { type BulkheadError, errorLines } from "../domain/error.ts";
import { displayed, printableText } from "../domain/printable.ts";

/** Prints to stderr, which git shows to the person: the one place where the hooks' guard speaks. */
export function tell(...lines: readonly string[]): void {
  const text = lines.filter((line) => line !== "").join("\n");
  if (text !== "") process.stderr.write(`${printableText(text)}\n`);
}

/** Tells a refusal. @param more lines between what is wrong and what to type next */
export function tellRefusal(error: BulkheadError, more: readonly string[] = []): void {
  const [message = "", ...hints] = errorLines(error, displayed(error.data));
  tell(`bulkhead: ${message}`, ...more, ...hints);
}
