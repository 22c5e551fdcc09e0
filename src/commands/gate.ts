import { type GateDocument, gate } from "../app/gate.ts";
import { typed } from "../domain/invocation.ts";
import { parseWorkItemKey } from "../domain/names.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";
import { shortId } from "./short-id.ts";

export const command = defineCommand({
  examples: [["gate LOGIN-1", "may this terminal work on LOGIN-1? exit 0 if so, 1 if not"]],
  configure(command) {
    withOwnerOptions(command.argument("<item>", "the work item's key")).usage("<item> [options]");
  },
  input: ([key], options: OwnerOptions) => ({ ...ownerOf(options), item: parseWorkItemKey(String(key)) }),
  run: gate,
  text: (document) => `${document.sd_id} may be worked on here: ${reason(document)}`,
});

function reason({ sd_id: item, claim, holder }: GateDocument): string {
  const who = holder === null ? "" : shortId(holder);
  switch (claim) {
    case "own":
      return "it is yours.";
    case "free":
      return `nobody has claimed it. Claim it: ${typed(`start ${item}`)}`;
    case "abandoned":
      return `session ${who} has it, but is stale or gone. Take it over: ${typed(`start ${item}`)}`;
    case "same_host":
      return `session ${who} has it, on this machine (setting gateIdentity).`;
  }
}
