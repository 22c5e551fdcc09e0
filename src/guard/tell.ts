import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BulkheadError, errorLines } from "../domain/error.ts";
import { displayed, printableText } from "../domain/printable.ts";
import { shellWord } from "../domain/shell-word.ts";
import type { HookCall } from "./observe.ts";

/** Prints to stderr, which git shows to the person: the one place where the hooks' guard speaks. */
export function tell(...lines: readonly string[]): void {
  const text = lines.filter((line) => line !== "").join("\n");
  if (text !== "") process.stderr.write(`${printableText(text)}\n`);
}

/** Tells a refusal. @param more lines between what is wrong and what to type next */
export function tellRefusal(error: BulkheadError, call: HookCall | null, more: readonly string[] = []): void {
  const [message = "", ...hints] = errorLines(error, displayed(error.data));
  tell(`bulkhead: ${message}`, ...more, ...hints.map((hint) => withWorkingCommand(hint, call)));
}

/** `npx` finds Bulkhead only where it is installed; elsewhere the advice names the program itself. */
function withWorkingCommand(hint: string, call: HookCall | null): string {
  if (call === null || existsSync(join(call.place.topLevel, "node_modules", ".bin", "bulkhead"))) return hint;
  return existsSync(call.conf.cli) ? hint.replaceAll("npx bulkhead", `node ${shellWord(call.conf.cli)}`) : hint;
}
