import type { Command } from "commander";
import { parseWorkItemKey } from "../domain/names.ts";
import type { Session } from "../domain/session.ts";
import { isStale, shortSessionId } from "../domain/session-health.ts";
import { shellWord } from "../domain/shell-word.ts";
import { sessionRow } from "../session/session-row.ts";
import { type StartReport, startSession } from "../session/start.ts";
import { type Workplace, worktreeCommand } from "../session/workplace.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace, type OwnerOptions, withOwnerOptions } from "./session-place.ts";

export function configure(command: Command): void {
  withOwnerOptions(command.argument("<item>", "the work item's key"))
    .option("--share", "join a worktree that another session works in")
    .usage("<item> [options]");
}

export async function run(
  context: CommandContext,
  [key]: readonly (string | string[] | undefined)[],
  options: OwnerOptions & { readonly share?: boolean },
): Promise<CommandResult> {
  const item = parseWorkItemKey(String(key));
  return inWorkplace(context, options, async (place) => {
    const report = await startSession(place, item, options.share ?? false);
    const notes = report.others.map(noteOf);
    const warnings = warningsOf(report, place);
    for (const line of [...notes, ...warnings]) context.note(line);
    return { json: documentOf(report, place, notes, warnings), text: textOf(report) };
  });
}

function noteOf(other: Session): string {
  return `Note: Another active session detected (${shortSessionId(other.id)}), working on ${other.item}`;
}

function warningsOf({ onBase, branch, file, session }: StartReport, place: Workplace): string[] {
  const warnings: string[] = [];
  if (onBase) {
    const command = worktreeCommand(place, session.item);
    warnings.push(`Warning: this worktree is on the base branch '${branch}'. Work in one of your own: ${command}`);
  }
  if (branch !== file.expectedBranch) {
    const now = branch === null ? "HEAD is detached" : `HEAD is on '${branch}'`;
    const [back, change] = [shellWord(file.expectedBranch), branch === null ? "<branch>" : shellWord(branch)];
    warnings.push(
      `Warning: this worktree expects '${file.expectedBranch}', but ${now}. Go back: git switch ${back}, or expect it: bulkhead expect ${change}`,
    );
  }
  return warnings;
}

function textOf({ session, fresh, tookOver, switchedFrom, file }: StartReport): string {
  if (!fresh) return `${session.item} is yours already (session ${session.id}, expecting '${file.expectedBranch}').`;
  const lines = [
    `Claimed ${session.item} for session ${session.id}; commits here are expected on '${file.expectedBranch}'.`,
  ];
  if (tookOver !== null) {
    const why = isStale(tookOver.heartbeatAgeSeconds) ? "was stale" : "had lost its process";
    lines.push(`It was taken over from session ${shortSessionId(tookOver.id)}, which ${why}.`);
  }
  if (switchedFrom !== null) lines.push(`${switchedFrom} is free again.`);
  return lines.join("\n");
}

function documentOf(report: StartReport, place: Workplace, notes: string[], warnings: string[]): unknown {
  const { session, fresh, tookOver, switchedFrom, file } = report;
  return {
    ...sessionRow(session, place.owner),
    new_claim: fresh,
    expected_branch: file.expectedBranch,
    took_over: tookOver === null ? null : sessionRow(tookOver, place.owner),
    switched_from: switchedFrom,
    on_base: report.onBase,
    worktree_command: report.onBase ? worktreeCommand(place, session.item) : null,
    notes,
    warnings,
  };
}
