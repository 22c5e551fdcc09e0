/**
 * Events that hooks note for the session store. A hook must not wait for a database, so it appends one JSON
 * line to a spool file; the next session command takes the file over.
 *
 * Each line carries an id of its own, and the store keeps an id once. So every doubtful step may be repeated:
 * an append that raced a take-over, a take-over that was killed before it removed its file.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { EventData, SpooledEvent } from "../domain/lifecycle-event.ts";
import { fileFailed } from "../files/file-failed.ts";
import { isMissingFile, listNames, readText } from "../files/read-file.ts";
import { commonLayout } from "./paths.ts";

const TAKEN_SUFFIX = ".taken";
/** How often an append is repeated when the spool is taken over under its hands. */
const APPEND_ATTEMPTS = 5;

/** A spooled event as it is taken over. */
export interface TakenEvent {
  /** Names this event and no other: the store ignores one that it has. */
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly worktree: string;
  readonly data: EventData;
}

/** What a take-over found. Its files are removed by `finish`, once the events are kept elsewhere. */
export interface TakenSpool {
  readonly events: readonly TakenEvent[];
  /** Lines that hold no event: cut short by a full disk, say. */
  readonly unreadable: number;
  finish(): void;
}

/**
 * Notes an event. Safe beside other appends and take-overs, in this process and others.
 * @throws BulkheadError `FILE_FAILED`
 */
export function appendEvent(commonDir: string, event: SpooledEvent): void {
  const path = commonLayout(commonDir).eventSpool;
  const { type, at, worktree, data } = event;
  // The newline in front keeps a line that a full disk cut short from swallowing this one.
  const line = Buffer.from(`\n${JSON.stringify({ id: randomUUID(), type, at, worktree, data })}\n`);
  try {
    for (let attempt = 0; attempt < APPEND_ATTEMPTS; attempt++) {
      if (appendOnce(path, line)) return;
    }
    throw new Error("it is taken over again and again");
  } catch (cause) {
    throw fileFailed(path, "written", cause);
  }
}

/**
 * @returns whether the line stands in the file that is the spool after the write; where it is not, a take-over may
 * have read the file before the line was in it
 */
function appendOnce(path: string, line: Buffer): boolean {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "a", 0o600);
  try {
    if (writeSync(file, line) !== line.length) throw new Error("the disk is full");
    const written = fstatSync(file, { bigint: true });
    const current = statSync(path, { bigint: true, throwIfNoEntry: false });
    return current?.ino === written.ino && current.dev === written.dev;
  } finally {
    closeSync(file);
  }
}

/**
 * Takes over all spooled events, with those of an earlier take-over that did not finish.
 * @throws BulkheadError `FILE_FAILED`
 */
export function takeEvents(commonDir: string): TakenSpool {
  const path = commonLayout(commonDir).eventSpool;
  try {
    setAside(path);
    const files = takenFiles(path);
    const lines = files.flatMap((file) => readLines(file));
    const parsed = lines.map(parseSpooledEvent);
    const events = parsed.filter((event) => event !== null);
    return {
      events,
      unreadable: parsed.length - events.length,
      finish: () => {
        for (const file of files) rmSync(file, { force: true });
      },
    };
  } catch (cause) {
    throw fileFailed(path, "read", cause);
  }
}

function setAside(path: string): void {
  try {
    renameSync(path, `${path}.${process.pid}.${randomBytes(4).toString("hex")}${TAKEN_SUFFIX}`);
  } catch (cause) {
    if (!isMissingFile(cause)) throw cause;
  }
}

function takenFiles(path: string): string[] {
  const prefix = `${basename(path)}.`;
  return listNames(dirname(path))
    .filter((name) => name.startsWith(prefix) && name.endsWith(TAKEN_SUFFIX))
    .map((name) => join(dirname(path), name));
}

function readLines(file: string): string[] {
  // Missing: another command took the same leftover over and finished first, so its events are kept.
  return (readText(file) ?? "").split("\n").filter((line) => line !== "");
}

/** Parses one line of the spool; null when it holds no event. Pure. */
export function parseSpooledEvent(line: string): TakenEvent | null {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof document !== "object" || document === null) return null;
  const { id, type, at, worktree, data } = document as Record<string, unknown>;
  if (typeof id !== "string" || id === "" || typeof type !== "string" || !/^[a-z][a-z_]{0,63}$/.test(type)) return null;
  if (typeof at !== "string" || Number.isNaN(Date.parse(at)) || typeof worktree !== "string") return null;
  const plain = typeof data === "object" && data !== null && !Array.isArray(data) ? (data as EventData) : {};
  return { id, type, at: new Date(at).toISOString(), worktree, data: plain };
}
