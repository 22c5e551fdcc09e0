import { type ReleaseDocument, release } from "../app/release.ts";
import { parseWorkItemKey } from "../domain/names.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";

export const command = defineCommand({
  examples: [
    ["release", "give the claim back, stay at work"],
    ["release --end", "done here: give it back and end the session"],
  ],
  configure(command) {
    const what = "the item to free; otherwise the one that this worktree's session holds";
    withOwnerOptions(command.argument("[item]", what))
      .option("--end", "end the session too; in the main checkout .session.json goes with it")
      .option("--force", "free the item also when another live session holds it")
      .usage("[item] [options]");
  },
  input: ([key], options: OwnerOptions & { readonly end?: boolean; readonly force?: boolean }) => ({
    ...ownerOf(options),
    item: key === undefined ? null : parseWorkItemKey(String(key)),
    end: options.end ?? false,
    force: options.force ?? false,
  }),
  run: release,
  text: textOf,
});

function textOf({ released_sd: item, status, ended, session_file: file }: ReleaseDocument): string {
  const lines = [item === null ? "Nothing was claimed here." : `${item} is free again.`];
  if (ended) {
    lines.push(file === "removed" ? "The session has ended; .session.json is removed." : "The session has ended.");
  } else if (status === "idle" && item !== null) lines.push("The session stays, without an item.");
  return lines.join("\n");
}
