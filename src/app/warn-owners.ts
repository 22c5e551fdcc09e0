import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { typed } from "../domain/invocation.ts";
import { printable } from "../domain/printable.ts";
import type { Session } from "../domain/session.ts";
import { STALE_AFTER_SECONDS } from "../domain/timing.ts";

/**
 * Tells the owners of sessions that nothing was heard of, at their terminals, where those let messages through (`mesg`):
 * so they know before their claim can be taken over. Whoever cannot be told is not.
 */
export function warnOwners(silent: readonly Session[]): void {
  for (const { item, owner } of silent) {
    if (owner.terminal.tty === null) continue;
    const claim = item === null ? "This session" : `The claim on ${item}`;
    const line = `bulkhead: no sign of life from here for a while. ${claim} ends after ${STALE_AFTER_SECONDS} s of silence; keep it with: ${typed("heartbeat")}`;
    writeToTerminal(owner.terminal.tty, `\r\n${printable(line)}\r\n`);
  }
}

/** Group's right to write is how a terminal says that it takes messages (https://man7.org/linux/man-pages/man1/mesg.1.html). */
const TAKES_MESSAGES = 0o020;

function writeToTerminal(path: string, text: string): void {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    const status = fstatSync(file);
    if (status.isCharacterDevice() && (status.mode & TAKES_MESSAGES) !== 0) writeSync(file, text);
  } catch {
    return;
  } finally {
    if (file !== null) closeSync(file);
  }
}
