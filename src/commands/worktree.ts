import type { Command } from "commander";
import { BulkheadError } from "../domain/error.ts";
import { printable } from "../domain/printable.ts";
import { openRepository, openWorktree } from "../git/repository.ts";
import { listWorktrees } from "../git/worktrees.ts";
import { readExpectation } from "../layout/session-file.ts";
import { adoptWorktree } from "../worktree/adopt.ts";
import type { CommandContext, CommandResult } from "./command.ts";

interface Options {
  list?: boolean;
  adopt?: boolean;
}

export function configure(command: Command): void {
  command
    .option("--list", "list the clone's worktrees and what each is for")
    .option("--adopt", "give this worktree its .session.json back");
}

/** Worktrees of the clone: list them, or adopt one. */
export async function run(
  context: CommandContext,
  _args: readonly unknown[],
  options: Options,
): Promise<CommandResult> {
  if (options.list) return list(context);
  if (options.adopt) return adopt(context);
  throw new BulkheadError("USAGE", { reason: "Say what to do: --list or --adopt.", command: "worktree" });
}

async function list(context: CommandContext): Promise<CommandResult> {
  const { git } = await openRepository(context.directory, context.env);
  const worktrees = (await listWorktrees(git)).filter(({ bare }) => !bare);
  const rows = worktrees.map(({ path, branch, prunable }) => {
    const expectation = prunable === null ? readExpectation(path) : { kind: "missing" as const };
    const content = expectation.kind === "present" ? expectation.content : null;
    return {
      path,
      branch,
      sdKey: content?.sdKey ?? null,
      session: content?.session ?? null,
      expected_branch: content?.expectedBranch ?? null,
      session_file: expectation.kind,
      prunable: prunable !== null,
    };
  });
  const text = rows.map((row) => {
    const state = row.prunable ? " (gone)" : row.session_file === "invalid" ? " (broken session file)" : "";
    const expects =
      row.expected_branch === null || row.expected_branch === row.branch ? "" : `, expects ${row.expected_branch}`;
    return `${printable(row.path)}  ${row.branch ?? "detached"}${expects}${row.session === null ? "" : `  ${row.sdKey ?? row.session}`}${state}`;
  });
  return { json: { worktrees: rows }, text: text.join("\n") };
}

async function adopt(context: CommandContext): Promise<CommandResult> {
  const adoption = await adoptWorktree(await openWorktree(context.directory, context.env));
  const how = { kept: "has its session file", restored: "has its session file back", created: "is adopted" }[
    adoption.state
  ];
  return { json: adoption, text: `${adoption.path} ${how}: it expects '${adoption.branch}'.` };
}
