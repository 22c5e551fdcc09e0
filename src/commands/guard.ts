import type { Command } from "commander";
import { BulkheadError } from "../domain/error.ts";
import { openWorktree } from "../git/repository.ts";
import { describeHeadMovement, findHeadMovement } from "../guard/head-movement.ts";
import { judgeHook } from "../guard/judge.ts";
import { readGuardConf } from "../layout/guard-conf.ts";
import { commonLayout } from "../layout/paths.ts";
import type { CommandContext, CommandResult } from "./command.ts";

interface Options {
  check?: boolean;
}

export function configure(command: Command): void {
  command.option("--check", "say whether a commit would be let pass here, and why not");
}

/** The guard's verdict for a person: what a commit made in this worktree now would meet. */
export async function run(
  context: CommandContext,
  _args: readonly unknown[],
  options: Options,
): Promise<CommandResult> {
  if (!options.check) throw new BulkheadError("USAGE", { reason: "Say what to do: --check.", command: "guard" });
  const { gitDir, commonDir, topLevel, linked } = await openWorktree(context.directory, context.env);
  const conf = readGuardConf(commonLayout(commonDir).guardConf);
  if (conf === null) throw new BulkheadError("NOT_INITIALISED");
  const { facts, verdict } = judgeHook({
    hook: "pre-commit",
    hookArguments: [],
    lines: [],
    place: { gitDir, commonDir, linked, topLevel },
    conf,
    env: { ...context.env, GIT_DIR: gitDir },
    cwd: topLevel,
  });
  const branch = facts.head.kind === "branch" ? facts.head.branch : null;
  const expected = facts.expectation.kind === "present" ? facts.expectation.content.expectedBranch : null;
  if (verdict.kind === "allow") {
    const why = expected === null ? "nobody's session expects anything here" : `this worktree is for '${expected}'`;
    return {
      json: { verdict: "allow", branch, expected_branch: expected },
      text: `A commit on ${branch === null ? "a detached HEAD" : `'${branch}'`} would be let pass: ${why}.`,
    };
  }
  const error = new BulkheadError(verdict.code, verdict.data);
  const movement = expected === null ? null : findHeadMovement(gitDir, expected);
  const history = movement === null ? [] : [describeHeadMovement(movement, Date.now() / 1000)];
  return {
    json: {
      verdict: "refuse",
      branch,
      expected_branch: expected,
      code: error.code,
      message: error.message,
      hint: error.hint,
      moved_by: movement,
    },
    text: ["A commit would be refused here.", error.message, ...history, error.hint].join("\n"),
    exitCode: 1,
  };
}
