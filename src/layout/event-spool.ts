/**
 * Events that hooks note for the session store. A hook must not wait for a database, so it appends one JSON
 * line to a spool file; the next session command takes the file over.
 *
 * Each line carries an id of its own, and the store keeps an id once. So every doubtful step may be repeated:
 * an append that raced a take-over, a take-over that was killed before it removed its file.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { accessSync, constants, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { EventData, SpooledEvent } from "../domain/lifecycle-event.ts";
import { isSessionId, type SessionId } from "../domain/names.ts";
import { printableJson } from "../domain/printable.ts";
import { listNames, readText } from "../files/read-file.ts";
import { appendInforming } from "./informing-log.ts";
import { commonLayout } from "./paths.ts";
import { sharedFileMode } from "./sharing.ts";

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
  /** The session that did it; null where that is not known. */
  readonly session: SessionId | null;
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
 * Notes an event, without secrets. Safe beside other appends and take-overs, in this process and others.
 * @returns whether it is noted: what is told about it goes on in any case
 */
export function appendEvent(commonDir: string, event: SpooledEvent): boolean {
  const path = commonLayout(commonDir).eventSpool;
  const { type, at, worktree, session = null, data } = event;
  // The newline in front keeps a line that a full disk cut short from swallowing this one.
  const line = `\n${printableJson({ id: randomUUID(), type, at, worktree, session, data })}\n`;
  const mode = sharedFileMode(commonDir);
  for (let attempt = 0; attempt < APPEND_ATTEMPTS; attempt++) {
    const written = appendInforming(path, line, mode);
    if (written === null) return false;
    // Where it is no longer the spool, a take-over may have read the file before the line was in it.
    const current = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (current?.ino === written.ino && current.dev === written.dev) return true;
  }
  return false;
}

/**
 * Takes over all spooled events, with those of an earlier take-over that did not finish. Files that this user may not
 * read stay where they are: the next command of their user takes them.
 */
export function takeEvents(commonDir: string): TakenSpool {
  const path = commonLayout(commonDir).eventSpool;
  setAside(path);
  const read = takenFiles(path).flatMap((file) => {
    const lines = readLines(file);
    return lines === null ? [] : [{ file, lines }];
  });
  const parsed = read.flatMap(({ lines }) => lines).map(parseSpooledEvent);
  const events = parsed.filter((event) => event !== null);
  return {
    events,
    unreadable: parsed.length - events.length,
    finish: () => {
      for (const { file } of read) removeTaken(file);
    },
  };
}

function setAside(path: string): void {
  try {
    accessSync(path, constants.R_OK);
    renameSync(path, `${path}.${process.pid}.${randomBytes(4).toString("hex")}${TAKEN_SUFFIX}`);
  } catch {
    // Nothing noted, or not this user's to take.
  }
}

/** What cannot be removed is taken again; its events have ids that the store knows. */
function removeTaken(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    return;
  }
}

function takenFiles(path: string): string[] {
  const prefix = `${basename(path)}.`;
  return listNames(dirname(path))
    .filter((name) => name.startsWith(prefix) && name.endsWith(TAKEN_SUFFIX))
    .map((name) => join(dirname(path), name));
}

/** Lines of a taken file; null where it cannot be read. */
function readLines(file: string): string[] | null {
  try {
    // Missing: another command took the same leftover over and finished first, so its events are kept.
    return (readText(file) ?? "").split("\n").filter((line) => line !== "");
  } catch {
    return null;
  }
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
  const { id, type, at, worktree, session, data } = document as Record<string, unknown>;
  if (typeof id !== "string" || id === "" || typeof type !== "string" || !/^[a-z][a-z_]{0,63}$/.test(type)) return null;
  if (typeof at !== "string" || Number.isNaN(Date.parse(at)) || typeof worktree !== "string") return null;
  const plain = typeof data === "object" && data !== null && !Array.isArray(data) ? (data as EventData) : {};
  const doer = typeof session === "string" && isSessionId(session) ? session : null;
  return { id, type, at: new Date(at).toISOString(), worktree, session: doer, data: plain };
}
