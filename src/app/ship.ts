import { setTimeout } from "node:timers/promises";
import { asBulkheadError } from "../domain/error.ts";
import type { Expectation } from "../domain/expectation.ts";
import { typed } from "../domain/invocation.ts";
import { isSessionId, isWorkItemKey, parseBranchName } from "../domain/names.ts";
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
    env: clone.env,
    chosenRemote: await chosenRemote(clone),
    configuredBase: settings.base.value === "" ? null : parseBranchName(settings.base.value),
    isProtected: (branch) => isProtected(branch, settings.protect.value),
    isKept: (branch) => isProtected(branch, settings.keep.value),
    preferredMethod: MERGE_METHODS.find((method) => method === settings.mergeMethod.value) ?? null,
    wiring: once(() => wiringOf(clone)),
    connect: (repository, remote) => connectGitHub(clone, repository, remote),
    claim: (_worktree, expectation) => checkClaim(clone, expectation),
    processes: {
      host: clone.hostname,
      self: identify(clone.processes(), process.pid) ?? { pid: process.pid, startedAt: null },
      liveness: (other) => processLiveness(clone.processes(), other),
    },
    shipped: ({ worktree, pull, branch, base, sha }) =>
      bookActs(clone, "The merge", [{ type: "shipped", worktree, data: { pull, branch, base, sha } }]),
    saveWork: (worktree, act) => snapshotBefore(clone, worktree, act),
    touching: (files) => sessionsTouching(clone, files),
    now: clone.clock,
    sleep: (ms) => setTimeout(ms, undefined, clone.signal === undefined ? {} : { signal: clone.signal }),
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

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null;
  return () => {
    found ??= read();
    return found;
  };
}
