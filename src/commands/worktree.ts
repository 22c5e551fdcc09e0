import { type AdoptDocument, adopt, listWorktrees, type WorktreesDocument } from "../app/worktrees.ts";
import { BulkheadError } from "../domain/error.ts";
import { defineCommand } from "./command.ts";

interface Options {
  readonly list?: boolean;
  readonly adopt?: boolean;
}

export const command = defineCommand({
  configure(command) {
    command
      .option("--list", "list the clone's worktrees and what each is for")
      .option("--adopt", "give this worktree its .session.json back");
  },
  input(_, { list, adopt }: Options) {
    if (list && adopt) throw usage("--list and --adopt exclude each other.");
    if (!list && !adopt) throw usage("Say what to do: --list or --adopt.");
    return { adopt: adopt ?? false };
  },
  run: async (clone, input): Promise<WorktreesDocument | AdoptDocument> =>
    input.adopt ? adopt(clone) : listWorktrees(clone),
  text: (document) => ("worktrees" in document ? listText(document) : adoptText(document)),
});

function usage(reason: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, command: "worktree" });
}

function listText({ worktrees }: WorktreesDocument): string {
  const lines = worktrees.map((row) => {
    const state = row.prunable ? " (gone)" : row.session_file === "invalid" ? " (broken session file)" : "";
    const other = row.expected_branch !== null && row.expected_branch !== row.branch;
    const expects = other ? `, expects ${row.expected_branch}` : "";
    const session = row.session === null ? "" : `  ${row.sdKey ?? row.session}`;
    return `${row.path}  ${row.branch ?? "detached"}${expects}${session}${state}`;
  });
  return lines.join("\n");
}

function adoptText({ path, branch, state }: AdoptDocument): string {
  const how = { kept: "has its session file", restored: "has its session file back", created: "is adopted" }[state];
  return `${path} ${how}: it expects '${branch}'.`;
}
