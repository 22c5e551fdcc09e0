/** The scheduled scan itself: keeps what it finds from `git gc`, puts it on record, and leaves word for whoever lost it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { asBulkheadError } from "../domain/error.ts";
import { typed } from "../domain/invocation.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readText } from "../files/read-file.ts";
import { addNotices } from "../layout/notice-file.ts";
import { commonLayout } from "../layout/paths.ts";
import { isAlarm } from "../recover/document.ts";
import { shortSha } from "../recover/facts.ts";
import type { Finding } from "../recover/findings.ts";
import type { NewEvent } from "../store/session-store.ts";
import type { Clone } from "./clone.ts";
import { scanLost } from "./recover.ts";

/** What the last scheduled scan came to. */
export interface LastRun {
  /** ISO 8601 */
  readonly started_at: string;
  readonly finished_at: string;
  readonly lost: number;
  /** Of these, how many the run before had not found. */
  readonly new: number;
  /** How many tips are kept from `git gc`. */
  readonly kept: number;
  /** What went wrong; null when nothing did. */
  readonly error: string | null;
}

interface State extends LastRun {
  /** What was told already. */
  readonly told: readonly string[];
}

/** The first one looks back so far; each further one to where the last began, and an hour more. */
const FIRST_HOURS = 30 * 24;
const OVERLAP_HOURS = 1;
/** So many commits are remembered as told. */
const MOST_TOLD = 5000;

/** Looks for everything that was lost since the last time. @throws BulkheadError as `scanLost` */
export async function runScheduled(clone: Clone): Promise<LastRun> {
  const started = clone.clock();
  const before = readState(clone);
  const since = before === null ? null : (started.getTime() - Date.parse(before.started_at)) / 3_600_000;
  const windowHours = since === null || !(since >= 0) ? FIRST_HOURS : since + OVERLAP_HOURS;
  try {
    const { scan, rescue } = await scanLost(clone, { windowHours, deep: false, blobs: false, protect: true });
    const lost = scan.findings.filter(isAlarm);
    const known = new Set(before?.told);
    const fresh = lost.filter(({ sha }) => !known.has(sha));
    await recordLost(clone, fresh);
    for (const loss of lossesOf(clone, fresh)) addNotices(loss.gitDir, [lossLine(loss)]);
    const told = [...new Set([...lost.map(({ sha }) => sha), ...known])].slice(0, MOST_TOLD);
    const finished = clone.clock().toISOString();
    const counts = { lost: lost.length, new: fresh.length, kept: rescue?.tips ?? 0 };
    return save(clone, { started_at: started.toISOString(), finished_at: finished, ...counts, error: null, told });
  } catch (thrown) {
    const error = asBulkheadError(thrown).message;
    const { lost = 0, kept = 0, told = [], started_at = started.toISOString() } = before ?? {};
    // The window of the next run begins where this one's did: nothing is passed over.
    save(clone, { started_at, finished_at: clone.clock().toISOString(), lost, new: 0, kept, error, told });
    throw thrown;
  }
}

/** What the last run came to; null before the first. */
export function readLastRun(clone: Clone): LastRun | null {
  const state = readState(clone);
  if (state === null) return null;
  const { told: _, ...run } = state;
  return run;
}

function save(clone: Clone, state: State): LastRun {
  const { recover } = commonLayout(clone.repository.commonDir);
  mkdirSync(recover, { recursive: true, mode: 0o700 });
  writeFileAtomically(join(recover, "last-run.json"), `${JSON.stringify(state)}\n`);
  const { told: _, ...run } = state;
  return run;
}

function readState(clone: Clone): State | null {
  try {
    const path = join(commonLayout(clone.repository.commonDir).recover, "last-run.json");
    return JSON.parse(readText(path) ?? "null") as State | null;
  } catch {
    return null;
  }
}

/** One event for each commit, which the store keeps once. */
async function recordLost(clone: Clone, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return;
  const store = await clone.storeIfMade();
  const events = findings.map(({ sha, commit, lostBy, reason, lastSeen }): NewEvent => {
    const at = lostBy?.entry.at ?? lastSeen;
    return {
      type: "commit_lost",
      sessionId: null,
      id: `commit_lost:${sha}`,
      ...(lostBy === null ? {} : { worktree: lostBy.worktree }),
      ...(at === null ? {} : { at: new Date(at * 1000).toISOString() }),
      data: { sha, subject: commit?.subject ?? null, reason, command: lostBy?.entry.message ?? null },
    };
  });
  await store?.recordEvents(events);
}

/** One act that lost commits. */
interface Loss {
  /** git's directory of the worktree where it happened; of the main one where no log tells. */
  readonly gitDir: string;
  /** In seconds since 1970; null when not known. */
  readonly at: number | null;
  /** What the reflog calls it. */
  readonly command: string | null;
  /** Path of the worktree. */
  readonly worktree: string | null;
  /** Recovering it brings the others back. */
  readonly tip: string;
  count: number;
}

function lossesOf({ repository: { commonDir } }: Clone, findings: readonly Finding[]): Loss[] {
  const losses = new Map<string, Loss>();
  for (const { sha, stack, lostBy, lastSeen } of findings) {
    const id = lostBy?.entry.worktree ?? null;
    const linked = id !== null && !id.startsWith("trash/");
    const gitDir = linked ? join(commonDir, "worktrees", id) : commonDir;
    const [command, worktree] = [lostBy?.entry.message ?? null, lostBy?.worktree ?? null];
    const at = lostBy?.entry.at ?? lastSeen;
    const key = [gitDir, command, stack ?? sha].join("\0");
    const loss = losses.get(key) ?? { gitDir, at, command, worktree, tip: stack ?? sha, count: 0 };
    loss.count++;
    losses.set(key, loss);
  }
  return [...losses.values()];
}

function lossLine({ at, command, worktree, tip, count }: Loss): string {
  const what = count === 1 ? "1 commit of yours was lost" : `${count} commits of yours were lost`;
  const when = at === null ? "" : ` at ${clockTime(new Date(at * 1000))}`;
  const how = command === null ? "" : ` by \`${command}\``;
  const where = worktree === null ? "" : ` in ${worktree}`;
  return `${what}${when}${how}${where}. Bring back: ${typed(`recover --recover ${shortSha(tip)}`)}`;
}

/** By the machine's own clock: `14:02`. */
function clockTime(time: Date): string {
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}
