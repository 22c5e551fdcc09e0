import { Option } from "commander";
import { type KeeperDocument, keeperStatus, startKeeper, stopKeeper } from "../app/keeper.ts";
import { type KeeperRunDocument, runKeeper } from "../app/run-keeper.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { BulkheadError } from "../domain/error.ts";
import { defineCommand } from "./command.ts";

const ACTS = ["run", "start", "stop", "status"] as const;
type Act = (typeof ACTS)[number];

export const command = defineCommand({
  examples: [
    ["keeper status", "is it running, and for whom?"],
    ["keeper stop", "end it; start brings it back"],
  ],
  configure(command) {
    command
      .argument("[act]", "run (here, until no session is left), start, stop or status", "status")
      .addOption(new Option("--started").hideHelp())
      .usage("[run|start|stop|status] [options]");
  },
  input([act], options: { readonly started?: boolean }): { readonly act: Act; readonly started: boolean } {
    const found = ACTS.find((known) => known === act);
    if (found === undefined) {
      throw new BulkheadError("USAGE", {
        reason: `'${act}' is not run, start, stop or status.${didYouMean(String(act), ACTS)}`,
        command: "keeper",
      });
    }
    return { act: found, started: options.started ?? false };
  },
  async run(clone, { act, started }): Promise<KeeperDocument | KeeperRunDocument> {
    switch (act) {
      case "run":
        return runKeeper(clone, { started });
      case "start":
        return startKeeper(clone);
      case "stop":
        return stopKeeper(clone);
      default:
        return keeperStatus(clone);
    }
  },
  text: (document) => ("ended" in document ? ENDED[document.ended] : statusText(document)),
  exitCode: (document, { act }) =>
    ("running" in document && act === "start" && !document.running) ||
    ("running" in document && act === "stop" && document.running)
      ? 3
      : 0,
});

const ENDED = {
  none_left: "No session is left to keep.",
  replaced: "The keeper's place was taken away.",
  told: "The keeper was told to end.",
  moved: "The clone's sessions are kept elsewhere now.",
} as const;

function statusText({ running, pid, hostname, since, last_beat_at: beat, allowed, ...rest }: KeeperDocument): string {
  if (!running) {
    return allowed
      ? "No keeper runs."
      : "No keeper runs; the setting 'keeper' forbids one. Commits and commands count as signs of life.";
  }
  const lines = [`The keeper runs: process ${pid} on ${hostname}, since ${since}.`];
  lines.push(beat === null ? "It has not beaten yet." : `Last beat ${beat}, ${rest.sessions} sessions.`);
  if (rest.last_error !== null) lines.push(`Its last round failed: ${rest.last_error}`);
  return lines.join("\n");
}
