import { hostname } from "node:os";
import type { Command } from "commander";
import { parseBranchName } from "../domain/names.ts";
import { shellWord } from "../domain/shell-word.ts";
import { openWorktree } from "../git/repository.ts";
import { listWorktrees } from "../git/worktrees.ts";
import { changeExpectation, type ExpectationReport, showExpectation } from "../session/expect.ts";
import type { CommandContext, CommandResult } from "./command.ts";

export function configure(command: Command): void {
  command
    .argument("[branch]", "the branch to expect from now on; otherwise the expectation is shown")
    .usage("[branch]");
}

export async function run(
  context: CommandContext,
  [name]: readonly (string | string[] | undefined)[],
): Promise<CommandResult> {
  const branch = name === undefined ? null : parseBranchName(String(name));
  const repository = await openWorktree(context.directory, context.env);
  if (branch === null) return resultOf(await showExpectation(repository));
  const mainTop = (await listWorktrees(repository.git))[0]?.path ?? repository.topLevel;
  const place = { ...repository, mainTop, hostname: hostname() };
  return resultOf(await changeExpectation(place, branch, new Date().toISOString()));
}

function resultOf({ expected, branch, agrees }: ExpectationReport): CommandResult {
  const now = branch === null ? "HEAD is detached" : `HEAD is on '${branch}'`;
  const text =
    expected === null
      ? `This worktree expects no branch; ${now}.`
      : agrees
        ? `This worktree expects '${expected}', and HEAD is on it.`
        : `This worktree expects '${expected}', but ${now}. Go back with: git switch ${shellWord(expected)}`;
  return { json: { expected_branch: expected, current_branch: branch, agrees }, text };
}
