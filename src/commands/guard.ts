import { checkGuard, type GuardCheckDocument } from "../app/guard-check.ts";
import { BulkheadError } from "../domain/error.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  examples: [["guard --check", "would a commit pass here, and why not?"]],
  configure(command) {
    command.option("--check", "say whether a commit would be let pass here, and why not");
  },
  input(_, options: { readonly check?: boolean }) {
    if (!options.check) throw new BulkheadError("USAGE", { reason: "Say what to do: --check.", command: "guard" });
    return {};
  },
  run: checkGuard,
  text: textOf,
  exitCode: ({ verdict }) => (verdict === "allow" ? 0 : 1),
});

function textOf({ verdict, branch, expected_branch: expected, message, moved, hint }: GuardCheckDocument): string {
  if (verdict === "refuse") {
    return ["A commit would be refused here.", message, moved, hint].filter((line) => line).join("\n");
  }
  if (verdict === "unguarded") {
    return ["The guard is off here: any commit would be made.", message, hint].filter((line) => line).join("\n");
  }
  const why = expected === null ? "nobody's session expects anything here" : `this worktree is for '${expected}'`;
  return `A commit on ${branch === null ? "a detached HEAD" : `'${branch}'`} would be let pass: ${why}.`;
}
