import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { resolveSettings } from "../config/settings.ts";
import { asBulkheadError } from "../domain/error.ts";
import type { Expectation } from "../domain/expectation.ts";
import { isSessionId, isWorkItemKey } from "../domain/names.ts";
import { readConfig } from "../git/config-values.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import { isProtected } from "../guard/protect.ts";
import { identify, processLiveness } from "../session/owner-process.ts";
import { systemProcessTable } from "../session/process-table.ts";
import type { Claim } from "../ship/facts.ts";
import type { ShipParts, ShippedMerge } from "../ship/tools.ts";
import { openSessionStore } from "../store/open-store.ts";
import type { SessionStore } from "../store/session-store.ts";
import { storeLocation } from "./session-place.ts";

/** What a ship takes from the sessions and the guard. @param note told of what does not stop a ship */
export function shipParts(env: NodeJS.ProcessEnv, note: (line: string) => void): ShipParts {
  return {
    isProtected,
    processes: {
      host: hostname(),
      self: identify(systemProcessTable(), process.pid) ?? { pid: process.pid, startedAt: null },
      // A table may remember what it read: each question gets a fresh one.
      liveness: (other) => processLiveness(systemProcessTable(), other),
    },
    claim: (worktree, expectation) => checkClaim(worktree, expectation, env),
    shipped: async (merge) => {
      try {
        await recordShipped(merge, env);
      } catch (thrown) {
        note(`The merge is not in the sessions' log: ${asBulkheadError(thrown).message}`);
      }
    },
  };
}

/** Whether the claim that a worktree's file names still stands in the store. */
async function checkClaim(worktree: Repository, expectation: Expectation, env: NodeJS.ProcessEnv): Promise<Claim> {
  if (expectation.kind !== "present") return { state: "none" };
  const { sessionId = "", sdKey = "", claimEpoch } = expectation.content;
  if (!isSessionId(sessionId) || !isWorkItemKey(sdKey) || claimEpoch === undefined) return { state: "none" };
  try {
    const current = await inStore(worktree, env, (store) => store.isClaimCurrent(sessionId, sdKey, claimEpoch));
    if (current !== null) return { state: current ? "ours" : "lost" };
    const reason = "this clone has no session database. Nothing was merged.";
    return { state: "unknown", reason, wayOut: `Claim it anew, then ship: bulkhead start ${sdKey}` };
  } catch (thrown) {
    // The store's own words: a newer database needs something else than one that cannot be reached.
    const { message, hint } = asBulkheadError(thrown);
    return { state: "unknown", reason: `${message} Nothing was merged.`, wayOut: hint };
  }
}

async function recordShipped(
  { worktree, pull, branch, base, sha }: ShippedMerge,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const event = { type: "shipped", sessionId: null, worktree, data: { pull, branch, base, sha } };
  await inStore(await openRepository(worktree, env), env, (store) => store.recordEvents([event]));
}

/** Works with the clone's session store; null where nobody has ever made one: a ship does not. */
async function inStore<T>(
  { git, commonDir }: Repository,
  env: NodeJS.ProcessEnv,
  work: (store: SessionStore) => Promise<T>,
): Promise<T | null> {
  const config = await readConfig(git);
  const { remote } = resolveSettings({ env, gitConfig: config });
  const location = storeLocation(config, remote.value, commonDir);
  if (!existsSync(location.database)) return null;
  const store = await openSessionStore(location);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
