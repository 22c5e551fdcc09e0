/** What the keeper does beside heartbeats: snapshots of every session's work, overlaps, and an eye on the guard. */
import { performance } from "node:perf_hooks";
import { asBulkheadError } from "../domain/error.ts";
import { readLedgers, writeLedger } from "../snapshot/ledger.ts";
import { keptSnapshots } from "../snapshot/retention.ts";
import { BY_KEEPER } from "../snapshot/snapshot.ts";
import { Clone } from "./clone.ts";
import { type SeenTimes, watchGuard } from "./guard-watch.ts";
import { compareSessions, type LocalSession } from "./overlaps.ts";

/** So much of one core may snapshots take, in the long run. */
const MAX_SHARE = 0.02;
/** How often it looks at the guard, in milliseconds. */
const WATCH_MS = 60_000;
/** How often old snapshots are dropped, in milliseconds. */
const EXPIRE_MS = 3_600_000;

export interface KeeperNet {
  /** Begins what is due, unless it is still at it: heartbeats do not wait. @param now everything counts as due */
  tend(now: boolean): void;
  /** Waits for what runs. */
  settle(): Promise<void>;
}

/** @param sessions the live sessions of this machine @param say takes a line for the keeper's log */
export function createNet(
  clone: Clone,
  sessions: () => Promise<readonly LocalSession[]>,
  say: (line: string) => void,
): KeeperNet {
  const round = createRound(clone, sessions, say);
  let running: Promise<void> | null = null;
  return {
    tend(now) {
      running ??= round(now).finally(() => {
        running = null;
      });
    },
    settle: async () => running ?? undefined,
  };
}

/** One look at what is due. Never throws: what fails is said, and tried again when it is due again. */
function createRound(
  clone: Clone,
  sessions: () => Promise<readonly LocalSession[]>,
  say: (line: string) => void,
): (everything: boolean) => Promise<void> {
  const seen: SeenTimes = new Map();
  const due = { watch: 0, snapshots: 0, expiry: 0 };
  let stretched = false;
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (thrown) {
      if (clone.signal?.aborted !== true) say(`${what}: ${asBulkheadError(thrown).message}`);
    }
  };
  const snapshots = async (now: number) => {
    // Settings as they are by now: a keeper lives long.
    const fresh = new Clone(clone.repository, { ...clone, directory: clone.repository.git.directory, note: say });
    const interval = (await fresh.settings()).snapshotSeconds.value * 1000;
    if (interval <= 0) return;
    const started = performance.now();
    await compareSessions(fresh, await sessions(), BY_KEEPER);
    const wait = nextWait(performance.now() - started, interval);
    due.snapshots = now + wait;
    if (wait > interval === stretched) return;
    stretched = wait > interval;
    const seconds = Math.round(wait / 1000);
    say(stretched ? `snapshots every ${seconds} s: oftener would cost too much` : "snapshots as often as set");
  };
  const watch = async () => {
    for (const { worktree, state, because } of await watchGuard(clone, seen)) say(`${worktree}: ${state}. ${because}`);
  };
  return async (everything) => {
    const now = clone.clock().getTime();
    if (everything) due.watch = due.snapshots = 0;
    if (now >= due.watch) {
      due.watch = now + WATCH_MS;
      await attempt("guard", watch);
    }
    if (now >= due.snapshots) {
      // Whatever goes wrong: not again at once.
      due.snapshots = now + WATCH_MS;
      await attempt("snapshots", () => snapshots(now));
    }
    if (now < due.expiry) return;
    due.expiry = now + EXPIRE_MS;
    await attempt("old snapshots", () => dropOldSnapshots(clone));
  };
}

/** When the next snapshots are due, in milliseconds. Pure. @param cost what the last ones took @param interval as set */
export function nextWait(cost: number, interval: number): number {
  return Math.max(interval, cost / MAX_SHARE);
}

/** Drops what is too old in every ledger, also of sessions that have ended. */
async function dropOldSnapshots(clone: Clone): Promise<void> {
  const { git } = clone.repository;
  for (const ledger of await readLedgers(git)) {
    const kept = keptSnapshots(ledger.snapshots, clone.clock());
    // Another process that writes the ledger meanwhile drops them itself.
    if (kept.length < ledger.snapshots.length) await writeLedger(git, ledger, kept);
  }
}
