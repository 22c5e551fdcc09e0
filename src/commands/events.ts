import type { Command } from "commander";
import { BulkheadError } from "../domain/error.ts";
import type { SessionId } from "../domain/names.ts";
import { isSameOwner } from "../domain/owner.ts";
import type { LifecycleEvent, Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import type { Workplace } from "../session/workplace.ts";
import type { EventFilter } from "../store/session-store.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { inWorkplace } from "./session-place.ts";
import { formatTable } from "./table.ts";

interface Options {
  readonly session?: string;
  readonly type?: string[];
  readonly hours: string;
  readonly limit: string;
}

export function configure(command: Command): void {
  command
    .option("--session <id>", "only this session's, by its id or the start of it")
    .option("--type <type...>", "only events of these types")
    .option("--hours <n>", "only those of the last n hours", "24")
    .option("--limit <n>", "at most so many, the newest", "50")
    .usage("[options]");
}

export async function run(context: CommandContext, _: unknown, options: Options): Promise<CommandResult> {
  const withinSeconds = positive("--hours", options.hours) * 3600;
  const limit = Math.ceil(positive("--limit", options.limit));
  return inWorkplace(context, {}, async (place) => {
    const sessions = await place.store.listSessions({ ended: true });
    const filter: EventFilter = {
      withinSeconds,
      limit,
      ...(options.type === undefined ? {} : { types: options.type }),
      ...(options.session === undefined ? {} : { sessionId: findById(sessions, options.session) }),
    };
    const events = (await place.store.listEvents(filter)).map((event) => rowOf(event, shownIds(place, sessions)));
    const table = events.map((row) => [
      row.occurred_at,
      row.session_id ?? "-",
      row.event_type,
      JSON.stringify(row.event_data),
    ]);
    return { json: { events }, text: events.length === 0 ? "No events." : formatTable(table) };
  });
}

function rowOf(event: LifecycleEvent, show: (id: SessionId) => string) {
  const session_id = event.sessionId === null ? null : show(event.sessionId);
  return { session_id, event_type: event.type, event_data: event.data, occurred_at: event.at };
}

/** Full ids only of the viewer's own sessions. */
function shownIds(place: Workplace, sessions: readonly Session[]): (id: SessionId) => string {
  const own = new Set(sessions.filter(({ owner }) => isSameOwner(owner, place.owner)).map(({ id }) => id));
  return (id) => (own.has(id) ? id : shortSessionId(id));
}

/** Short ids are what people see of other sessions: they must do. */
function findById(sessions: readonly Session[], text: string): SessionId {
  const start = text.replace(/…$/, "");
  const found = sessions.filter(({ id }) => id.startsWith(start));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.id;
  throw new BulkheadError("SESSION_NOT_FOUND", { session: text });
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new BulkheadError("USAGE", { reason: `${option} takes a number above 0, not '${text}'.`, command: "events" });
}
