import type { Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import type { Sight } from "../session/look.ts";
import { observeWorktree } from "../session/observe-worktree.ts";
import { type SessionFlag, type SessionView, viewSessions } from "../session/overview.ts";
import { type SessionRow, sessionRow } from "../session/session-row.ts";
import type { Workplace } from "../session/workplace.ts";
import type { Overlap } from "../snapshot/overlap.ts";
import type { Clone } from "./clone.ts";
import { readOverlaps } from "./overlaps.ts";
import { openWorkplace } from "./workplace.ts";

export interface SessionsDocument {
  readonly sessions: readonly (SessionRow & {
    readonly expected_branch: string | null;
    readonly flags: readonly SessionFlag[];
  })[];
  /** Sessions whose work overlaps, as the keeper last found it. */
  readonly overlaps: readonly Overlap[];
}

/** Who is at work. @param input `all`: also sessions that have ended in the last 24 hours */
export async function sessions(clone: Clone, input: { readonly all: boolean }): Promise<SessionsDocument> {
  const place = await openWorkplace(clone, {});
  const { views, lives } = await listViews(place, input.all);
  return {
    sessions: views.map(({ session, expected, flags }) => ({
      ...sessionRow(session, place.owner, lives.get(session.id)),
      expected_branch: expected,
      flags,
    })),
    overlaps: (readOverlaps(clone.repository.commonDir)?.overlaps ?? []).filter(({ between }) =>
      between.every((party) => views.some(({ session }) => shortSessionId(session.id) === party.session)),
    ),
  };
}

async function listViews(place: Workplace, ended: boolean): Promise<{ views: SessionView[]; lives: Sight["lives"] }> {
  const { sessions: listed, gone, lives } = await place.look({ ended });
  const here = listed.filter((session) => session.owner.machineId === place.owner.machineId);
  const worktrees = [...new Set(here.map((session) => session.worktree))];
  const seen = new Map(await Promise.all(worktrees.map(async (path) => [path, await observeWorktree(path)] as const)));
  const observe = (session: Session) => (here.includes(session) ? (seen.get(session.worktree) ?? null) : null);
  return { views: viewSessions(listed, gone, observe), lives };
}
