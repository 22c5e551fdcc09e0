/** The keeper itself: the one process of a clone that keeps its sessions' heartbeats. */
import { statSync } from "node:fs";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { HEARTBEAT_INTERVAL_SECONDS } from "../domain/timing.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { appendInforming } from "../layout/informing-log.ts";
import { machineIdentity } from "../machine/terminal-identity.ts";
import { ingestSpool } from "../session/event-ingest.ts";
import { describeRound, type KeepReport, keepSessions } from "../session/keep.ts";
import { deliverRequests } from "../session/requests.ts";
import { settleClaimFiles, worktreeFiles } from "../session/settle-files.ts";
import { storeExists } from "../store/open-store.ts";
import type { Clone } from "./clone.ts";
import type { KeeperState } from "./keeper.ts";
import { keeperFiles, makeKeeperPlace, takeKeeperLock } from "./keeper-lock.ts";
import { createNet } from "./keeper-net.ts";
import { observerOf } from "./observer.ts";
import { warnOwners } from "./warn-owners.ts";
import { withStore } from "./with-store.ts";
import { emptyTrash } from "./worktree-trash.ts";

/** How a keeper came to its end. */
export interface KeeperRunDocument {
  /** `none_left`: no session; `replaced`: its lock or its clone is gone; `told`: by a signal; `moved`: another store is used. */
  readonly ended: "none_left" | "replaced" | "told" | "moved";
  readonly rounds: number;
}

/** How often, in milliseconds, it looks whether its time has come: after the machine slept, timers tell nothing. */
const PULSE_MS = 2_000;

/**
 * Keeps the clone's sessions until none of this machine is left.
 * @param input `started`: by a command that has just beaten; otherwise it looks first whether there is anything to keep
 * @throws BulkheadError `KEEPER_RUNNING` when another does
 */
export async function runKeeper(clone: Clone, input: { readonly started: boolean }): Promise<KeeperRunDocument> {
  if (!input.started && (await isEmpty(clone))) return { ended: "none_left", rounds: 0 };
  if (!input.started) makeKeeperPlace(clone);
  const lock = takeKeeperLock(clone, clone.processes(), clone.clock());
  if (lock === null) return { ended: "replaced", rounds: 0 };
  if (lock.kind === "held") throw new BulkheadError("KEEPER_RUNNING", { pid: lock.owner?.pid ?? null });
  const wake = listenForNudge();
  const net = createNet(clone, () => ownSessions(clone), sayer(clone));
  let rounds = 0;
  try {
    let sweep = 0;
    let due = clone.clock().getTime() + HEARTBEAT_INTERVAL_SECONDS * 1000;
    for (;;) {
      const nudged = await wake.next(PULSE_MS, clone.signal);
      if (clone.signal?.aborted) return { ended: "told", rounds };
      if (statSync(lock.file, { throwIfNoEntry: false }) === undefined) return { ended: "replaced", rounds };
      net.tend(nudged);
      if (!nudged && clone.clock().getTime() < due) continue;
      due = clone.clock().getTime() + HEARTBEAT_INTERVAL_SECONDS * 1000;
      const outcome = await round(clone);
      rounds++;
      if (clone.clock().getTime() >= sweep) {
        sweep = clone.clock().getTime() + SWEEP_MS;
        await sweepTrash(clone);
      }
      if (outcome === "none_left" || outcome === "moved") return { ended: outcome, rounds };
    }
  } finally {
    wake.dispose();
    await net.settle();
    lock.release();
  }
}

/** Whether there is nothing to keep. Makes no store, and where there is none finds nothing. */
async function isEmpty(clone: Clone): Promise<boolean> {
  try {
    if (!storeExists(clone.storeLocation())) return true;
    return (await ownSessions(clone)).length === 0;
  } catch {
    // Whatever is the matter with the store now: the rounds will tell.
    return false;
  }
}

/** Live sessions of this machine. */
async function ownSessions(clone: Clone) {
  const sessions = await withStore(clone, (store) => store.listSessions());
  return sessions.filter(({ owner }) => owner.machineId === machineIdentity(clone.hostname));
}

function sayer(clone: Clone): (line: string) => void {
  const { log } = keeperFiles(clone);
  return (line) => void appendInforming(log, `${clone.clock().toISOString()} ${line}\n`, 0o600);
}

/** One round. A store that is away ends nothing: what is due is done when it is back. */
async function round(clone: Clone): Promise<"go_on" | "none_left" | "moved"> {
  const say = sayer(clone);
  try {
    const report = await keepOnce(clone);
    for (const line of describeRound(report)) say(line);
    warnOwners(report.silent);
    note(clone, { last_beat_at: clone.clock().toISOString(), sessions: report.left.length, last_error: null });
    return report.left.length === 0 ? "none_left" : "go_on";
  } catch (thrown) {
    const { code, message } = asBulkheadError(thrown);
    say(message);
    if (code === "STORE_MOVED" || code === "STORE_SPLIT") return "moved";
    note(clone, { last_beat_at: null, sessions: 0, last_error: message });
    return "go_on";
  }
}

/** How often, in milliseconds, it looks whether removed worktrees have been kept long enough. */
const SWEEP_MS = 3_600_000;

/** Deletes removed worktrees that are too old or too much. It tells nobody, so what is an only copy stays until a person was told. */
async function sweepTrash(clone: Clone): Promise<void> {
  const { log } = keeperFiles(clone);
  const say = (line: string) => void appendInforming(log, `${clone.clock().toISOString()} ${line}\n`, 0o600);
  try {
    const { deleted } = await emptyTrash(clone, false);
    for (const { path, removed_at: at } of deleted)
      say(`deleted the removed worktree ${path}, in the trash since ${at}`);
  } catch (thrown) {
    say(asBulkheadError(thrown).message);
  }
}

/** Everything that is done in a round: heartbeats, ends, and the truth of the worktrees' files. */
export async function keepOnce(clone: Clone): Promise<KeepReport> {
  const observer = { ...observerOf(clone), keeper: true };
  const report = await withStore(clone, async (store) => {
    await ingestSpool(clone.repository.commonDir, store);
    return keepSessions(store, observer);
  });
  for (const session of report.left) deliverRequests(session);
  settleClaimFiles(worktreeFiles(clone.repository.commonDir, await clone.mainTop()), report.all);
  return report;
}

function note(clone: Clone, state: Omit<KeeperState, "pid">): void {
  try {
    writeFileAtomically(keeperFiles(clone).state, `${JSON.stringify({ pid: process.pid, ...state })}\n`);
  } catch {
    // It only informs.
    return;
  }
}

/** A signal that says: look now. */
function listenForNudge() {
  let woken = () => {};
  const listen = () => woken();
  if (process.platform !== "win32") process.on("SIGUSR2", listen);
  return {
    /** @returns whether somebody nudged before the time was over */
    next: (milliseconds: number, signal: AbortSignal | undefined) =>
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => end(false), milliseconds);
        const called = () => end(false);
        const end = (nudged: boolean) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", called);
          woken = () => {};
          resolve(nudged);
        };
        woken = () => end(true);
        if (signal?.aborted) end(false);
        else signal?.addEventListener("abort", called, { once: true });
      }),
    dispose: () => void process.removeListener("SIGUSR2", listen),
  };
}
