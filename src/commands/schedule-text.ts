import type { ScheduleDocument } from "../app/recover-schedule.ts";
import type { LastRun } from "../app/recover-schedule-run.ts";
import { typed } from "../domain/invocation.ts";

/** How the scheduled scan stands, or what was done about it. */
export function scheduleText(document: ScheduleDocument): string {
  const { installed, scheduler, every, command, next_run: next, last_run: last, files, ran, dry_run: dry } = document;
  if (dry)
    return [...files.flatMap(fileLines), ...ran.map((step) => `Would run: ${step}`), "Nothing was changed."].join("\n");
  const told = [`Last run: ${last === null ? "none yet" : lastText(last)}`];
  if (!installed)
    return ["Nothing is scheduled.", ...told, `Set it up: ${typed("recover schedule install")}`].join("\n");
  return [
    `Scheduled ${every} by ${scheduler}: ${command}`,
    ...files.map(({ path }) => `  ${path}`),
    `Next run: ${next}`,
    ...told,
    `Take it back: ${typed("recover schedule remove")}`,
  ].join("\n");
}

function fileLines({ path, content }: ScheduleDocument["files"][number]): string[] {
  return [`${path}:`, ...content.map((line) => `  ${line}`)];
}

/** What one scheduled scan came to. */
export function runText(run: LastRun): string {
  return run.error ?? `Looked for lost commits: ${counts(run)}.`;
}

function lastText(run: LastRun): string {
  return run.error === null ? `${run.finished_at}, ${counts(run)}` : `${run.finished_at}, failed: ${run.error}`;
}

function counts({ lost, new: fresh, kept }: LastRun): string {
  return `${lost} lost, ${fresh} of them new, ${kept} kept from git gc`;
}
