/** The scheduled scan, from outside: setting it up, asking how it stands, taking it back. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { BulkheadError } from "../domain/error.ts";
import { quoteForShell } from "../domain/shell-word.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { fileFailed } from "../files/file-failed.ts";
import { readText } from "../files/read-file.ts";
import { runBriefly } from "../git/run-briefly.ts";
import { commonLayout } from "../layout/paths.ts";
import { programFiles } from "../layout/program-files.ts";
import {
  type Frequency,
  jobName,
  nextRun,
  SCHEDULERS,
  type ScheduleFile,
  type Scheduler,
  scheduleFiles,
  withCronLine,
} from "../recover/schedule.ts";
import type { Clone } from "./clone.ts";
import { type LastRun, readLastRun } from "./recover-schedule-run.ts";

export interface InstallInput {
  readonly every: Frequency;
  /** Null for the one that is at work here. */
  readonly scheduler: Scheduler | null;
  /** Shows what would be written and run. */
  readonly dryRun: boolean;
}

/** How the scheduled scan of a clone stands. */
export interface ScheduleDocument {
  readonly installed: boolean;
  readonly scheduler: Scheduler | null;
  readonly every: Frequency | null;
  /** What the scheduler runs, as it can be pasted. */
  readonly command: string;
  /** ISO 8601; null where nothing is scheduled. */
  readonly next_run: string | null;
  readonly last_run: LastRun | null;
  /** What was written, or would be. */
  readonly files: readonly { readonly path: string; readonly content: readonly string[] }[];
  /** What was run for it, or would be. */
  readonly ran: readonly string[];
  readonly dry_run: boolean;
}

/** What stands in the clone about its schedule. */
interface Record {
  readonly scheduler: Scheduler;
  readonly every: Frequency;
  readonly files: readonly string[];
}

/** Lets the system's own scheduler look for lost commits. @throws BulkheadError `SCHEDULER_MISSING`, `SCHEDULER_FAILED` */
export async function installSchedule(clone: Clone, input: InstallInput): Promise<ScheduleDocument> {
  const { every, dryRun } = input;
  const scheduler = input.scheduler ?? (await chooseScheduler(clone));
  const id = jobId(clone);
  const command = commandOf(clone);
  const directory = placeOf(clone, scheduler);
  const { commonDir } = clone.repository;
  const files = scheduleFiles(scheduler, { id, command, every, clone: commonDir });
  const steps = installSteps(scheduler, id, directory);
  const document = await describe(clone, { scheduler, every, files: files.map(({ name }) => join(directory, name)) });
  const written = files.map(({ name, content }) => ({ path: join(directory, name), content: content.split("\n") }));
  const told = { ...document, files: written, ran: steps.map((step) => step.join(" ")), dry_run: dryRun };
  if (dryRun) return { ...told, installed: false };
  const before = readRecord(clone);
  if (before !== null && before.scheduler !== scheduler) await removeSchedule(clone);
  writeFiles(directory, files);
  if (scheduler === "cron") await editTable(clone, id, files[0]?.content ?? null);
  for (const step of steps) await runStep(clone, step);
  const record: Record = { scheduler, every, files: written.map(({ path }) => path) };
  makeDirectory(commonLayout(commonDir).recover);
  writeFileAtomically(recordFile(clone), `${JSON.stringify(record)}\n`);
  return told;
}

/** Takes back exactly what `installSchedule` did. */
export async function removeSchedule(clone: Clone): Promise<ScheduleDocument> {
  const record = readRecord(clone);
  if (record !== null) {
    const { scheduler, files } = record;
    const id = jobId(clone);
    if (scheduler === "cron") await editTable(clone, id, null);
    // What the scheduler no longer knows is gone as well.
    for (const step of removeSteps(scheduler, id)) await runStep(clone, step, true);
    for (const file of files) rmSync(file, { force: true });
    if (scheduler === "systemd") await runStep(clone, ["systemctl", "--user", "daemon-reload"], true);
    rmSync(recordFile(clone), { force: true });
  }
  return describe(clone, null);
}

export async function scheduleStatus(clone: Clone): Promise<ScheduleDocument> {
  return describe(clone, readRecord(clone));
}

async function describe(clone: Clone, record: Record | null): Promise<ScheduleDocument> {
  return {
    installed: record !== null,
    scheduler: record?.scheduler ?? null,
    every: record?.every ?? null,
    command: commandOf(clone).map(quoteForShell).join(" "),
    next_run: record === null ? null : nextRun(record.every, clone.clock()).toISOString(),
    last_run: readLastRun(clone),
    files: (record?.files ?? []).map((path) => ({ path, content: [] })),
    ran: [],
    dry_run: false,
  };
}

/** Any user's clones have jobs of their own; two paths to one clone have one. */
function jobId(clone: Clone): string {
  return createHash("sha256").update(clone.repository.commonDir).digest("hex").slice(0, 10);
}

