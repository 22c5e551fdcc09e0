import { Option } from "commander";
import { ship } from "../app/ship.ts";
import { BulkheadError } from "../domain/error.ts";
import { parseBranchName } from "../domain/names.ts";
import { MERGE_METHODS, type MergeMethod } from "../github/pull-request.ts";
import type { ShipRequest } from "../ship/facts.ts";
import { reportShip } from "../ship/report.ts";
import { exitCodeOf, shipDocument } from "../ship/result.ts";
import { defineCommand } from "./command.ts";

interface ShipOptions {
  branch?: string;
  expectBranch?: string;
  method?: MergeMethod;
  push?: boolean;
  create?: boolean;
  title?: string;
  body?: string;
  draft?: boolean;
  wait?: string | true;
  keepBranch?: boolean;
  dryRun?: boolean;
}

/** How long `--wait` waits when it names no duration, in milliseconds. */
const DEFAULT_WAIT_MS = 30 * 60_000;

export const command = defineCommand({
  configure(command) {
    command
      .argument("[pr]", "number of the pull request; without it, that of the current branch")
      .option("--branch <branch>", "ship the pull request of this branch")
      .option("--expect-branch <branch>", "the branch that this worktree must be on; default: what .session.json says")
      .addOption(
        new Option("--method <method>", "how to merge; default: the first that is allowed").choices(MERGE_METHODS),
      )
      .option("--push", "push what is only here first, never forced")
      .option("--create", "open the pull request when there is none (pushes too)")
      .option("--title <title>", "its title; default: the last commit's subject")
      .option("--body <text>", "its description")
      .option("--draft", "open it as a draft, and leave it unmerged")
      .option("--wait [duration]", "wait for checks and reviews: 90s, 10m, 1h; default 30m")
      .option("--keep-branch", "delete neither the remote branch nor the local one")
      .option("--dry-run", "print the plan and change nothing");
  },
  input: ([pr], options: ShipOptions) => parseRequest(typeof pr === "string" ? pr : null, options),
  run: ship,
  json: shipDocument,
  text: reportShip,
  exitCode: exitCodeOf,
});

function parseRequest(pr: string | null, options: ShipOptions): ShipRequest {
  const { branch, expectBranch, wait, title, body } = options;
  const named = pr !== null || branch !== undefined;
  if (pr !== null && branch !== undefined) throw usage("Give a pull request or --branch, not both.");
  if (!options.create && (title !== undefined || body !== undefined || options.draft)) {
    throw usage("--title, --body and --draft go with --create.");
  }
  const create = options.create ? { title: title ?? null, body: body ?? null, draft: options.draft ?? false } : null;
  return {
    target:
      pr !== null ? { number: parseNumber(pr) } : branch !== undefined ? { branch: parseBranchName(branch) } : null,
    expectBranch: expectBranch === undefined ? null : parseBranchName(expectBranch),
    method: options.method ?? null,
    push: options.push ?? false,
    create,
    keepBranch: options.keepBranch ?? false,
    dryRun: options.dryRun ?? false,
    waitMs: wait === undefined ? null : wait === true ? DEFAULT_WAIT_MS : parseDuration(wait, named),
  };
}

function parseNumber(text: string): number {
  const [, digits] = /^#?([1-9]\d{0,9})$/.exec(text) ?? [];
  if (digits === undefined) throw usage(`'${text}' is not the number of a pull request.`);
  return Number(digits);
}

/**
 * Milliseconds of `90s`, `10m`, `1h`. A bare number means seconds, but only where the pull request is named already:
 * `ship --wait 2` may mean number 2 just as well, and would ship another one.
 */
function parseDuration(text: string, named: boolean): number {
  const [, amount, unit] = /^#?(\d{1,6})(s|m|h)?$/.exec(text) ?? [];
  if (amount === undefined) throw usage(`'${text}' is no duration. Give one such as 90s, 10m or 1h.`);
  if ((unit === undefined && !named) || text.startsWith("#")) {
    throw usage(
      `'--wait ${text}' may mean ${amount} seconds or pull request ${amount}. Write --wait ${amount}s, or: ship ${amount} --wait`,
    );
  }
  return Number(amount) * { s: 1_000, m: 60_000, h: 3_600_000 }[(unit ?? "s") as "s" | "m" | "h"];
}

function usage(reason: string): BulkheadError {
  return new BulkheadError("USAGE", { reason, command: "ship" });
}
