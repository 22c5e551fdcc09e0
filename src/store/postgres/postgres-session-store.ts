import { randomUUID } from "node:crypto";
import { BulkheadError } from "../../domain/error.ts";
import type { Freeze, NewFreeze } from "../../domain/freeze.ts";
import type { Handoff, NewHandoff } from "../../domain/handoff.ts";
import type { BranchName, SessionId, WorkItemKey } from "../../domain/names.ts";
import type {
  ClaimOutcome,
  CleanupOutcome,
  GoneOwner,
  HandOverOutcome,
  HeartbeatOutcome,
  LifecycleEvent,
  Owner,
  RegisterOutcome,
  Registration,
  ReleaseOutcome,
  ReleaseReason,
  Session,
  SessionMetrics,
  StartOutcome,
} from "../../domain/session.ts";
import { STALE_AFTER_SECONDS } from "../../domain/timing.ts";
import type {
  Beat,
  BeatOutcome,
  ClaimRequest,
  EventFilter,
  HandoffFilter,
  HandoffResolution,
  NewEvent,
  Pruned,
  SessionStore,
} from "../session-store.ts";
import type { PostgresConnection, Row } from "./connection.ts";
import { freeze, listFreezes, unfreeze } from "./freezes.ts";
import { addHandoff, listHandoffs, resolveHandoff } from "./handoffs.ts";
import {
  fromOwner,
  fromRegistration,
  SESSION_JSON,
  staleBefore,
  toLifecycleEvent,
  toSession,
  toSessionOrNull,
} from "./rows.ts";

const DEFAULT_LIMIT = 50;

/**
 * The team store: one PostgreSQL database for many clones and repositories. The rules stand in the database's own
 * functions and triggers, which operators call by hand as well; each method here is one call of one of them.
 */
export class PostgresSessionStore implements SessionStore {
  readonly #connection: PostgresConnection;
  readonly #repository: string;
  readonly #machineId: string | null;

  /**
   * @param repository the repository's identity; every row carries it
   * @param machineId tells worktrees of this machine from those at the same path elsewhere; null where nobody asks
   */
  constructor(connection: PostgresConnection, repository: string, machineId: string | null = null) {
    this.#connection = connection;
    this.#repository = repository;
    this.#machineId = machineId;
  }

  async register(registration: Registration): Promise<RegisterOutcome> {
    const made = await this.#call("bulkhead_register($1::text::jsonb)", [this.#registration(registration)]);
    return {
      session: toSession(made.session as Row),
      replaced: made.replaced as SessionId[],
      conflict: toSessionOrNull(made.conflict),
    };
  }

  async claim(sessionId: SessionId, item: WorkItemKey, gone: readonly GoneOwner[] = []): Promise<ClaimOutcome> {
    const outcome = await this.#call("bulkhead_claim($1, $2, $3::text::jsonb)", [item, sessionId, fromGone(gone)]);
    return toClaimOutcome(outcome) as ClaimOutcome;
  }

