import type { WorkItemKey } from "../domain/names.ts";
import { releaseSession } from "../session/release.ts";
import type { Clone } from "./clone.ts";
import { nudgeKeeper } from "./keeper.ts";
import { type OwnerInput, openWorkplace } from "./workplace.ts";
import { settleLocks } from "./worktree-locks.ts";

export interface ReleaseInput extends OwnerInput {
  /** The item to free; null for whatever this worktree's session holds. */
  readonly item: WorkItemKey | null;
  /** Whether the session ends too. */
  readonly end: boolean;
  /** Whether an operator frees another live session's item. */
  readonly force: boolean;
}

export interface ReleaseDocument {
  readonly success: true;
  /** Null when nothing was claimed. */
  readonly released_sd: string | null;
  readonly status: string | null;
  readonly reason: string | null;
  readonly released_at: string | null;
  readonly ended: boolean;
  readonly session_file: "kept" | "removed" | "untouched";
}

/** Ends a claim, and with `end` the session. @throws BulkheadError as `releaseSession` */
export async function release(clone: Clone, input: ReleaseInput): Promise<ReleaseDocument> {
  const { item, session, ended, file } = await releaseSession(await openWorkplace(clone, input), input);
  if (ended) {
    nudgeKeeper(clone);
    await settleLocks(clone);
  }
  const nothing = item === null && !ended;
  return {
    success: true,
    released_sd: item,
    status: session?.status ?? null,
    reason: nothing ? null : (session?.releasedReason ?? null),
    released_at: nothing ? null : (session?.releasedAt ?? null),
    ended,
    session_file: file,
  };
}
