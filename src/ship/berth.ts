import { BulkheadError } from "../domain/error.ts";
import { drawTicket, type ProcessProbe, takeLock } from "./lock.ts";

/** Milliseconds between two tries for a lock that another ship holds. */
const TRY_EVERY_MS = 500;

export interface BerthOptions {
  readonly directory: string;
  /** What is being shipped, for whoever meets the lock. */
  readonly what: string;
  readonly processes: ProcessProbe;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly note: (line: string) => void;
  /** Milliseconds to wait for the lock; null: not at all. */
  readonly waitMs: number | null;
}

/** The right to work on a base, alone in this clone. */
export interface Berth {
  release(): void;
  /** Sleeps with the base free for others, then takes it again, however long that takes. */
  aside(ms: number): Promise<void>;
}

/** Takes a base's lock. With a wait it stands in the queue for it, and says where. @throws BulkheadError `SHIP_IN_PROGRESS` */
export async function takeBerth(options: BerthOptions): Promise<Berth> {
  let release = await take(options, options.waitMs);
  return {
    release: () => release(),
    async aside(ms) {
      release();
      release = () => {};
      await options.sleep(ms);
      release = await take(options, Number.POSITIVE_INFINITY);
    },
  };
}

async function take(options: BerthOptions, waitMs: number | null): Promise<() => void> {
  const { directory, what, processes, now, sleep, note } = options;
  if (waitMs === null) return takeLock(directory, what, processes, now());
  const ticket = drawTicket(directory, what, processes, now());
  const end = now().getTime() + waitMs;
  let told = "";
  try {
    for (;;) {
      const ahead = ticket.ahead();
      try {
        if (ahead === 0) return takeLock(directory, what, processes, now());
      } catch (thrown) {
        const busy = thrown instanceof BulkheadError && thrown.code === "SHIP_IN_PROGRESS";
        if (!busy || now().getTime() >= end) throw thrown;
        const line = `Waiting for another ship: ${String(thrown.data.what ?? "at work on this base")}. This one is next.`;
        if (line !== told) note(line);
        told = line;
      }
      if (ahead > 0) {
        if (now().getTime() >= end) throw new BulkheadError("SHIP_IN_PROGRESS", { directory });
        const line = `Waiting for other ships: ${ahead} ahead of this one.`;
        if (line !== told) note(line);
        told = line;
      }
      await sleep(Math.min(TRY_EVERY_MS, Math.max(1, end - now().getTime())));
    }
  } finally {
    ticket.giveBack();
  }
}
