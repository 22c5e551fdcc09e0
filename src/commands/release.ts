import { type HandOverDocument, handOverClaim } from "../app/hand-over.ts";
import { type ReleaseDocument, release } from "../app/release.ts";
import { parseSessionId, parseWorkItemKey } from "../domain/names.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";

export const command = defineCommand({
  examples: [
    ["release", "give the claim back, stay at work"],
    ["release --end", "done here: give it back and end the session"],
    ["release --to session_5f1c", "hand the claim over to who has asked for it"],
  ],
  configure(command) {
    const what = "the item to free; otherwise the one that this worktree's session holds";
    withOwnerOptions(command.argument("[item]", what))
      .option("--to <session>", "hand the claim over to that session, by its id or the start of it")
      .option("--end", "end the session too; in the main checkout .session.json goes with it")
      .option("--force", "free the item also when another live session holds it")
      .usage("[item] [options]");
  },
  input: ([key], options: Options) => ({
    ...ownerOf(options),
    item: key === undefined ? null : parseWorkItemKey(String(key)),
    end: options.end ?? false,
    force: options.force ?? false,
    to: options.to === undefined ? null : parseSessionId(options.to.replace(/…$/, "")),
  }),
  run: async (clone, { to, ...input }): Promise<ReleaseDocument | HandOverDocument> =>
    to === null ? release(clone, input) : handOverClaim(clone, { ...input, to }),
  text: (document) => ("handed_over" in document ? handedOverText(document) : textOf(document)),
});

interface Options extends OwnerOptions {
  readonly end?: boolean;
  readonly force?: boolean;
  readonly to?: string;
}

function handedOverText({ handed_over: item, to, ended }: HandOverDocument): string {
  return [
    `${item} is session ${to}'s now.`,
    ended ? "This session has ended." : "This session stays, without an item.",
  ].join("\n");
}

function textOf({ released_sd: item, status, ended, session_file: file }: ReleaseDocument): string {
  const lines = [item === null ? "Nothing was claimed here." : `${item} is free again.`];
  if (ended) {
    lines.push(file === "removed" ? "The session has ended; .session.json is removed." : "The session has ended.");
  } else if (status === "idle" && item !== null) lines.push("The session stays, without an item.");
  return lines.join("\n");
}
