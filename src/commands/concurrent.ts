import { type ConcurrentDocument, concurrent } from "../app/concurrent.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";
import { shortId } from "./short-id.ts";

export const command = defineCommand({
  examples: [["concurrent", "is somebody else at work on this branch?"]],
  configure(command) {
    withOwnerOptions(command).usage("[options]");
  },
  input: (_, options: OwnerOptions) => ownerOf(options),
  run: concurrent,
  text: textOf,
});

function textOf({ concurrent: others, should_move: shouldMove }: ConcurrentDocument): string {
  const lines = others.map((other) => {
    const { sd_id: item, current_branch: branch, worktree, heartbeat_age_human: age } = other;
    return `${shortId(other)} works on ${item ?? "no item"}, on ${branch ?? "no known branch"} in ${worktree}, heartbeat ${age}`;
  });
  if (lines.length === 0) lines.push("No other session gets in the way of this one.");
  else if (shouldMove) lines.push("They were here first: move to a worktree of your own.");
  return lines.join("\n");
}
