import { BulkheadError } from "../domain/error.ts";
import type { SessionId } from "../domain/names.ts";
import { isSameOwner } from "../domain/owner.ts";
import type { Session } from "../domain/session.ts";
import { shortSessionId } from "../domain/session-health.ts";
import type { Workplace } from "../session/workplace.ts";
import type { Clone } from "./clone.ts";
import { openWorkplace } from "./workplace.ts";

export interface EventsInput {
  /** A session's id, or the start of it; null for all. */
  readonly session: string | null;
  /** Event types; null for all. */
  readonly types: readonly string[] | null;
  readonly withinSeconds: number;
  /** At most so many, the newest. */
  readonly limit: number;
}

/** The lifecycle log, the newest first. */
export interface EventsDocument {
  readonly events: readonly {
    readonly session_id: string | null;
    readonly event_type: string;
    readonly event_data: Readonly<Record<string, unknown>>;
    /** ISO 8601 */
    readonly occurred_at: string;
  }[];
}

/** @throws BulkheadError `SESSION_NOT_FOUND` */
export async function events(clone: Clone, input: EventsInput): Promise<EventsDocument> {
  const place = await openWorkplace(clone, {});
  const sessions = await place.store.listSessions({ ended: true });
  const { withinSeconds, limit, types } = input;
  const found = await place.store.listEvents({
    withinSeconds,
    limit,
    ...(types === null ? {} : { types }),
    ...(input.session === null ? {} : { sessionId: findById(sessions, input.session) }),
  });
  const show = shownIds(place, sessions);
  return {
    events: found.map((event) => ({
      session_id: event.sessionId === null ? null : show(event.sessionId),
      event_type: event.type,
      event_data: event.data,
      occurred_at: event.at,
    })),
  };
}

/** Full ids only of the viewer's own sessions. */
function shownIds(place: Workplace, sessions: readonly Session[]): (id: SessionId) => string {
  const own = new Set(sessions.filter(({ owner }) => isSameOwner(owner, place.owner)).map(({ id }) => id));
  return (id) => (own.has(id) ? id : shortSessionId(id));
}

/** Short ids are what people see of other sessions: they must do. @throws BulkheadError `SESSION_NOT_FOUND` */
export function findById(sessions: readonly Session[], text: string): SessionId {
  const start = text.replace(/…$/, "");
  const found = sessions.filter(({ id }) => id.startsWith(start));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.id;
  throw new BulkheadError("SESSION_NOT_FOUND", { session: text });
}
