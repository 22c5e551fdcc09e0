import { asBulkheadError } from "../domain/error.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { worthKeeping } from "../recover/document.ts";
import type { WhoWorked } from "../recover/findings.ts";
import { type Protection, protect } from "../recover/protect.ts";
import type { WorktreeDirectory } from "../recover/roots.ts";
import { type Scan, scan } from "../recover/scan.ts";
import { readShippedMerges } from "../ship/shipped-merges.ts";
import { readTrash, trashLayout } from "../worktree/trash.ts";
import type { Clone } from "./clone.ts";

export interface ScanInput {
  /** Hours back from now; null for everything that is still there. */
  readonly windowHours: number | null;
  /** Look also at packed objects that no reflog names, however many there are. */
  readonly deep: boolean;
  /** Read staged content that no commit has, and guess where it belongs. */
  readonly blobs: boolean;
  /** Whether what is lost is kept from `git gc`. */
  readonly protect: boolean;
}

export interface ScanReport {
  readonly scan: Scan;
  /** When it looked, in seconds since 1970. */
  readonly now: number;
  /** What was kept from `git gc`; null when that was not asked for. */
  readonly rescue: Protection | null;
}

/** Looks for lost commits. Changes nothing in the clone, but for the one ref of `protect`. */
export async function scanLost(clone: Clone, input: ScanInput): Promise<ScanReport> {
  const started = clone.clock();
  const now = Math.floor(started.getTime() / 1000);
  clone.progress("Looking for orphaned commits …");
  const { windowHours, deep, blobs } = input;
  const found = await scan(clone.repository, {
    ...{ windowHours, deep, blobs, now, env: clone.env, config: clone.config, judgeRescued: input.protect },
    shipped: readShippedMerges(clone.repository.commonDir),
    removed: listRemovedWorktrees(clone),
    whoWorked: () => readWhoWorked(clone),
  });
  if (!input.protect) return { scan: found, now, rescue: null };
  const facts = { ...worthKeeping(found), stillLost: found.stillLost };
  return { scan: found, now, rescue: await protect(clone.repository, facts, started) };
}

/** What the trash of worktrees still knows of where and by whom commits were made. */
function listRemovedWorktrees({ repository: { commonDir } }: Clone): WorktreeDirectory[] {
  return readTrash(commonDir).map(({ id, path }) => ({
    id: `trash/${id}`,
    gitDir: trashLayout(commonDir, id).admin,
    path,
  }));
}

/** Sessions by the worktrees they worked in. A store that cannot be read leaves a scan without names, not without commits. */
async function readWhoWorked(clone: Clone): Promise<WhoWorked> {
  try {
    const sessions = (await (await clone.storeIfMade())?.listSessions({ ended: true })) ?? [];
    return (worktree, at) => {
      const ended = (releasedAt: string | null) => releasedAt !== null && Date.parse(releasedAt) / 1000 < at - 1;
      const there = sessions.filter(
        (session) =>
          session.worktree === worktree && Date.parse(session.createdAt) / 1000 <= at + 1 && !ended(session.releasedAt),
      );
      const session = there.at(-1);
      return session === undefined ? null : { session: shortSessionId(session.id), item: session.item };
    };
  } catch (thrown) {
    clone.note(`Who lost it is not known: ${asBulkheadError(thrown).message}`);
    return () => null;
  }
}
