import type { Command } from "commander";
import type { Session } from "../domain/session.ts";
import { ageInWords, computedStatus, sessionHealth, shortSessionId } from "../domain/session-health.ts";
import { type ExpectationReport, showExpectation } from "../session/expect.ts";
import { findWorktreeSession } from "../session/own-session.ts";
import { sessionRow } from "../session/session-row.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace, type OwnerOptions, withOwnerOptions } from "./session-place.ts";

export function configure(command: Command): void {
  withOwnerOptions(command).usage("[options]");
}

export async function run(context: CommandContext, _: unknown, options: OwnerOptions): Promise<CommandResult> {
  return inWorkplace(context, options, async (place) => {
    const session = findWorktreeSession(place, await place.store.listSessions());
    const expectation = await showExpectation(place);
    const { expected, branch, agrees } = expectation;
    return {
      json: {
        worktree: place.topLevel,
        session: session === null ? null : sessionRow(session, place.owner),
        sd_id: session?.item ?? null,
        current_branch: branch,
        expected_branch: expected,
        agrees,
        base: place.base?.branch ?? null,
      },
      text: [`worktree  ${place.topLevel}`, ...sessionLines(session), ...branchLines(expectation)].join("\n"),
    };
  });
}

function sessionLines(session: Session | null): string[] {
  if (session === null) return ["session   none; start one with: bulkhead start <item>"];
  const age = session.heartbeatAgeSeconds;
  return [
    `session   ${shortSessionId(session.id)} (${computedStatus(session)}, ${sessionHealth(age)}, heartbeat ${ageInWords(age)})`,
    `item      ${session.item ?? "none"}`,
  ];
}

function branchLines({ expected, branch, agrees }: ExpectationReport): string[] {
  const verdict =
    expected === null ? "none" : `${expected}${agrees ? "" : "  (HEAD is elsewhere: commits are refused)"}`;
  return [`branch    ${branch ?? "detached"}`, `expects   ${verdict}`];
}
