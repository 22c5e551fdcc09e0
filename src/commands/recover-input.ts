import type { ScanInput } from "../app/recover.ts";
import type { RecoverInput } from "../app/recover-lost.ts";
import type { InstallInput } from "../app/recover-schedule.ts";
import type { BulkheadError } from "../domain/error.ts";
import { RECOVERY_TARGETS, type RecoveryTarget } from "../recover/plan-recovery.ts";
import { FREQUENCIES, SCHEDULERS } from "../recover/schedule.ts";
import type { Word } from "./command.ts";
import { usage as wrongUsage } from "./usage.ts";

export const DEFAULT_HOURS = 24;
/** A hundred years: more is a typing error. */
const MAX_HOURS = 876_000;

export interface RecoverOptions {
  readonly hours?: string;
  readonly all?: boolean;
  readonly deep?: boolean;
  readonly exitCode?: boolean;
  readonly protect?: boolean;
  readonly blobs?: boolean;
  readonly upstream?: boolean;
  readonly recover?: string[];
  readonly to?: RecoveryTarget;
  readonly dryRun?: boolean;
  readonly listSaved?: boolean;
  readonly restore?: string;
  readonly hourly?: boolean;
  readonly daily?: boolean;
  readonly weekly?: boolean;
  readonly with?: string;
}

/** How a scan is shown. */
export interface Shown {
  readonly exitCode: boolean;
  /** Whether what remotes let go of is listed one by one. */
  readonly upstream: boolean;
}

/** What a command line of `recover` asks for. */
export type RecoverCommand =
  | { readonly act: "scan"; readonly scan: ScanInput; readonly shown: Shown }
  | { readonly act: "recover"; readonly recover: RecoverInput }
  | { readonly act: "list_saved" }
  | { readonly act: "restore"; readonly name: string }
  | { readonly act: "show"; readonly name: string }
  | { readonly act: "schedule"; readonly what: "status" | "remove" | "run" }
  | { readonly act: "install"; readonly install: InstallInput };

/** Options by what they go with. */
const SCANNING = ["hours", "all", "deep", "exitCode", "protect", "blobs", "upstream"] as const;
const SCHEDULING = ["hourly", "daily", "weekly", "with"] as const;

/** Words and options as what they ask for. @throws BulkheadError `USAGE` */
export function parseRecover([first, ...rest]: readonly Word[], options: RecoverOptions): RecoverCommand {
  const { recover, restore } = options;
  const word = typeof first === "string" ? first : undefined;
  const acts = [
    ...(word === undefined ? [] : [word]),
    ...(recover === undefined ? [] : ["--recover"]),
    ...(options.listSaved ? ["--list-saved"] : []),
    ...(restore === undefined ? [] : ["--restore"]),
  ];
  if (acts.length > 1) throw usage(`${acts.join(" and ")} exclude each other.`);
  const given = (names: readonly (keyof RecoverOptions)[]) => names.some((name) => options[name] !== undefined);
  const installs = word === "schedule" && rest[0] === "install";
  if (recover === undefined && given(["to"])) throw usage("--to goes with --recover.");
  if (recover === undefined && !installs && given(["dryRun"])) throw usage("--dry-run goes with --recover.");
  if (!installs && given(SCHEDULING)) throw usage("--hourly, --daily, --weekly and --with go with: schedule install");
  if (acts.length > 0 && given(SCANNING)) throw usage(`${acts[0]} takes no option of the scan.`);
  if (word === "schedule") return parseSchedule(rest, options);
  if (word !== undefined) return parseWord(word, rest);
  if (recover !== undefined) {
    return {
      act: "recover",
      recover: { names: recover, to: parseTarget(options.to), dryRun: options.dryRun ?? false },
    };
  }
  if (options.listSaved) return { act: "list_saved" };
  if (restore !== undefined) return { act: "restore", name: restore };
  const { deep = false, exitCode = false, protect = false, blobs = false, upstream = false } = options;
  const windowHours = parseWindow(options);
  return { act: "scan", scan: { windowHours, deep, protect, blobs }, shown: { exitCode, upstream } };
}

function parseWord(word: string, [name]: readonly Word[]): RecoverCommand {
  if (word !== "show") throw usage(`There is no 'recover ${word}'.`);
  if (typeof name !== "string") throw usage("Say which commit: show <sha>");
  return { act: "show", name };
}

function parseSchedule([what = "status"]: readonly Word[], options: RecoverOptions): RecoverCommand {
  if (what === "status" || what === "remove" || what === "run") return { act: "schedule", what };
  if (what !== "install") throw usage(`There is no 'recover schedule ${what}': install, status, remove.`);
  const every = FREQUENCIES.filter((frequency) => options[frequency]);
  if (every.length > 1) throw usage(`${every.map((name) => `--${name}`).join(" and ")} exclude each other.`);
  const scheduler = SCHEDULERS.find((known) => known === options.with) ?? null;
  if (scheduler === null && options.with !== undefined) throw usage(`--with takes ${SCHEDULERS.join(", ")}.`);
  return { act: "install", install: { every: every[0] ?? "daily", scheduler, dryRun: options.dryRun ?? false } };
}

function parseTarget(to: string | undefined): RecoveryTarget {
  const target = RECOVERY_TARGETS.find((known) => known === (to ?? "branch"));
  if (target === undefined) throw usage(`--to takes ${RECOVERY_TARGETS.join(", ")}, not '${to}'.`);
  return target;
}

function parseWindow({ hours, all }: RecoverOptions): number | null {
  if (all && hours !== undefined) throw usage("--hours and --all exclude each other.");
  if (all) return null;
  if (hours === undefined) return DEFAULT_HOURS;
  const number = Number(hours);
  if (!/^\d+(?:\.\d+)?$/.test(hours) || number <= 0 || number > MAX_HOURS) {
    throw usage(`--hours takes a number of hours above 0, not '${hours}'.`);
  }
  return number;
}

function usage(reason: string): BulkheadError {
  return wrongUsage(reason, "recover");
}
