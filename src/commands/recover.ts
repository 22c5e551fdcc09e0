import type { Clone } from "../app/clone.ts";
import { type ScanReport, scanLost } from "../app/recover.ts";
import type { Recovery } from "../app/recover-lost.ts";
import type { ScheduleDocument } from "../app/recover-schedule.ts";
import type { LastRun } from "../app/recover-schedule-run.ts";
import type { ShowDocument } from "../app/recover-show.ts";
import type { RestoreWorktreeDocument } from "../app/worktree-restore.ts";
import type { TrashDocument } from "../app/worktree-trash.ts";
import type { ExitCode } from "../domain/error.ts";
import { isAlarm, scanDocument } from "../recover/document.ts";
import { recoveryDocument, recoveryText } from "../recover/recovery-text.ts";
import { showText } from "../recover/show-text.ts";
import { leftOutLine, scanText } from "../recover/text.ts";
import { defineCommand } from "./command.ts";
import { DEFAULT_HOURS, parseRecover, type RecoverCommand, type RecoverOptions } from "./recover-input.ts";
import { runText, scheduleText } from "./schedule-text.ts";
import { restoreText, trashText } from "./worktree-text.ts";

type Report =
  | { readonly act: "scan"; readonly report: ScanReport; readonly upstream: boolean }
  | { readonly act: "recover"; readonly recoveries: readonly Recovery[] }
  | { readonly act: "list_saved"; readonly trash: TrashDocument }
  | { readonly act: "restore"; readonly restored: RestoreWorktreeDocument }
  | { readonly act: "show"; readonly shown: ShowDocument }
  | { readonly act: "schedule"; readonly schedule: ScheduleDocument }
  | { readonly act: "run"; readonly ran: LastRun };

export const command = defineCommand({
  examples: [
    ["recover", "what got lost in the last 24 hours"],
    ["recover show 1a2b3c4", "one of them, with its diff"],
    ["recover --recover 1a2b3c4", "put it on a branch of its own"],
    ["recover schedule install", "look every day, by the system's own scheduler"],
    ["recover --list-saved", "worktrees that clean-up set aside"],
  ],
  configure(command) {
    command
      .argument("[act]", "show: one commit in full; schedule: a scan that the system starts")
      .argument("[what]", "the commit to show; install, status or remove")
      .option("--hours <n>", `look at what was in use within the last <n> hours (default: ${DEFAULT_HOURS})`)
      .option("--all", "look at everything that is still there")
      .option("--deep", "look also at packed objects that no reflog names")
      .option("--upstream", "list also what a remote let go of and nobody here made")
      .option("--blobs", "list staged content that no commit has, with its likely paths")
      .option("--exit-code", "exit 1 when something is lost")
      .option("--protect", "keep what is lost from git gc, behind refs/bulkhead/rescue")
      .option("--recover <sha...>", "make a branch recovery/<short-sha>-<timestamp> for each commit")
      .option("--to <form>", "with --recover: branch, worktree, stash or files")
      .option("--dry-run", "with --recover or schedule install: say what would be made")
      .option("--list-saved", "list worktrees that clean-up set aside")
      .option("--restore <name>", "bring such a worktree back")
      .option("--hourly", "with schedule install: so often (daily unless told)")
      .option("--daily")
      .option("--weekly")
      .option("--with <scheduler>", "with schedule install: systemd, launchd, cron or task-scheduler")
      .usage("[options] | show <sha> | schedule install|status|remove");
  },
  input: (words, options: RecoverOptions) => parseRecover(words, options),
  run,
  json: jsonOf,
  notes: (report: Report) => (report.act === "scan" ? notesOf(report.report) : []),
  text: textOf,
  exitCode: exitCodeOf,
});

async function run(clone: Clone, input: RecoverCommand): Promise<Report> {
  switch (input.act) {
    case "scan":
      return { act: "scan", report: await scanLost(clone, input.scan), upstream: input.shown.upstream };
    case "recover": {
      const { recoverLost } = await import("../app/recover-lost.ts");
      return { act: "recover", recoveries: await recoverLost(clone, input.recover) };
    }
    case "list_saved": {
      const { listTrash } = await import("../app/worktree-trash.ts");
      return { act: "list_saved", trash: await listTrash(clone) };
    }
    case "restore": {
      const { restoreWorktree } = await import("../app/worktree-restore.ts");
      return { act: "restore", restored: await restoreWorktree(clone, { name: input.name }) };
    }
    case "show": {
      const { showLost } = await import("../app/recover-show.ts");
      return { act: "show", shown: await showLost(clone, input.name) };
    }
    case "install":
      return { act: "schedule", schedule: await (await schedules()).installSchedule(clone, input.install) };
    case "schedule":
      return schedule(clone, input.what);
  }
}

const schedules = () => import("../app/recover-schedule.ts");

async function schedule(clone: Clone, what: "status" | "remove" | "run"): Promise<Report> {
  if (what === "run") {
    const { runScheduled } = await import("../app/recover-schedule-run.ts");
    return { act: "run", ran: await runScheduled(clone) };
  }
  const { removeSchedule, scheduleStatus } = await schedules();
  return { act: "schedule", schedule: await (what === "remove" ? removeSchedule : scheduleStatus)(clone) };
}

function jsonOf(document: Report): unknown {
  switch (document.act) {
    case "scan":
      return scanJson(document.report, document.upstream);
    case "recover":
      return recoveryDocument(document.recoveries);
    case "list_saved":
      return document.trash;
    case "restore":
      return document.restored;
    case "show":
      return document.shown.json;
    case "schedule":
      return document.schedule;
    case "run":
      return document.ran;
  }
}

function scanJson({ scan, rescue }: ScanReport, upstream: boolean): unknown {
  return {
    ...scanDocument(scan, upstream),
    ...(rescue === null ? {} : { rescue: { ref: rescue.ref, added: rescue.added, dropped: rescue.dropped } }),
  };
}

function textOf(document: Report): string {
  switch (document.act) {
    case "scan":
      return scanText(document.report.scan, document.report.now, document);
    case "recover":
      return recoveryText(document.recoveries);
    case "list_saved":
      return trashText(document.trash);
    case "restore":
      return restoreText(document.restored);
    case "show":
      return showText(document.shown);
    case "schedule":
      return scheduleText(document.schedule);
    case "run":
      return runText(document.ran);
  }
}

function notesOf({ scan, rescue }: ScanReport): string[] {
  const kept = rescue === null || rescue.tips === 0 ? [] : [rescue];
  return [
    ...kept.map(({ ref, tips, added }) => `Kept from git gc by ${ref}: ${tips} (${added.length} new).`),
    ...[leftOutLine(scan)].filter((line) => line !== ""),
  ];
}

function exitCodeOf(document: Report, input: RecoverCommand): ExitCode {
  if (document.act === "recover") return document.recoveries.some(({ kind }) => kind !== "held") ? 0 : 1;
  if (document.act !== "scan" || input.act !== "scan" || !input.shown.exitCode) return 0;
  return document.report.scan.findings.some(isAlarm) ? 1 : 0;
}
