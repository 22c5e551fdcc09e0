import { BulkheadError } from "../domain/error.ts";
import { parseBranchName, parseCommitSha } from "../domain/names.ts";
import type { MergeMethod } from "../github/pull-request.ts";
import type { ShipRequest } from "../ship/facts.ts";
import type { Word } from "./command.ts";
import type { ShipInput } from "./ship.ts";
import { refuseOthers } from "./usage.ts";

export interface ShipOptions {
  branch?: string;
  expectBranch?: string;
  expectHead?: string;
  method?: MergeMethod;
  push?: boolean;
  create?: boolean;
  title?: string;
  body?: string;
  draft?: boolean;
  wait?: string | true;
  queue?: boolean;
  auto?: boolean;
  keepBranch?: boolean;
  deleteBranch?: boolean;
  retire?: boolean;
  undo?: boolean;
  until?: string;
  reason?: string;
  dryRun?: boolean;
}

/** How long `--wait` waits when it names no duration, in milliseconds. */
const DEFAULT_WAIT_MS = 30 * 60_000;

/** Words and options of `ship` as what they ask for. @throws BulkheadError `USAGE`, `INVALID_BRANCH_NAME`, `INVALID_COMMIT` */
export function parseShip([first, second]: readonly Word[], options: ShipOptions): ShipInput {
  const word = typeof first === "string" ? first : null;
  const base = typeof second === "string" ? parseBranchName(second) : null;
  const freezes = word === "freeze";
  if (!freezes && (options.until !== undefined || options.reason !== undefined)) {
    throw usage("--until and --reason go with: ship freeze");
  }
  if (freezes) {
    refuseOthers(options, ["until", "reason"], "ship freeze", "ship");
    return { act: "freeze", freeze: { base, reason: options.reason ?? "", until: parseUntil(options.until) } };
  }
  if (word === "unfreeze") {
    refuseOthers(options, [], "ship unfreeze", "ship");
    return { act: "unfreeze", base };
  }
  if (base !== null) throw usage("Give one pull request.");
  if (word === "status") {
    refuseOthers(options, [], "ship status", "ship");
    return { act: "status" };
  }
  if (options.undo) {
    refuseOthers(options, ["undo", "dryRun"], "ship --undo", "ship");
    const pull = word === null ? null : parsePull(word).number;
    return { act: "undo", pull, dryRun: options.dryRun ?? false };
  }
  return { act: "ship", request: parseRequest(word, options) };
}

/** A duration from now, or a time. */
function parseUntil(text: string | undefined): { inMs: number } | { at: Date } | null {
  if (text === undefined) return null;
  const [, amount, unit] = /^(\d{1,6})(m|h|d)$/.exec(text) ?? [];
  if (amount !== undefined) return { inMs: Number(amount) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as "m"] };
  // JavaScript takes a bare 2 for a month of 2001: only what names a day is a time.
  const at = new Date(/^\d{4}-\d{2}-\d{2}/.test(text) ? text : "");
  if (Number.isNaN(at.getTime())) throw usage(`'${text}' is no time. Give one such as 2h, 3d or 2026-12-24T18:00Z.`);
  return { at };
}

function parseRequest(pr: string | null, options: ShipOptions): ShipRequest {
  const { branch, expectBranch, wait, title, body } = options;
  const named = pr !== null || branch !== undefined;
  if (pr !== null && branch !== undefined) throw usage("Give a pull request or --branch, not both.");
  if (!options.create && (title !== undefined || body !== undefined || options.draft)) {
    throw usage("--title, --body and --draft go with --create.");
  }
  if (options.queue && options.auto) throw usage("Give --queue or --auto, not both.");
  if (options.queue && options.method)
    throw usage("A merge queue has its own method: give --queue or --method, not both.");
  if (options.keepBranch && options.deleteBranch) throw usage("Give --keep-branch or --delete-branch, not both.");
  const create = options.create ? { title: title ?? null, body: body ?? null, draft: options.draft ?? false } : null;
  return {
    target: pr !== null ? parsePull(pr) : branch !== undefined ? { branch: parseBranchName(branch) } : null,
    expectBranch: expectBranch === undefined ? null : parseBranchName(expectBranch),
    method: options.method ?? null,
    push: options.push ?? false,
    create,
    expectHead: options.expectHead === undefined ? null : parseCommitSha(options.expectHead),
    via: options.queue ? "queue" : options.auto ? "auto" : "merge",
    deleteBranch: options.deleteBranch ?? false,
    keepBranch: options.keepBranch ?? false,
    retire: options.retire ?? false,
    dryRun: options.dryRun ?? false,
    waitMs: wait === undefined ? null : wait === true ? DEFAULT_WAIT_MS : parseDuration(wait, named),
  };
}

/** `12`, `#12`, `owner/repo#12`, or a pull request's address with whatever stands behind the number. */
function parsePull(text: string): { number: number; repository: string | null } {
  const [, digits] = /^#?([1-9]\d{0,9})$/.exec(text) ?? [];
  if (digits !== undefined) return { number: Number(digits), repository: null };
  const named = /^(?<repository>[\w.-]+\/[\w.-]+)#(?<number>[1-9]\d{0,9})$/.exec(text)?.groups;
  const address = URL.canParse(text) ? new URL(text) : null;
  const path = /^\/(?<repository>[\w.-]+\/[\w.-]+)\/pull\/(?<number>[1-9]\d{0,9})(?:\/|$)/.exec(
    address?.pathname ?? "",
  )?.groups;
  if (named !== undefined) return { number: Number(named.number), repository: named.repository ?? null };
  if (path !== undefined && address !== null) {
    const host = address.host.replace(/^www\./, "");
    return { number: Number(path.number), repository: `${host}/${path.repository}` };
  }
  throw usage(`'${text}' names no pull request.`);
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
