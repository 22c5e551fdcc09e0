/** A lock that is held by a process, in a directory of its own: it ends with its owner, also with a killed one. */
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ProcessIdentity } from "../domain/session.ts";
import { writeFileAtomically } from "./atomic-write.ts";
import { fileFailed } from "./file-failed.ts";

/** Tells processes apart and whether they still run. */
export interface ProcessProbe {
  readonly host: string;
  readonly self: ProcessIdentity;
  /** Of a process of this host. `unknown` counts as alive. */
  liveness(process: ProcessIdentity): "alive" | "gone" | "unknown";
}

/** The error that names a live owner. */
export type LockRefusal = (data: Readonly<Record<string, unknown>>) => Error;

interface LockContent extends ProcessIdentity {
  readonly host: string;
  readonly at: string;
  /** What is being done, for whoever meets the lock. */
  readonly what: string;
}

const LOCK_FILE = /^lock\.(\d+)$/;

/**
 * Takes the lock of a directory. The lock is the file `lock.<n>` with the highest number; one whose owner is dead
 * is passed over by making the next number, which only one taker can. A taker that meets another live owner after that
 * steps back, so there are never two.
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
  makeDirectory(directory);
  refuseLiveOwner(directory, null, probe, refusal);
  const numbers = lockNumbers(directory);
  const mine = Math.max(0, ...numbers) + 1;
  const content: LockContent = { ...probe.self, host: probe.host, at: at.toISOString(), what };
  if (!createWhole(join(directory, `lock.${mine}`), JSON.stringify(content))) {
    // Another taker was quicker by this much: it is alive, so it is named.
    refuseLiveOwner(directory, null, probe, refusal);
    throw refusal({ directory });
  }
  try {
    refuseLiveOwner(directory, mine, probe, refusal);
  } catch (thrown) {
    rmSync(join(directory, `lock.${mine}`), { force: true });
    throw thrown;
  }
  return () => releaseLock(directory, mine);
}

/** Our own file goes last: while it stands nobody makes a new one, so only dead owners' files go before it. */
function releaseLock(directory: string, mine: number): void {
  for (const number of lockNumbers(directory).sort((a, b) => a - b)) {
    if (number <= mine) rmSync(join(directory, `lock.${number}`), { force: true });
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw fileFailed(directory, "made", cause);
  }
}

function lockNumbers(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => LOCK_FILE.exec(name)?.[1] ?? [])
    .map(Number);
}

/** @param mine the number of our own lock, which does not stand in our way */
function refuseLiveOwner(directory: string, mine: number | null, probe: ProcessProbe, refusal: LockRefusal): void {
  for (const number of lockNumbers(directory)) {
    if (number === mine) continue;
    const path = join(directory, `lock.${number}`);
    const owner = readOwner(path);
    if (owner === "gone") continue;
    if (owner === "unreadable") throw refusal({ file: path });
    if (!isGone(owner, probe)) throw refusal({ ...owner, file: path });
  }
}

/** A clone can lie on a shared disk: another machine's processes cannot be seen from here, so they count as alive. */
function isGone(owner: LockContent, probe: ProcessProbe): boolean {
  return owner.host === probe.host && probe.liveness(owner) === "gone";
}

function readOwner(path: string): LockContent | "gone" | "unreadable" {
  try {
    const content = JSON.parse(readFileSync(path, "utf8")) as Partial<LockContent>;
    const { host, pid, startedAt, at, what } = content;
    if (typeof host !== "string" || typeof pid !== "number") return "unreadable";
    return { host, pid, startedAt: startedAt ?? null, at: at ?? "", what: what ?? "" };
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : "unreadable";
  }
}

/** Creates a file with its content at once; false when the name is taken. */
function createWhole(path: string, content: string): boolean {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
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
