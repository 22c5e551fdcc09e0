import type { Command } from "commander";
import { ageInWords, shortSessionId } from "../domain/session-health.ts";
import { readCurrentBranch } from "../git/head-file.ts";
import { findConcurrent } from "../session/concurrency.ts";
import { findWorktreeSession } from "../session/own-session.ts";
import { sessionRow } from "../session/session-row.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace, type OwnerOptions, withOwnerOptions } from "./session-place.ts";

export function configure(command: Command): void {
  withOwnerOptions(command).usage("[options]");
}

export async function run(context: CommandContext, _: unknown, options: OwnerOptions): Promise<CommandResult> {
  return inWorkplace(context, options, async (place) => {
    const sessions = await place.store.listSessions();
    const self = findWorktreeSession(place, sessions);
    const branch = await readCurrentBranch(place);
    const base = place.base?.branch ?? null;
    const { others, shouldMove } = findConcurrent({ self, branch, base, sessions, gone: place.findGone(sessions) });
    const lines = others.map(
      ({ id, item, branch: theirs, heartbeatAgeSeconds, worktree }) =>
        `${shortSessionId(id)} works on ${item ?? "no item"}, on ${theirs ?? "no known branch"} in ${worktree}, heartbeat ${ageInWords(heartbeatAgeSeconds)}`,
    );
    if (lines.length === 0) lines.push("No other session gets in the way of this one.");
    else if (shouldMove) lines.push("They were here first: move to a worktree of your own.");
    return {
      json: {
        concurrent: others.map((session) => sessionRow(session, place.owner)),
        should_move: shouldMove,
        current_branch: branch,
        base,
      },
      text: lines.join("\n"),
    };
  });
}
