/** When a scheduled scan runs, and what each system's scheduler has to be told for it. Pure. */
import { quoteForShell } from "../domain/shell-word.ts";

export const SCHEDULERS = ["systemd", "launchd", "cron", "task-scheduler"] as const;
export type Scheduler = (typeof SCHEDULERS)[number];
export const FREQUENCIES = ["hourly", "daily", "weekly"] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** Minute and hour of the day, by the machine's own clock; weekly on Mondays. Not on the hour, when everything starts. */
const MINUTE = 17;
const HOUR = 3;
const WEEKDAY = 1;

/** The next run after a moment. */
export function nextRun(every: Frequency, after: Date): Date {
  const next = new Date(after);
  next.setSeconds(0, 0);
  next.setMinutes(MINUTE);
  if (every !== "hourly") next.setHours(HOUR);
  if (every === "weekly") next.setDate(next.getDate() + ((WEEKDAY - next.getDay() + 7) % 7));
  if (next > after) return next;
  if (every === "hourly") next.setHours(next.getHours() + 1);
  else next.setDate(next.getDate() + (every === "weekly" ? 7 : 1));
  return next;
}

/** What is to be scheduled. */
export interface Job {
  /** Tells the jobs of this machine's clones apart: letters and digits. */
  readonly id: string;
  /** The program and its words. */
  readonly command: readonly string[];
  readonly every: Frequency;
  /** For people: the clone. */
  readonly clone: string;
}

/** A file to write, and its place below the directory that the scheduler looks in. */
export interface ScheduleFile {
  readonly name: string;
  readonly content: string;
}

/** Names that the job goes by. */
export function jobName(scheduler: Scheduler, id: string): string {
  return scheduler === "launchd" ? `dev.bulkhead.recover.${id}` : `bulkhead-recover-${id}`;
}

/** The files of a job. Of cron, it is the line for the user's table. */
export function scheduleFiles(scheduler: Scheduler, job: Job): ScheduleFile[] {
  const name = jobName(scheduler, job.id);
  switch (scheduler) {
    case "systemd":
      return [
        { name: `${name}.service`, content: systemdService(job) },
        { name: `${name}.timer`, content: systemdTimer(job) },
      ];
    case "launchd":
      return [{ name: `${name}.plist`, content: launchdList(name, job) }];
    case "cron":
      return [{ name: `${name}.cron`, content: cronLine(job) }];
    case "task-scheduler":
      return [{ name: `${name}.xml`, content: taskDocument(job) }];
  }
}

function systemdService({ command, clone }: Job): string {
  return [
    "[Unit]",
    `Description=Looks for lost commits in ${systemdText(clone)}`,
    "",
    "[Service]",
    "Type=oneshot",
    `ExecStart=${command.map(systemdWord).join(" ")}`,
    "Nice=10",
    "",
  ].join("\n");
}

function systemdTimer({ every, clone }: Job): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${every === "hourly" ? "*" : two(HOUR)}:${two(MINUTE)}:00`;
  return [
    "[Unit]",
    `Description=Looks for lost commits in ${systemdText(clone)}, ${every}`,
    "",
    "[Timer]",
    `OnCalendar=${every === "weekly" ? "Mon " : ""}*-*-* ${time}`,
    "Persistent=true",
    "",
    "[Install]",
    "WantedBy=timers.target",
    "",
  ].join("\n");
}

/** One word of a command line (https://www.freedesktop.org/software/systemd/man/systemd.service.html, "Command lines"). */
function systemdWord(word: string): string {
  const escaped = systemdText(word).replace(/["\\]/g, "\\$&").replaceAll("$", "$$$$");
  return `"${escaped}"`;
}

function systemdText(text: string): string {
  return text.replace(/[\n\r]/g, " ").replaceAll("%", "%%");
}

function launchdList(name: string, { command, every }: Job): string {
  const words = command.map((word) => `    <string>${xml(word)}</string>`);
  const times = [
    ["Minute", MINUTE],
    ...(every === "hourly" ? [] : [["Hour", HOUR] as const]),
    ...(every === "weekly" ? [["Weekday", WEEKDAY] as const] : []),
  ].map(([key, value]) => `    <key>${key}</key><integer>${value}</integer>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    "<dict>",
    `  <key>Label</key><string>${xml(name)}</string>`,
    ...["  <key>ProgramArguments</key>", "  <array>", ...words, "  </array>"],
    ...["  <key>StartCalendarInterval</key>", "  <dict>", ...times, "  </dict>"],
    "  <key>LowPriorityIO</key><true/>",
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

/** What marks the job's line in a table of cron. */
export function cronMark(id: string): string {
  return `# bulkhead recover ${id}`;
}

/** The mark, and the line. In a table a percent sign would end the command. */
function cronLine({ id, command, every }: Job): string {
  const time = `${MINUTE} ${every === "hourly" ? "*" : HOUR} * * ${every === "weekly" ? WEEKDAY : "*"}`;
  const line = command.map(quoteForShell).join(" ").replaceAll("%", "\\%");
  return `${cronMark(id)}\n${time} ${line} >/dev/null 2>&1\n`;
}

/** A table with the job in it, in the place of an earlier line of the job; without it for null. */
export function withCronLine(table: string, id: string, line: string | null): string {
  const lines = table === "" ? [] : table.replace(/\n$/, "").split("\n");
  const at = lines.indexOf(cronMark(id));
  if (at >= 0) lines.splice(at, 2);
  const rest = lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  return line === null ? rest : rest + line;
}

/** https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema */
function taskDocument({ command: [program = "", ...words], every, clone }: Job): string {
  const start = `2026-01-05T${String(HOUR).padStart(2, "0")}:${MINUTE}:00`;
  const repeat = every === "hourly" ? "<Repetition><Interval>PT1H</Interval></Repetition>" : "";
  const schedule =
    every === "weekly"
      ? "<ScheduleByWeek><DaysOfWeek><Monday /></DaysOfWeek><WeeksInterval>1</WeeksInterval></ScheduleByWeek>"
      : "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>";
  return [
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    `  <RegistrationInfo><Description>Looks for lost commits in ${xml(clone)}</Description></RegistrationInfo>`,
    "  <Triggers><CalendarTrigger>",
    `    ${repeat}<StartBoundary>${start}</StartBoundary><Enabled>true</Enabled>${schedule}`,
    "  </CalendarTrigger></Triggers>",
    "  <Settings><StartWhenAvailable>true</StartWhenAvailable><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy></Settings>",
    "  <Actions>",
    `    <Exec><Command>${xml(program)}</Command><Arguments>${xml(words.map(windowsWord).join(" "))}</Arguments></Exec>`,
    "  </Actions>",
    "</Task>",
    "",
  ].join("\n");
}

/** A word as the C runtime of Windows reads it. */
function windowsWord(word: string): string {
  if (/^[\w./:\\-]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, "$&$&")}"`;
}

function xml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