  async registerAndClaim(
    registration: Registration,
    item: WorkItemKey,
    { gone = [], share }: { readonly gone?: readonly GoneOwner[]; readonly share: boolean },
  ): Promise<StartOutcome> {
    const parameters = [this.#registration(registration), item, fromGone(gone), share];
    return toClaimOutcome(
      await this.#call("bulkhead_start($1::text::jsonb, $2, $3::text::jsonb, $4::boolean)", parameters),
    );
  }

  async releaseClaim(sessionId: SessionId, reason: ReleaseReason): Promise<ReleaseOutcome> {
    return toReleaseOutcome(await this.#call("bulkhead_let_go($1, $2, false, NULL)", [sessionId, reason]));
  }

  async releaseItem(item: WorkItemKey): Promise<ReleaseOutcome> {
    // By the item, so that a holder that switches at this moment keeps what it switched to.
    const [row] = await this.#connection.query(
      `SELECT bulkhead_let_go(session_id, 'manual', false, sd_id) AS outcome FROM claude_sessions
       WHERE repository = $1 AND sd_id = $2 AND status = 'active'`,
      [this.#repository, item],
    );
    if (row === undefined) return { kind: "nothing_to_release", session: null };
    return toReleaseOutcome(row.outcome as Row);
  }

  async endSession(sessionId: SessionId, reason: ReleaseReason): Promise<ReleaseOutcome> {
    return toReleaseOutcome(await this.#call("bulkhead_let_go($1, $2, true, NULL)", [sessionId, reason]));
  }

  async handOver(from: SessionId, to: SessionId, item: WorkItemKey): Promise<HandOverOutcome> {
    const outcome = await this.#call("bulkhead_hand_over($1, $2, $3)", [from, to, item]);
    if (outcome.kind === "nothing_to_release") {
      return { kind: "nothing_to_release", session: toSessionOrNull(outcome.session) };
    }
    return toClaimOutcome(outcome) as ClaimOutcome;
  }

  async requestClaim(item: WorkItemKey, request: ClaimRequest): Promise<Session | null> {
    const parameters = [this.#repository, item, JSON.stringify(request)];
    return toSessionOrNull(
      await this.#connection.value("SELECT bulkhead_request($1, $2, $3::text::jsonb)", parameters),
    );
  }

  async updateHeartbeat(sessionId: SessionId, branch: BranchName | null, owner?: Owner): Promise<HeartbeatOutcome> {
    const parameters = [sessionId, branch, owner === undefined ? null : JSON.stringify(fromOwner(owner))];
    try {
      const text = "SELECT bulkhead_heartbeat($1, $2, $3::text::jsonb)";
      return toHeartbeatOutcome(await this.#connection.value<Row>(text, parameters, { again: true }));
    } catch (cause) {
      if (!(cause instanceof BulkheadError) || cause.code !== "STORE_NOT_MIGRATED") throw cause;
      return this.#beatOlderSchema(sessionId, cause);
    }
  }

  /** The schema of an earlier step has no such function: the row is there all the same. */
  async #beatOlderSchema(sessionId: SessionId, cause: BulkheadError): Promise<HeartbeatOutcome> {
    await this.#connection.query(
      "UPDATE claude_sessions SET heartbeat_at = now() WHERE session_id = $1 AND status <> 'released'",
      [sessionId],
      { again: true },
    );
    const session = await this.findSession(sessionId).catch(() => {
      throw cause;
    });
    if (session === null) return { kind: "session_not_found" };
    return { kind: session.status === "released" ? "session_released" : "beaten", session };
  }

  async updateHeartbeats(beats: readonly Beat[]): Promise<BeatOutcome[]> {
    const sent = beats.map(({ sessionId, branch }) => ({
      session_id: sessionId,
      ...(branch === undefined ? {} : { branch }),
    }));
    const rows = await this.#connection.query(
      "SELECT session_id, outcome FROM update_session_heartbeats($1::text::jsonb)",
      [JSON.stringify(sent)],
      { again: true },
    );
    return rows.map((row) => ({
      sessionId: String(row.session_id) as SessionId,
      kind: String(row.outcome) as BeatOutcome["kind"],
    }));
  }

  async findSession(sessionId: SessionId): Promise<Session | null> {
    return this.#one("session_id = $1", [sessionId]);
  }

  async listSessions({ ended = false }: { readonly ended?: boolean } = {}): Promise<Session[]> {
    const since = ended
      ? `UNION ALL SELECT ${SESSION_JSON}, created_at, session_id FROM claude_sessions AS s
         WHERE repository = $1 AND status = 'released' AND released_at > bulkhead_now() - INTERVAL '1 day'`
      : "";
    const rows = await this.#connection.query(
      `SELECT session FROM (
         SELECT ${SESSION_JSON}, created_at, session_id FROM claude_sessions AS s WHERE repository = $1 AND status <> 'released'
         ${since}) AS found ORDER BY created_at, session_id`,
      [this.#repository],
      { again: true },
    );
    return rows.map((row) => toSession(row.session as Row));
  }

  async findHolder(item: WorkItemKey): Promise<Session | null> {
    return this.#one("repository = $1 AND sd_id = $2 AND status = 'active'", [this.#repository, item]);
  }

  async knowsItem(item: WorkItemKey): Promise<boolean> {
    const sql = "SELECT 1 FROM strategic_directives_v2 WHERE repository = $1 AND sd_key = $2";
    return (await this.#connection.query(sql, [this.#repository, item], { again: true })).length > 0;
  }

  async isClaimCurrent(sessionId: SessionId, item: WorkItemKey, epoch: number): Promise<boolean> {
    const session = await this.findSession(sessionId);
    return session?.item === item && session.claimEpoch === epoch;
  }

  async confirmClaim(sessionId: SessionId, item: WorkItemKey, epoch: number): Promise<boolean> {
    const rows = await this.#connection.query(
      `UPDATE claude_sessions SET heartbeat_at = bulkhead_now()
       WHERE session_id = $1 AND sd_id = $2 AND claim_epoch = $3::bigint AND status = 'active' RETURNING 1`,
      [sessionId, item, epoch],
      { again: true },
    );
    return rows.length === 1;
  }

  async cleanup(gone: readonly GoneOwner[]): Promise<CleanupOutcome> {
    const outcome = await this.#call(
      `bulkhead_clean_up(${staleBefore(STALE_AFTER_SECONDS, "$2")}, NULL, $1::text::jsonb, $2)`,
      [fromGone(gone), this.#repository],
    );
    const sessions = (rows: unknown) => (rows as Row[]).map(toSession);
    return { exited: sessions(outcome.exited), stale: sessions(outcome.stale) };
  }

  async recordEvents(events: readonly NewEvent[]): Promise<number> {
    const sent = events.map(({ id, type, data, sessionId, worktree, at }) => ({
      ...{ id: id ?? null, type, data, session_id: sessionId, worktree: worktree ?? null, at: at ?? null },
      machine_id: this.#machineId,
    }));
    const text = "SELECT bulkhead_book_events($1, $2::text::jsonb)";
    return Number(await this.#connection.value(text, [this.#repository, JSON.stringify(sent)]));
  }

  async listEvents(filter: EventFilter = {}): Promise<LifecycleEvent[]> {
    const rows = await this.#connection.query(
      `SELECT session_id, event_type, event_data, occurred_at FROM session_lifecycle_events
       WHERE repository = $1 AND ($2::text IS NULL OR session_id = $2)
         AND ($3::text IS NULL OR event_type IN (SELECT jsonb_array_elements_text($3::text::jsonb)))
         AND ($4::double precision IS NULL OR occurred_at > bulkhead_now() - make_interval(secs => $4))
       ORDER BY occurred_at DESC, id DESC LIMIT $5::integer`,
      [
        this.#repository,
        filter.sessionId ?? null,
        filter.types === undefined ? null : JSON.stringify(filter.types),
        filter.withinSeconds ?? null,
        filter.limit ?? DEFAULT_LIMIT,
      ],
      { again: true },
    );
    return rows.map(toLifecycleEvent);
  }

  async metrics(): Promise<SessionMetrics> {
    const [row] = await this.#connection.query("SELECT * FROM bulkhead_metrics($1)", [this.#repository], {
      again: true,
    });
    const count = (column: string) => Number(row?.[column] ?? 0);
    const age = row?.avg_heartbeat_age ?? null;
    return {
      total: count("total_sessions"),
      active: count("active_sessions"),
      stale: count("stale_sessions"),
      averageHeartbeatAge: age === null ? null : Number(age),
      gracefulExits: count("graceful_exits"),
      staleCleanups: count("stale_cleanups"),
      terminalReplacements: count("terminal_replacements"),
    };
  }

