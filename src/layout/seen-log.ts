import { appendFileSync } from "node:fs";
import { readText } from "../files/read-file.ts";
import { commonLayout } from "./paths.ts";

/** Branch moves that the guard has seen, so that those made with hooks off can be told apart. */

/** Appends moves. A log that cannot be written only makes later warnings too loud: it never holds git up. */
export function recordSeen(commonDir: string, moves: readonly { newValue: string; ref: string }[]): void {
  if (moves.length === 0) return;
  try {
    const lines = moves.map(({ newValue, ref }) => `${newValue} ${ref}\n`).join("");
    appendFileSync(commonLayout(commonDir).seenLog, lines, { mode: 0o600 });
  } catch {
    return;
  }
}

/** Object names that the guard let a branch move to; null when nothing was ever recorded. */
export function readSeen(commonDir: string): ReadonlySet<string> | null {
  const text = readText(commonLayout(commonDir).seenLog);
  return text === null ? null : new Set(text.split("\n").map((line) => line.split(" ")[0] ?? ""));
}
