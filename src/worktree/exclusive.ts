/** One command at a time for each worktree's place, and what it has begun, on record. */
import { rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { BulkheadError } from "../domain/error.ts";
import { clearDrafts, writeFileAtomically } from "../files/atomic-write.ts";
import { type ProcessProbe, takeOwnerLock } from "../files/owner-lock.ts";
import { listNames, readText } from "../files/read-file.ts";
import { commonLayout } from "../layout/paths.ts";
import type { Target } from "./target.ts";

/** What a command has begun at a place and not finished. */
export type Begun =
  | {
      readonly act: "create";
      readonly path: string;
      /** The branch that did not exist before, and the commit it starts at; null when the branch was there. */
      readonly newBranch: { readonly name: string; readonly sha: string } | null;
      /** Names of git's directories of worktrees that were there before. */
      readonly known: readonly string[];
      /** Whether its files are all there: from then on it is somebody's worktree, and stays. */
      readonly ready: boolean;
    }
  /** A worktree on its way into the trash, or back. */
  | { readonly act: "discard"; readonly entry: string }
  | { readonly act: "restore"; readonly entry: string };

export interface ExclusiveTools {
  readonly commonDir: string;
  readonly processes: ProcessProbe;
  readonly clock: () => Date;
  readonly signal: AbortSignal | undefined;
  readonly progress: (line: string) => void;
}

/** A place that only this command works at. */
export interface Held {
  /** What an earlier command, which was killed, has begun here. */
  begun(): Begun | null;
  /** Notes what is about to be done. */
  begin(what: Begun): void;
  /** Nothing is half done any more. */
  finish(): void;
}

/** Milliseconds between two looks at a lock that another command holds. */
const LOOK_MS = 60;
/** Milliseconds after which waiting for another command has lasted too long. */
const PATIENCE_MS = 15 * 60_000;

/**
 * Does something while no other command does anything at the same place.
 * @param wait whether to wait for another command that is at work there
 * @throws BulkheadError `WORKTREE_BUSY`, `INTERRUPTED`
 */
export async function exclusively<T>(
  tools: ExclusiveTools,
  target: Target,
  what: string,
  work: (held: Held) => Promise<T>,
  wait = true,
): Promise<T> {
  const directory = directoryOf(tools.commonDir, target);
  const release = await waitForLock(tools, directory, what, wait ? PATIENCE_MS : 0);
  try {
    return await work(new Place(join(directory, JOURNAL)));
  } finally {
    clearDrafts(directory, mayRun(tools));
    release();
    removeEmpty(directory);
  }
}

/** Tells whether a process may still run, for what is called after it. */
export function mayRun({ processes }: Pick<ExclusiveTools, "processes">): (pid: number) => boolean {
  return (pid) => processes.liveness({ pid, startedAt: null }) !== "gone";
}

/** Only what has nothing in it goes: a journal, or what another command has just put there, keeps the directory. */
function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // It is in use, or gone already: either is well.
  }
}

/** Places at which a command is at work, or has been ended at work. */
export function placesBegun(commonDir: string): Target[] {
  return listNames(commonLayout(commonDir).worktreeActs).flatMap((name): Target[] => {
    const [, kind, key] = /^(item|session)-(.+)$/.exec(name) ?? [];
    return kind === undefined ? [] : [{ kind: kind as Target["kind"], name: key as Target["name"] }];
  });
}

/** The entry of the trash that a command is at work on, or was ended at work on, at a place; null for none. */
export function entryBegun(commonDir: string, target: Target): string | null {
  const begun = new Place(join(directoryOf(commonDir, target), JOURNAL)).begun();
  return begun === null || begun.act === "create" ? null : begun.entry;
}

const JOURNAL = "journal.json";

function directoryOf(commonDir: string, { kind, name }: Target): string {
  return join(commonLayout(commonDir).worktreeActs, `${kind}-${name}`);
}

async function waitForLock(
  tools: ExclusiveTools,
  directory: string,
  what: string,
  patience: number,
): Promise<() => void> {
  const { processes, clock, signal, progress } = tools;
  const until = Date.now() + patience;
  for (;;) {
    try {
      const busy = (data: object) => new BulkheadError("WORKTREE_BUSY", { ...data });
      const release = takeOwnerLock(directory, what, processes, clock(), busy);
      progress("");
      return release;
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError) || thrown.code !== "WORKTREE_BUSY" || Date.now() >= until) throw thrown;
      progress(`Waiting for another command (${String(thrown.data.what ?? "?")}) …`);
    }
    if (signal?.aborted) throw new BulkheadError("INTERRUPTED");
    // Two that met must not meet again in step.
    await pause(LOOK_MS * (0.5 + Math.random()));
  }
}

class Place implements Held {
  readonly #journal: string;

  constructor(journal: string) {
    this.#journal = journal;
  }

  begun(): Begun | null {
    try {
      return JSON.parse(readText(this.#journal) ?? "null") as Begun | null;
    } catch {
      // Written whole or not at all: what a broken disk has left names nothing that could be ended.
      return null;
    }
  }

  begin(what: Begun): void {
    writeFileAtomically(this.#journal, JSON.stringify(what));
  }

  finish(): void {
    rmSync(this.#journal, { force: true });
  }
}