  async addHandoff(handoff: NewHandoff): Promise<Handoff> {
    return addHandoff(this.#connection, this.#repository, handoff);
  }

  async resolveHandoff(id: string, resolution: HandoffResolution): Promise<Handoff | null> {
    return resolveHandoff(this.#connection, this.#repository, id, resolution);
  }

  async listHandoffs(filter: HandoffFilter = {}): Promise<Handoff[]> {
    return listHandoffs(this.#connection, this.#repository, filter);
  }

  async freeze(stop: NewFreeze): Promise<Freeze> {
    return freeze(this.#connection, this.#repository, stop);
  }

  async unfreeze(base: BranchName): Promise<Freeze | null> {
    return unfreeze(this.#connection, this.#repository, base);
  }

  async listFreezes(): Promise<Freeze[]> {
    return listFreezes(this.#connection, this.#repository);
  }

  async prune(days: number, batch: number): Promise<Pruned> {
    const before = "bulkhead_now() - make_interval(days => $1::integer)";
    const parameters = [days, batch, this.#repository];
    const outcome = await this.#call(`bulkhead_prune(${before}, $2::integer, $3)`, parameters);
    return { sessions: Number(outcome.sessions), events: Number(outcome.events) };
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #registration(registration: Registration): string {
    // The id is made here: asked twice after a lost answer, the database knows that it is the same session.
    const id = `session_${randomUUID()}`;
    return JSON.stringify({ ...fromRegistration(registration), session_id: id, repository: this.#repository });
  }

  async #call(call: string, parameters: readonly (string | number | boolean | null)[]): Promise<Row> {
    return this.#connection.value<Row>(`SELECT ${call} AS outcome`, parameters);
  }

  async #one(condition: string, parameters: readonly string[]): Promise<Session | null> {
    const [row] = await this.#connection.query(
      `SELECT ${SESSION_JSON} FROM claude_sessions AS s WHERE ${condition} LIMIT 1`,
      parameters,
      { again: true },
    );
    return row === undefined ? null : toSession(row.session as Row);
  }
}

function fromGone(gone: readonly GoneOwner[]): string {
  return JSON.stringify(
    gone.map(({ sessionId, process }) => ({ session_id: sessionId, pid: process.pid, started_at: process.startedAt })),
  );
}

function toClaimOutcome(outcome: Row): StartOutcome {
  switch (outcome.kind) {
    case "claimed":
      return {
        kind: "claimed",
        session: toSession(outcome.session as Row),
        fresh: outcome.fresh === true,
        tookOver: toSessionOrNull(outcome.took_over),
        switchedFrom: (outcome.switched_from ?? null) as WorkItemKey | null,
      };
    case "already_claimed":
    case "worktree_in_use":
      return { kind: outcome.kind, holder: toSession(outcome.holder as Row) };
    case "session_released":
      return { kind: "session_released", session: toSession(outcome.session as Row) };
    case "session_not_found":
      return { kind: "session_not_found" };
    default:
      throw new Error(`an outcome that this program does not know: ${String(outcome.kind)}`);
  }
}

function toReleaseOutcome(outcome: Row): ReleaseOutcome {
  if (outcome.kind !== "released") return { kind: "nothing_to_release", session: toSessionOrNull(outcome.session) };
  return { kind: "released", session: toSession(outcome.session as Row), item: outcome.sd_id as WorkItemKey | null };
}

function toHeartbeatOutcome(outcome: Row): HeartbeatOutcome {
  if (outcome.kind === "session_not_found") return { kind: "session_not_found" };
  const kind = outcome.kind === "beaten" ? "beaten" : "session_released";
  return { kind, session: toSession(outcome.session as Row) };
}
