import type { Command } from "commander";
import { parseWorkItemKey } from "../domain/names.ts";
import { type ReleaseReport, releaseSession } from "../session/release.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace, type OwnerOptions, withOwnerOptions } from "./session-place.ts";

export function configure(command: Command): void {
  withOwnerOptions(command.argument("[item]", "the item to free; otherwise the one that this worktree's session holds"))
    .option("--end", "end the session too; in the main checkout .session.json goes with it")
    .option("--force", "free the item also when another live session holds it")
    .usage("[item] [options]");
}

export async function run(
  context: CommandContext,
  [key]: readonly (string | string[] | undefined)[],
  options: OwnerOptions & { readonly end?: boolean; readonly force?: boolean },
): Promise<CommandResult> {
  const item = key === undefined ? null : parseWorkItemKey(String(key));
  return inWorkplace(context, options, async (place) => {
    const report = await releaseSession(place, { item, end: options.end ?? false, force: options.force ?? false });
    return { json: documentOf(report), text: textOf(report) };
  });
}

function documentOf({ item, session, ended, file }: ReleaseReport): unknown {
  return {
    success: true,
    released_sd: item,
    status: session?.status ?? null,
    reason: item === null && !ended ? null : (session?.releasedReason ?? null),
    released_at: item === null && !ended ? null : (session?.releasedAt ?? null),
    ended,
    session_file: file,
  };
}

function textOf({ item, session, ended, file }: ReleaseReport): string {
  const lines = [item === null ? "Nothing was claimed here." : `${item} is free again.`];
  if (ended)
    lines.push(file === "removed" ? "The session has ended; .session.json is removed." : "The session has ended.");
  else if (session?.status === "idle" && item !== null) lines.push("The session stays, without an item.");
  return lines.join("\n");
}