/** By the clone's launcher, which finds Node and the program wherever they have gone; else as it runs now. */
function commandOf(clone: Clone): string[] {
  const { commonDir } = clone.repository;
  const { launcher } = commonLayout(commonDir);
  const words = ["-C", commonDir, "recover", "schedule", "run", "--quiet"];
  if (process.platform !== "win32" && existsSync(launcher)) return ["/bin/sh", launcher, ...words];
  return [process.execPath, programFiles().cli, ...words];
}

/** Where the scheduler looks for its files; cron and the Task Scheduler are handed theirs. */
function placeOf({ env, repository }: Clone, scheduler: Scheduler): string {
  const home = env.HOME ?? homedir();
  if (scheduler === "systemd") return join(env.XDG_CONFIG_HOME ?? join(home, ".config"), "systemd", "user");
  if (scheduler === "launchd") return join(home, "Library", "LaunchAgents");
  return commonLayout(repository.commonDir).recover;
}

async function chooseScheduler(clone: Clone): Promise<Scheduler> {
  if (process.platform === "darwin") return "launchd";
  if (process.platform === "win32") return "task-scheduler";
  const manager = await run(clone, ["systemctl", "--user", "show-environment"]);
  if (manager.exitCode === 0) return "systemd";
  const onPath = (clone.env.PATH ?? "").split(delimiter).some((entry) => existsSync(join(entry, "crontab")));
  if (onPath) return "cron";
  throw new BulkheadError("SCHEDULER_MISSING", { command: commandOf(clone).map(quoteForShell).join(" ") });
}

function installSteps(scheduler: Scheduler, id: string, directory: string): string[][] {
  const name = jobName(scheduler, id);
  if (scheduler === "systemd") {
    return [
      ["systemctl", "--user", "daemon-reload"],
      ["systemctl", "--user", "enable", "--now", `${name}.timer`],
    ];
  }
  if (scheduler === "launchd") return [["launchctl", "bootstrap", domain(), join(directory, `${name}.plist`)]];
  if (scheduler === "cron") return [];
  return [["schtasks", "/Create", "/F", "/TN", name, "/XML", join(directory, `${name}.xml`)]];
}

function removeSteps(scheduler: Scheduler, id: string): string[][] {
  const name = jobName(scheduler, id);
  if (scheduler === "systemd") return [["systemctl", "--user", "disable", "--now", `${name}.timer`]];
  if (scheduler === "launchd") return [["launchctl", "bootout", `${domain()}/${name}`]];
  if (scheduler === "cron") return [];
  return [["schtasks", "/Delete", "/F", "/TN", name]];
}

function domain(): string {
  return `gui/${process.getuid?.() ?? 0}`;
}

/** The user's table, with everything else in it as it was. @throws BulkheadError `SCHEDULER_FAILED` */
async function editTable(clone: Clone, id: string, line: string | null): Promise<void> {
  const listed = await run(clone, ["crontab", "-l"]);
  // Without a table it exits 1 and says so; whatever else is wrong, writing will fail as well.
  const table = listed.exitCode === 0 ? listed.stdout : "";
  if (listed.exitCode !== 0 && !/no crontab/i.test(listed.stderr)) {
    throw new BulkheadError("SCHEDULER_FAILED", { command: "crontab -l", reason: reasonOf(listed) });
  }
  const draft = join(tmpdir(), `bulkhead-crontab-${process.pid}`);
  try {
    writeFileAtomically(draft, withCronLine(table, id, line));
    await runStep(clone, ["crontab", draft]);
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeFiles(directory: string, files: readonly ScheduleFile[]): void {
  makeDirectory(directory);
  for (const { name, content } of files) {
    const path = join(directory, name);
    // The Task Scheduler reads UTF-16 with its mark.
    const text = name.endsWith(".xml") ? Buffer.from(`\ufeff${content}`, "utf16le") : content;
    writeFileAtomically(path, text as string);
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw fileFailed(directory, "made", cause);
  }
}

async function runStep(clone: Clone, step: readonly string[], mayFail = false): Promise<void> {
  const result = await run(clone, step);
  if (result.exitCode === 0 || mayFail) return;
  throw new BulkheadError("SCHEDULER_FAILED", { command: step.join(" "), reason: reasonOf(result) });
}

type Ran = Awaited<ReturnType<typeof runBriefly>>;

function run(clone: Clone, [program = "", ...args]: readonly string[]): Promise<Ran> {
  const { env, signal, repository } = clone;
  return runBriefly(program, args, { directory: repository.commonDir, env, signal, encoding: "utf8", timeout: 30_000 });
}

function reasonOf({ stderr, shortMessage, exitCode }: Ran): string {
  return stderr.trim().split("\n")[0] || shortMessage || `exit code ${exitCode}`;
}

function recordFile(clone: Clone): string {
  return join(commonLayout(clone.repository.commonDir).recover, "schedule.json");
}

function readRecord(clone: Clone): Record | null {
  try {
    const record = JSON.parse(readText(recordFile(clone)) ?? "null") as Record | null;
    return record !== null && SCHEDULERS.includes(record.scheduler) ? record : null;
  } catch {
    return null;
  }
}
