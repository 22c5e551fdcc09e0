import { type Command, Option } from "commander";
import { ship, undoShip } from "../app/ship.ts";
import {
  type FreezeDocument,
  type FreezeInput,
  freezeBase,
  type ShipStatusDocument,
  shipStatus,
  unfreezeBase,
} from "../app/ship-status.ts";
import type { ExitCode } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import { MERGE_METHODS } from "../github/pull-request.ts";
import type { ShipRequest } from "../ship/facts.ts";
import { reportFreeze, reportShip, reportStatus, reportUndo } from "../ship/report.ts";
import { exitCodeOf, type ShipDocument, type ShipResult, shipDocument } from "../ship/result.ts";
import type { UndoResult } from "../ship/undo.ts";
import { defineCommand } from "./command.ts";
import { parseShip, type ShipOptions } from "./ship-input.ts";

/** What the words ask for: a ship, or one of the acts around it. */
export type ShipInput =
  | { readonly act: "ship"; readonly request: ShipRequest }
  | { readonly act: "undo"; readonly pull: number | null; readonly dryRun: boolean }
  | { readonly act: "status" }
  | { readonly act: "freeze"; readonly freeze: FreezeInput }
  | { readonly act: "unfreeze"; readonly base: BranchName | null };

type Document =
  | { readonly act: "ship"; readonly result: ShipResult }
  | { readonly act: "undo"; readonly result: UndoResult }
  | { readonly act: "status"; readonly result: ShipStatusDocument }
  | { readonly act: "freeze"; readonly result: FreezeDocument };

export const command = defineCommand<ShipInput, Document, ShipOptions>({
  examples: [
    ["ship --push", "push this branch, then merge its pull request"],
    ["ship 12 --wait 10m", "merge number 12 once its checks are green"],
    ["ship --dry-run", "print the plan, change nothing"],
    ["ship status", "what is under way, and what is unfinished"],
  ],
  configure,
  input: parseShip,
  async run(clone, input): Promise<Document> {
    switch (input.act) {
      case "ship":
        return { act: "ship", result: await ship(clone, input.request) };
      case "undo":
        return { act: "undo", result: await undoShip(clone, input.pull, input.dryRun) };
      case "status":
        return { act: "status", result: await shipStatus(clone) };
      case "freeze":
        return { act: "freeze", result: await freezeBase(clone, input.freeze) };
      case "unfreeze":
        return { act: "freeze", result: await unfreezeBase(clone, input.base) };
    }
  },
  json: (document): ShipDocument | UndoResult | ShipStatusDocument | FreezeDocument =>
    document.act === "ship" ? shipDocument(document.result) : document.result,
  text(document) {
    switch (document.act) {
      case "ship":
        return reportShip(document.result);
      case "undo":
        return reportUndo(document.result);
      case "status":
        return reportStatus(document.result.bases);
      case "freeze":
        return reportFreeze(document.result);
    }
  },
  exitCode(document): ExitCode {
    if (document.act === "ship") return exitCodeOf(document.result);
    return document.act === "undo" && document.result.failed.length > 0 ? 4 : 0;
  },
});

function configure(command: Command): void {
  command
    .argument("[pr]", "pull request: 12, #12, owner/repo#12 or its address; or: status, freeze, unfreeze")
    .argument("[base]", "with freeze and unfreeze: the base; default: this clone's")
    .option("--push", "push what is only here first, never forced")
    .option("--create", "open the pull request when there is none (pushes too)")
    .option("--wait [duration]", "wait for checks and reviews: 90s, 10m, 1h; default 30m")
    .option("--dry-run", "print the plan and change nothing")
    .addOption(
      new Option("--method <method>", "how to merge; default: the first that is allowed").choices(MERGE_METHODS),
    )
    .option("--queue", "merge through the base's merge queue")
    .option("--auto", "let GitHub merge it once it is ready")
    .option("--retire", "move the branch's worktree into the trash too, and end its session")
    .option("--branch <branch>", "ship the pull request of this branch")
    .option("--undo", "take a ship back: a pull request that reverts it, and its branches")
    .option("--expect-branch <branch>", "the branch that this worktree must be on; default: what .session.json says")
    .option("--expect-head <sha>", "the commit that must be the pull request's head, whatever else is here")
    .option("--title <title>", "its title; default: the last commit's subject")
    .option("--body <text>", "its description")
    .option("--draft", "open it as a draft, and leave it unmerged")
    .option("--keep-branch", "delete neither the remote branch nor the local one")
    .option("--delete-branch", "delete the branch even if pull requests were once merged into it")
    .option("--until <time>", "with freeze: when it ends, as 2h, 3d or 2026-12-24T18:00Z")
    .option("--reason <text>", "with freeze: why");
}
