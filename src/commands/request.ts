import { type RequestDocument, request } from "../app/request.ts";
import { parseWorkItemKey } from "../domain/names.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";
import { shortId } from "./short-id.ts";
import { usage } from "./usage.ts";

/** What a message may be long at most: it is read in one line of a terminal. */
const LONGEST = 500;

export const command = defineCommand({
  examples: [['request LOGIN-1 --message "need it for the release"', "ask whoever holds LOGIN-1 for it"]],
  configure(command) {
    withOwnerOptions(command.argument("<item>", "the work item's key"))
      .option("--message <text>", "a word to its holder")
      .usage("<item> [options]");
  },
  input: ([key], options: OwnerOptions & { readonly message?: string }) => {
    if ((options.message ?? "").length > LONGEST) throw usage(`--message takes at most ${LONGEST} letters.`, "request");
    return { ...ownerOf(options), item: parseWorkItemKey(String(key)), message: options.message?.trim() || null };
  },
  run: request,
  text: ({ sd_id: item, holder }: RequestDocument) =>
    holder === null
      ? `${item} is yours already.`
      : `Session ${shortId(holder)} is asked for ${item}: it is told at its next commit or command.`,
});
