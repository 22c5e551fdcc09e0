/** What every command does besides its own work: its owner is alive, and hears what it has to be told. */
import { statSync } from "node:fs";
import { isSameOwner } from "../domain/owner.ts";
import { HEARTBEAT_INTERVAL_SECONDS } from "../domain/timing.ts";
import { takeNotices } from "../layout/notice-file.ts";
import { worktreeLayout } from "../layout/paths.ts";
import { writeSharedFile } from "../layout/sharing.ts";
import { readWorkers } from "../layout/worker-file.ts";
import { observeOwner } from "../machine/observe-owner.ts";
import type { Clone } from "./clone.ts";
import { beat } from "./heartbeat.ts";
import type { OwnerInput } from "./workplace.ts";

/**
 * Notes a sign of life of this worktree's session, where the command is its owner's: in a file, and in the store where
 * that is open anyway and no keeper may be there to do it. Never throws: it is not what the command was called for.
 * @param listening whether somebody reads what is returned
 * @returns what the session has to be told
 */
export async function afterCommand(clone: Clone, input: OwnerInput, listening: boolean): Promise<string[]> {
  try {
    const { gitDir, topLevel, commonDir } = clone.repository;
    const workers = topLevel === null ? [] : readWorkers(gitDir);
    if (workers.length === 0) return [];
    const owner = observeOwner({ ...input, env: clone.env, hostname: clone.hostname }, clone.processes());
    const own = workers.find((worker) => isSameOwner(worker.owner, owner));
    if (own === undefined) return [];
    const { activity } = worktreeLayout(gitDir);
    const before = statSync(activity, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    writeSharedFile(activity, "", commonDir);
    const store = await clone.openedStore();
    if (store !== null && Date.now() - before >= HEARTBEAT_INTERVAL_SECONDS * 1000) await beat(store, own.sessionId);
    return listening ? takeNotices(gitDir) : [];
  } catch {
    return [];
  }
}
