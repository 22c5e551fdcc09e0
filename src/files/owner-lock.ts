/** A lock that knows its owner: who died holding it stands in nobody's way. */
import { linkSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ProcessIdentity } from "../domain/session.ts";
import { draftName, writeFileAtomically } from "./atomic-write.ts";
import { fileFailed } from "./file-failed.ts";
import { listNames } from "./read-file.ts";
import { makeDirectory } from "./shared-directory.ts";

/** Tells processes apart and whether they still run. */
export interface ProcessProbe {
  readonly host: string;
  readonly self: ProcessIdentity;
  /** Of a process of this host. `unknown` counts as alive. */
  liveness(process: ProcessIdentity): "alive" | "gone" | "unknown";
}

export interface LockOwner extends ProcessIdentity {
  readonly host: string;
  readonly at: string;
  /** What the lock is held for, for whoever meets it. */
  readonly what: string;
}

export type LockAttempt =
  | { readonly kind: "taken"; readonly file: string; readonly release: () => void }
  /** `file`: the lock that stands in the way; `owner`: null where its file cannot be read. */
  | { readonly kind: "held"; readonly file: string | null; readonly owner: LockOwner | null };

const LOCK_FILE = /^lock\.(\d+)$/;
const TICKET_FILE = /^ticket\.(\d+)$/;

/**
 * Takes the lock of a directory, which has to be there. The lock is the file `lock.<n>` with the highest number; one whose owner is dead is
 * passed over by making the next number, which only one taker can. A taker that meets another live owner after that
 * steps back, so there are never two.
 * @throws BulkheadError `FILE_FAILED`
 */
export function attemptOwnerLock(directory: string, what: string, probe: ProcessProbe, at: Date): LockAttempt {
  const before = findLockOwner(directory, probe);
  if (before !== null) return before;
  const mine = Math.max(0, ...lockNumbers(directory)) + 1;
  const file = join(directory, `lock.${mine}`);
  const content: LockOwner = { ...probe.self, host: probe.host, at: at.toISOString(), what };
  // Another taker may be quicker by this much: it is alive, so it is named.
  if (!createWhole(file, JSON.stringify(content))) return findLockOwner(directory, probe) ?? unnamed;
  const other = findLockOwner(directory, probe, mine);
  if (other !== null) {
    rmSync(file, { force: true });
    return other;
  }
  return { kind: "taken", file, release: () => releaseLock(directory, mine) };
}

const unnamed: LockAttempt = { kind: "held", file: null, owner: null };

/** Our own file goes last: while it stands nobody makes a new one, so only dead owners' files go before it. */
function releaseLock(directory: string, mine: number): void {
  for (const number of lockNumbers(directory).sort((a, b) => a - b)) {
    if (number <= mine) rmSync(join(directory, `lock.${number}`), { force: true });
  }
}

function lockNumbers(directory: string): number[] {
  return numbers(directory, LOCK_FILE);
}

/**
 * Who holds the lock of a directory; null when nobody who may be alive does.
 * @param mine the number of our own lock, which does not count
 */
export function findLockOwner(
  directory: string,
  probe: Pick<ProcessProbe, "host" | "liveness">,
  mine?: number,
): Extract<LockAttempt, { kind: "held" }> | null {
  for (const number of lockNumbers(directory)) {
    if (number === mine) continue;
    const file = join(directory, `lock.${number}`);
    const owner = readOwner(file);
    if (owner === "gone") continue;
    if (owner === "unreadable") return { kind: "held", file, owner: null };
    if (!isGone(owner, probe)) return { kind: "held", file, owner };
  }
  return null;
}

/** A clone can lie on a shared disk: another machine's processes cannot be seen from here, so they count as alive. */
function isGone(owner: LockOwner, probe: Pick<ProcessProbe, "host" | "liveness">): boolean {
  return owner.host === probe.host && probe.liveness(owner) === "gone";
}

function readOwner(path: string): LockOwner | "gone" | "unreadable" {
  try {
    const content = JSON.parse(readFileSync(path, "utf8")) as Partial<LockOwner>;
    const { host, pid, startedAt, at, what } = content;
    if (typeof host !== "string" || typeof pid !== "number") return "unreadable";
    return { host, pid, startedAt: startedAt ?? null, at: at ?? "", what: what ?? "" };
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : "unreadable";
  }
}

/** The error that names a live owner. */
export type LockRefusal = (data: Readonly<Record<string, unknown>>) => Error;

/**
 * As `attemptOwnerLock`, in a directory that is made where it is missing.
 * @returns gives the lock back
 * @throws what `refusal` makes of the owner's data; BulkheadError `FILE_FAILED`
 */
export function takeOwnerLock(
  directory: string,
  what: string,
  probe: ProcessProbe,
  at: Date,
  refusal: LockRefusal,
): () => void {
  makeLockDirectory(directory);
  const attempt = attemptOwnerLock(directory, what, probe, at);
  if (attempt.kind === "taken") return attempt.release;
  const { file, owner } = attempt;
  throw refusal({ ...owner, ...(file === null ? { directory } : { file }) });
}

function makeLockDirectory(directory: string): void {
  try {
    makeDirectory(directory, 0o700);
  } catch (cause) {
    throw fileFailed(directory, "made", cause);
  }
}

/** A place in the queue for the lock. */
export interface Ticket {
  /** How many live processes stand before this one. */
  ahead(): number;
  giveBack(): void;
}

/** Draws the next number of the queue. Tickets of dead processes do not count. @throws BulkheadError `FILE_FAILED` */
export function drawTicket(directory: string, what: string, probe: ProcessProbe, at: Date): Ticket {
  makeLockDirectory(directory);
  const content: LockOwner = { ...probe.self, host: probe.host, at: at.toISOString(), what };
  for (;;) {
    const mine = Math.max(0, ...numbers(directory, TICKET_FILE)) + 1;
    const path = join(directory, `ticket.${mine}`);
    if (!createWhole(path, JSON.stringify(content))) continue;
    return {
      ahead: () =>
        numbers(directory, TICKET_FILE).filter((other) => other < mine && stands(directory, other, probe)).length,
      giveBack: () => rmSync(path, { force: true }),
    };
  }
}

/** Whether a ticket's owner still waits; a dead one's is taken away. */
function stands(directory: string, number: number, probe: ProcessProbe): boolean {
  const path = join(directory, `ticket.${number}`);
  const owner = readOwner(path);
  if (owner === "gone") return false;
  if (owner !== "unreadable" && !isGone(owner, probe)) return true;
  rmSync(path, { force: true });
  return false;
}

/** How many live processes stand in the queue. */
export function waitingTickets(directory: string, probe: ProcessProbe): number {
  return numbers(directory, TICKET_FILE).filter((number) => stands(directory, number, probe)).length;
}

function numbers(directory: string, pattern: RegExp): number[] {
  return listNames(directory)
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number);
}

/** Creates a file with its content at once; false when the name is taken. */
function createWhole(path: string, content: string): boolean {
  const draft = draftName(path);
  writeFileAtomically(draft, content);
  try {
    linkSync(draft, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw fileFailed(path, "made", cause);
  } finally {
    rmSync(draft, { force: true });
  }
}
