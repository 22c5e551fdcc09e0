import { type EventsDocument, events } from "../app/events.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { BulkheadError } from "../domain/error.ts";
import { LIFECYCLE_EVENT_TYPES } from "../domain/lifecycle-event.ts";
import { defineCommand } from "./command.ts";
import { formatTable } from "./table.ts";

interface Options {
  readonly session?: string;
  readonly type?: string[];
  readonly hours: string;
  readonly limit: string;
}

export const command = defineCommand({
  examples: [
    ["events --hours 2", "what happened in the last two hours"],
    ["events --type claimed released", "only claims and releases"],
  ],
  configure(command) {
    command
      .option("--session <id>", "only this session's, by its id or the start of it")
      .option("--type <type...>", "only events of these types")
      .option("--hours <n>", "only those of the last n hours", "24")
      .option("--limit <n>", "at most so many, the newest", "50")
      .usage("[options]");
  },
  input: (_, options: Options) => ({
    session: options.session ?? null,
    types: options.type?.map(eventType) ?? null,
    withinSeconds: positive("--hours", options.hours) * 3600,
    limit: Math.ceil(positive("--limit", options.limit)),
  }),
  run: events,
  text: textOf,
});

function textOf({ events: rows }: EventsDocument): string {
  if (rows.length === 0) return "No events.";
  const cells = rows.map((row) => [
    row.occurred_at,
    row.session_id ?? "-",
    row.event_type,
    JSON.stringify(row.event_data),
  ]);
  return formatTable(cells);
}

function eventType(word: string): string {
  const known: readonly string[] = LIFECYCLE_EVENT_TYPES;
  if (known.includes(word)) return word;
  const guess = didYouMean(word, known) || ` There are: ${known.join(", ")}.`;
  throw new BulkheadError("USAGE", { reason: `'${word}' is no type of event.${guess}`, command: "events" });
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new BulkheadError("USAGE", { reason: `${option} takes a number above 0, not '${text}'.`, command: "events" });
}
