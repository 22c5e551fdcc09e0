import { setTimeout } from "node:timers/promises";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import type { Expectation } from "../domain/expectation.ts";
import type { Freeze } from "../domain/freeze.ts";
import { typed } from "../domain/invocation.ts";
import { type BranchName, isSessionId, isWorkItemKey, parseBranchName } from "../domain/names.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { MERGE_METHODS } from "../github/pull-request.ts";
import { isProtected } from "../guard/protect.ts";
import { identify, processLiveness } from "../machine/owner-process.ts";
import type { Claim, ShipRequest } from "../ship/facts.ts";
import type { ShipResult } from "../ship/result.ts";
import { ship as shipPull } from "../ship/ship.ts";
import type { ShipTools } from "../ship/tools.ts";
import { type UndoResult, undoShip as undo } from "../ship/undo.ts";
import { bookActs } from "./book-act.ts";
import type { Clone } from "./clone.ts";
import { chosenRemote, connectGitHub, wiringOf } from "./github.ts";
import { retireWorktree } from "./ship-retire.ts";
import { snapshotBefore } from "./snapshot.ts";
import { sessionsTouching } from "./touching.ts";

/** Ships a pull request from this worktree. @throws BulkheadError as `ship` of the feature */
export async function ship(clone: Clone, request: ShipRequest): Promise<ShipResult> {
  return shipPull(request, await shipTools(clone));
}

/** Takes a ship of this clone back. @throws BulkheadError as `undoShip` of the feature */
export async function undoShip(clone: Clone, pull: number | null, dryRun: boolean): Promise<UndoResult> {
  return undo(pull, dryRun, await shipTools(clone));
}

/** What a ship works with: this worktree, GitHub, and what it takes from sessions and guard. Needs no network. */
export async function shipTools(clone: Clone): Promise<ShipTools> {
  const settings = await clone.settings();
  return {
    repository: clone.worktree,
    steadyGit: clone.repository.git.in(clone.repository.commonDir),
    env: clone.env,
    chosenRemote: await chosenRemote(clone),
    configuredBase: settings.base.value === "" ? null : parseBranchName(settings.base.value),
    isProtected: (branch) => isProtected(branch, settings.protect.value),
    isKept: (branch) => isProtected(branch, settings.keep.value),
    preferredMethod: MERGE_METHODS.find((method) => method === settings.mergeMethod.value) ?? null,
    wiring: once(() => wiringOf(clone)),
    connect: (repository, remote) => connectGitHub(clone, repository, remote),
    claim: (_worktree, expectation) => checkClaim(clone, expectation),
    freeze: (base) => findFreeze(clone, base),
    processes: {
      host: clone.hostname,
      self: identify(clone.processes(), process.pid) ?? { pid: process.pid, startedAt: null },
      liveness: (other) => processLiveness(clone.processes(), other),
    },
    shipped: ({ worktree, pull, branch, base, sha }) =>
      bookActs(clone, "The merge", [{ type: "shipped", worktree, data: { pull, branch, base, sha } }]),
    saveWork: (worktree, act) => snapshotBefore(clone, worktree, act),
    touching: (files) => sessionsTouching(clone, files),
    retire: (path, branch, pull) => retireWorktree(clone, { path, branch, pull }),
    save: writeFileAtomically,
    now: clone.clock,
    sleep: (ms) => pause(clone, ms),
    note: clone.note,
    progress: clone.progress,
  };
}

/** Whether the claim that a worktree's file names still stands in the store. */
async function checkClaim(clone: Clone, expectation: Expectation): Promise<Claim> {
  if (expectation.kind !== "present") return { state: "none" };
  const { sessionId = "", sdKey = "", claimEpoch } = expectation.content;
  if (!isSessionId(sessionId) || !isWorkItemKey(sdKey) || claimEpoch === undefined) return { state: "none" };
  try {
    const store = await clone.storeIfMade();
    if (store !== null) {
      return { state: (await store.confirmClaim(sessionId, sdKey, claimEpoch)) ? "ours" : "lost" };
    }
    const reason = "this clone has no session database. Nothing was merged.";
    return { state: "unknown", reason, wayOut: `Claim it anew, then ship: ${typed(`start ${sdKey}`)}` };
  } catch (thrown) {
    // The store's own words: a newer database needs something else than one that cannot be reached.
    const { message, hint } = asBulkheadError(thrown);
    return { state: "unknown", reason: `${message} Nothing was merged.`, wayOut: hint };
  }
}

/** The stop that holds for a base. A store that cannot be asked leaves it unknown, which is no "no". */
async function findFreeze(clone: Clone, base: BranchName): Promise<Freeze | null> {
  try {
    const store = await clone.storeIfMade();
    return (await store?.listFreezes())?.find((freeze) => freeze.base === base) ?? null;
  } catch (thrown) {
    const { message, hint } = asBulkheadError(thrown);
    throw new BulkheadError("SHIP_FREEZE_UNKNOWN", { base, reason: message, wayOut: hint }, { cause: thrown });
  }
}

/** @throws BulkheadError `INTERRUPTED` when all is called off meanwhile */
async function pause({ signal }: Clone, ms: number): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    if (signal?.aborted) throw new BulkheadError("INTERRUPTED", {}, { cause });
    throw cause;
  }
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null;
  return () => {
    found ??= read();
    return found;
  };
}
