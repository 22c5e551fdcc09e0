import { accessSync, constants } from "node:fs";
import { printable } from "../domain/printable.ts";
import { readText } from "../files/read-file.ts";
import { appendInforming } from "./informing-log.ts";
import { commonLayout } from "./paths.ts";
import { sharedFileMode } from "./sharing.ts";

/** Branch moves that the guard has seen, so that those made with hooks off can be told apart. */

/** Appends moves. A log that cannot be written only makes later warnings too loud: it never holds git up. */
export function recordSeen(commonDir: string, moves: readonly { newValue: string; ref: string }[]): void {
  if (moves.length === 0) return;
  const lines = moves.map(({ newValue, ref }) => `${printable(`${newValue} ${ref}`)}\n`).join("");
  appendInforming(commonLayout(commonDir).seenLog, lines, sharedFileMode(commonDir));
}

/**
 * Object names that the guard let a branch move to; null when nothing was ever recorded, it cannot be read, or this user may not
 * write it (root has made it): then what this user did is missing in it, and nobody can be accused by it.
 */
export function readSeen(commonDir: string): ReadonlySet<string> | null {
  try {
    const { seenLog } = commonLayout(commonDir);
    const text = readText(seenLog);
    if (text !== null) accessSync(seenLog, constants.W_OK);
    return text === null ? null : new Set(text.split("\n").map((line) => line.split(" ")[0] ?? ""));
  } catch {
    return null;
  }
}
