import { constants } from "node:os";
import { type RunDocument, runItem } from "../app/run-item.ts";
import { parseWorkItemKey } from "../domain/names.ts";
import { defineCommand } from "./command.ts";
import { type OwnerOptions, ownerOf, withOwnerOptions } from "./owner-options.ts";
import { startNotes } from "./start.ts";
import { usage } from "./usage.ts";

export const command = defineCommand({
  examples: [
    ["run LOGIN-1 -- npm test", "in LOGIN-1's own worktree, with its claim"],
    ["run LOGIN-1 -- bash", "a shell in it; the claim goes with it"],
  ],
  configure(command) {
    withOwnerOptions(
      command.argument("<item>", "the work item's key").argument("<command...>", "what to run, and its arguments"),
    )
      .option("--here", "in this worktree, not in the item's own")
      .usage("<item> [options] -- <command> [arguments]");
  },
  input: ([key, words], options: OwnerOptions & { readonly here?: boolean }, { json }) => {
    const [program = "", ...args] = Array.isArray(words) ? words : [];
    if (program === "") throw usage("Say what to run, behind two dashes: -- <command>.", "run");
    const output: "stdout" | "stderr" = json ? "stderr" : "stdout";
    return {
      owner: ownerOf(options),
      item: parseWorkItemKey(String(key)),
      here: options.here ?? false,
      program,
      args,
      output,
    };
  },
  run: (clone, input, handOverSignals) =>
    runItem(clone, { ...input, handOverSignals, started: (document) => startNotes(document).forEach(clone.note) }),
  notes: ({ sd_id: item, released }: RunDocument) => [
    released ? `bulkhead: ${item} is free again.` : `bulkhead: ${item} stays claimed, as it was before.`,
  ],
  // What the command has printed is the text.
  text: () => "",
  exitCode: ({ exit_code: exitCode, signal }) => exitCode ?? endedBy(signal),
});

/** Those by which a process can end itself as if it had been sent them. */
const REPEATED: readonly (NodeJS.Signals | null)[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"];

/** As a shell tells it: by the same signal, else 128 and its number. */
function endedBy(signal: NodeJS.Signals | null): NodeJS.Signals | number {
  if (signal === null) return 0;
  return REPEATED.includes(signal) ? signal : 128 + (constants.signals[signal] ?? 0);
}
