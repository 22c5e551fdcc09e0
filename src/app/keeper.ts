/** The keeper from outside: starting, stopping, asking. */
import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { readText } from "../files/read-file.ts";
import { programFiles } from "../layout/program-files.ts";
import type { Clone } from "./clone.ts";
import { findKeeper, keeperFiles, makeKeeperPlace } from "./keeper-lock.ts";

/** How the keeper stands. */
export interface KeeperDocument {
  readonly running: boolean;
  readonly pid: number | null;
  readonly hostname: string | null;
  /** ISO 8601 */
  readonly since: string | null;
  /** ISO 8601; null before its first round, and when none runs. */
  readonly last_beat_at: string | null;
  /** How many sessions it keeps. */
  readonly sessions: number | null;
  /** What went wrong in its last round. */
  readonly last_error: string | null;
  /** Whether the settings let one run. */
  readonly allowed: boolean;
}

/** What the keeper writes down after each round. */
export interface KeeperState {
  readonly pid: number;
  readonly last_beat_at: string | null;
  readonly sessions: number;
  readonly last_error: string | null;
}

export async function keeperStatus(clone: Clone): Promise<KeeperDocument> {
  const allowed = (await clone.settings()).keeper.value;
  const found = findKeeper(clone, clone.processes());
  if (found === null) {
    const nothing = { pid: null, hostname: null, since: null, last_beat_at: null, sessions: null, last_error: null };
    return { running: false, ...nothing, allowed };
  }
  const { owner } = found;
  const state = readState(clone);
  const own = state !== null && state.pid === owner?.pid ? state : null;
  return {
    running: true,
    pid: owner?.pid ?? null,
    hostname: owner?.host ?? null,
    since: owner?.at ?? null,
    last_beat_at: own?.last_beat_at ?? null,
    sessions: own?.sessions ?? null,
    last_error: own?.last_error ?? null,
    allowed,
  };
}

function readState(clone: Clone): KeeperState | null {
  try {
    return JSON.parse(readText(keeperFiles(clone).state) ?? "null") as KeeperState | null;
  } catch {
    return null;
  }
}

/**
 * Makes sure that a keeper runs, where the settings let one run. It is a process of its own that outlives the caller; where
 * the system allows none, sessions live by their other signs. Never throws.
 */
export async function ensureKeeper(clone: Clone): Promise<void> {
  try {
    if (!(await clone.settings()).keeper.value || findKeeper(clone, clone.processes()) !== null) return;
    makeKeeperPlace(clone);
    const { cli } = programFiles();
    const { commonDir } = clone.repository;
    const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = clone.env;
    const child = spawn(process.execPath, [cli, "-C", commonDir, "keeper", "run", "--quiet", "--started"], {
      cwd: commonDir,
      env,
      detached: true,
      stdio: "ignore",
      windowsHide: true,
    });
    // Where processes are forbidden this is told by an event, which nobody needs to hear.
    child.on("error", () => {});
    child.unref();
  } catch {
    return;
  }
}

/** Milliseconds to wait for a keeper to come up or to end. */
const PATIENCE_MS = 10_000;

/** Starts the keeper in the background, and waits until it runs. */
export async function startKeeper(clone: Clone): Promise<KeeperDocument> {
  await ensureKeeper(clone);
  return settled(clone, ({ running, allowed }) => running || !allowed);
}

/** Ends the keeper. Sessions stay: their other signs of life go on counting. */
export async function stopKeeper(clone: Clone): Promise<KeeperDocument> {
  const { pid, hostname } = await keeperStatus(clone);
  if (pid !== null && hostname === clone.hostname) tell(pid, "SIGTERM");
  return settled(clone, ({ running }) => !running);
}

async function settled(clone: Clone, done: (status: KeeperDocument) => boolean): Promise<KeeperDocument> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    const status = await keeperStatus(clone);
    if (done(status) || Date.now() > deadline) return status;
    await setTimeout(50);
  }
}

/** Has the keeper look at once: a session has ended, and it may have been the last. */
export function nudgeKeeper(clone: Clone): void {
  const owner = findKeeper(clone, clone.processes())?.owner;
  // Windows knows no such signal and would end the process: there it notices by itself.
  if (owner != null && owner.host === clone.hostname && process.platform !== "win32") tell(owner.pid, "SIGUSR2");
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
    return;
  }
}
