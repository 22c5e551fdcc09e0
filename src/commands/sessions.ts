import type { Command } from "commander";
import type { Session } from "../domain/session.ts";
import { ageInWords, computedStatus, sessionHealth, shortSessionId } from "../domain/session-health.ts";
import { observeWorktree } from "../session/observe-worktree.ts";
import { type SessionFlag, type SessionView, viewSessions } from "../session/overview.ts";
import { sessionRow } from "../session/session-row.ts";
import type { Workplace } from "../session/workplace.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace } from "./session-place.ts";
import { formatTable } from "./table.ts";

const FLAG_WORDS: Record<SessionFlag, (view: SessionView) => string> = {
  branch_mismatch: ({ expected }) => `not on the expected '${expected}'`,
  shared_branch: () => "several sessions on this branch",
  branch_unknown: () => "on no known branch",
  process_gone: () => "its process is gone",
  claim_lost: () => "its claim was taken over",
};

export function configure(command: Command): void {
  command.option("--all", "also sessions that have ended in the last 24 hours").usage("[options]");
}

export async function run(
  context: CommandContext,
  _: unknown,
  options: { readonly all?: boolean },
): Promise<CommandResult> {
  return inWorkplace(context, {}, async (place) => {
    const views = await listViews(place, options.all ?? false);
    const rows = views.map(({ session, expected, flags }) => ({
      ...sessionRow(session, place.owner),
      expected_branch: expected,
      flags,
    }));
    return { json: { sessions: rows }, text: textOf(views) };
  });
}

async function listViews(place: Workplace, ended: boolean): Promise<SessionView[]> {
  const sessions = await place.store.listSessions({ ended });
  const here = sessions.filter((session) => session.owner.machineId === place.owner.machineId);
  const worktrees = [...new Set(here.map((session) => session.worktree))];
  const seen = new Map(await Promise.all(worktrees.map(async (path) => [path, await observeWorktree(path)] as const)));
  const observe = (session: Session) => (here.includes(session) ? (seen.get(session.worktree) ?? null) : null);
  return viewSessions(sessions, place.findGone(sessions), observe);
}

function textOf(views: readonly SessionView[]): string {
  if (views.length === 0) return "No session is at work.";
  const header = ["session", "item", "branch", "heartbeat", "health", "status", "worktree"];
  const table = formatTable([header, ...views.map(({ session }) => cellsOf(session))]);
  const remarks = views.flatMap((view) =>
    view.flags.map((flag) => `! ${shortSessionId(view.session.id)}: ${FLAG_WORDS[flag](view)}`),
  );
  return [table, ...(remarks.length > 0 ? ["", ...remarks] : [])].join("\n");
}

function cellsOf(session: Session): string[] {
  const age = session.heartbeatAgeSeconds;
  const status = computedStatus(session);
  return [
    shortSessionId(session.id),
    session.item ?? "-",
    session.branch ?? "?",
    ageInWords(age),
    status === "released" ? "-" : sessionHealth(age),
    status,
    session.worktree,
  ];
}
