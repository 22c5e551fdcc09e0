import { type ExpectDocument, expectBranch } from "../app/expect.ts";
import { parseBranchName } from "../domain/names.ts";
import { shellWord } from "../domain/shell-word.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  examples: [
    ["expect", "which branch is this worktree for?"],
    ["expect feat/login", "from now on it is for feat/login"],
  ],
  configure(command) {
    command
      .argument("[branch]", "the branch to expect from now on; otherwise the expectation is shown")
      .usage("[branch]");
  },
  input: ([name]) => ({ branch: name === undefined ? null : parseBranchName(String(name)) }),
  run: expectBranch,
  notes: ({ guard }) =>
    guard.state === "off" ? [`Warning: nothing stops a commit on another branch here. ${guard.because}`] : [],
  text: textOf,
});

function textOf({ expected_branch: expected, current_branch: branch, agrees }: ExpectDocument): string {
  const now = branch === null ? "HEAD is detached" : `HEAD is on '${branch}'`;
  if (expected === null) return `This worktree expects no branch; ${now}.`;
  if (agrees) return `This worktree expects '${expected}', and HEAD is on it.`;
  return `This worktree expects '${expected}', but ${now}. Go back with: git switch ${shellWord(expected)}`;
}
