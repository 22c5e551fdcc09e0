import { asBulkheadError } from "../domain/error.ts";
import type { Check } from "../guard/doctor/checks.ts";
import type { Clone } from "./clone.ts";
import { allSnapshots } from "./snapshot.ts";

/** How many snapshots of uncommitted work there are, of how much. The guard needs none of them. */
export async function checkSnapshots(clone: Clone): Promise<Check> {
  const name = "snapshots";
  try {
    const snapshots = await allSnapshots(clone);
    const oldest = snapshots.at(-1);
    if (oldest === undefined) return { name, state: "ok", detail: "none yet" };
    const worktrees = new Set(snapshots.map(({ worktree }) => worktree)).size;
    // What several of them share is stored once: this is the most that it can be.
    const megabytes = snapshots.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
    const size = `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB of files at most`;
    const detail = `${snapshots.length} of ${worktrees} worktree${worktrees === 1 ? "" : "s"}, ${size}, the oldest of ${oldest.at}`;
    return { name, state: "ok", detail };
  } catch (thrown) {
    return { name, state: "warning", detail: asBulkheadError(thrown).message };
  }
}
