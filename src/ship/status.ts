import { join } from "node:path";
import type { Freeze } from "../domain/freeze.ts";
import type { BranchName } from "../domain/names.ts";
import { listNames } from "../files/read-file.ts";
import { commonLayout } from "../layout/paths.ts";
import { type JournalContent, listJournals, readJournals } from "./journal.ts";
import { findLockOwner, type LockOwner, type ProcessProbe, waitingTickets } from "./lock.ts";
import { describeStep } from "./steps.ts";

/** One ship, as its journal tells it. */
export interface ShipStatus {
  readonly pull: number | null;
  readonly url: string | null;
  readonly branch: BranchName;
  readonly state: "under way" | "unfinished" | "left to GitHub" | "finished" | "taken back";
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly merge_commit: string | null;
  /** Each step in words, with what came of it. */
  readonly steps: readonly { readonly what: string; readonly state: string; readonly detail: string }[];
}

/** What goes on for one base in this clone. */
export interface BaseStatus {
  readonly base: string;
  readonly lock: LockOwner | null;
  readonly waiting: number;
  readonly freeze: Freeze | null;
  readonly ships: readonly ShipStatus[];
  /** Journals that cannot be read. */
  readonly unreadable: readonly string[];
}

/**
 * What is under way, what is unfinished, and what was shipped: of every base of the clone, from its own files alone.
 * @param freezes the stops that hold now, of bases into which nothing was shipped from here, too
 */
export function shipStatus(commonDir: string, processes: ProcessProbe, freezes: readonly Freeze[]): BaseStatus[] {
  const root = commonLayout(commonDir).ships;
  const shipped = listNames(root)
    .sort()
    .map((name): BaseStatus => {
      const directory = join(root, name);
      const journals = listJournals(directory);
      const lock = findLockOwner(directory, processes)?.owner ?? null;
      const base = journals[0]?.base ?? baseOfLock(lock) ?? (name.replace(/-[0-9a-f]{12}$/, "") as BranchName);
      return {
        base,
        lock,
        waiting: waitingTickets(directory, processes),
        freeze: freezes.find((freeze) => freeze.base === base) ?? null,
        ships: journals.map((journal) => statusOf(journal, processes)),
        unreadable: readJournals(directory).unreadable.map(({ path }) => path),
      };
    });
  const others = freezes.filter((freeze) => !shipped.some(({ base }) => base === freeze.base));
  return [
    ...shipped,
    ...others.map((freeze) => ({ base: freeze.base, lock: null, waiting: 0, freeze, ships: [], unreadable: [] })),
  ];
}

/** The base as a lock words it (`pull request #1 into main`): a directory's name alone may not tell it. */
function baseOfLock(lock: LockOwner | null): string | null {
  return / into (.+)$/.exec(lock?.what ?? "")?.[1] ?? null;
}

function statusOf(journal: JournalContent, processes: ProcessProbe): ShipStatus {
  const { pull, url, head, startedAt, finishedAt, mergeCommit, steps } = journal;
  return {
    pull,
    url,
    branch: head.branch,
    state: stateOf(journal, processes),
    started_at: startedAt,
    finished_at: finishedAt,
    merge_commit: mergeCommit,
    steps: steps.map(({ step, state, detail }) => ({ what: describeStep(step, pull), state, detail })),
  };
}

function stateOf({ undone, finishedAt, owner, steps }: JournalContent, processes: ProcessProbe): ShipStatus["state"] {
  if (undone !== null) return "taken back";
  if (finishedAt !== null) return "finished";
  const alive = owner !== null && (owner.host !== processes.host || processes.liveness(owner) !== "gone");
  if (alive) return "under way";
  return steps.some(({ state }) => state === "waiting") ? "left to GitHub" : "unfinished";
}
