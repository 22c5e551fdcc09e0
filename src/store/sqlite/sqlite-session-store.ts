import { refuseStart, takeOverReason } from "../../domain/claim-rules.ts";
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
import { claim, endSession, moveOwner, noteRequest, register, releaseClaim, touch } from "./claims.ts";
import type { SqliteConnection } from "./connection.ts";
import { freeze, listFreezes, unfreeze } from "./freezes.ts";
import { addHandoff, listHandoffs, resolveHandoff } from "./handoffs.ts";
import { beatMany, prune } from "./housekeeping.ts";
import { listEvents, readMetrics, recordWorktreeEvent } from "./lifecycle-log.ts";
import { SESSION_COLUMNS, toSession } from "./rows.ts";
import {
  findHolder,
  findSession,
  liveSessions,
  type NamedTransaction,
  readClock,
  reread,
  type Transaction,
} from "./transaction.ts";

/** The embedded store: one SQLite file for each clone, shared by all its worktrees and processes. */
export class SqliteSessionStore implements SessionStore {
  readonly #connection: SqliteConnection;
  readonly #repository: () => Promise<string>;
  readonly #clock: () => string;

  /**
   * @param connection migrated
   * @param repository the repository's identity, kept in every row: found out where one is made that has it from no other
   * @param clock the store's clock, ISO 8601; SQLite's own unless a test brings one
   */
  constructor(connection: SqliteConnection, repository: () => Promise<string>, clock?: () => string) {
    this.#connection = connection;
    this.#repository = repository;
    this.#clock = clock ?? (() => readClock(connection));
  }

  async register(registration: Registration): Promise<RegisterOutcome> {
    return this.#writeNamed((tx) => register(tx, registration));
  }

  async claim(sessionId: SessionId, item: WorkItemKey, gone: readonly GoneOwner[] = []): Promise<ClaimOutcome> {
    return this.#writeNamed((tx) => claim(tx, sessionId, item, gone));
  }

  async registerAndClaim(
    registration: Registration,
    item: WorkItemKey,
    { gone = [], share }: { readonly gone?: readonly GoneOwner[]; readonly share: boolean },
  ): Promise<StartOutcome> {
    return this.#writeNamed((tx) => {
      // Everything that can refuse comes before the first change: a refusal leaves nothing behind.
      const inWorktree = liveSessions(tx).filter(({ worktree }) => worktree === registration.worktree);
      const refusal = refuseStart(findHolder(tx, item), inWorktree, { gone, share });
      if (refusal !== null) return refusal;
      return claim(tx, register(tx, registration).session.id, item, gone);
    });
  }

  async releaseClaim(sessionId: SessionId, reason: ReleaseReason): Promise<ReleaseOutcome> {
    return this.#write((tx) => this.#release(tx, findSession(tx, sessionId), reason));
  }

  async releaseItem(item: WorkItemKey): Promise<ReleaseOutcome> {
    return this.#write((tx) => this.#release(tx, findHolder(tx, item), "manual"));
  }

  #release(tx: Transaction, session: Session | null, reason: ReleaseReason): ReleaseOutcome {
    if (session?.item == null) return { kind: "nothing_to_release", session };
    releaseClaim(tx, session, reason);
    return { kind: "released", session: reread(tx, session), item: session.item };
  }

  async endSession(sessionId: SessionId, reason: ReleaseReason): Promise<ReleaseOutcome> {
    return this.#write((tx) => {
      const session = findSession(tx, sessionId);
      if (session === null || session.status === "released") return { kind: "nothing_to_release", session };
      endSession(tx, session, reason);
      return { kind: "released", session: reread(tx, session), item: session.item };
    });
  }

  async handOver(from: SessionId, to: SessionId, item: WorkItemKey): Promise<HandOverOutcome> {
    return this.#writeNamed((tx) => {
      const [giver, taker] = [findSession(tx, from), findSession(tx, to)];
      if (giver === null || taker === null) return { kind: "session_not_found" };
      if (taker.status === "released") return { kind: "session_released", session: taker };
      if (giver.item !== item || from === to) return { kind: "nothing_to_release", session: giver };
      releaseClaim(tx, giver, "manual");
      return claim(tx, to, item, []);
    });
  }

  async requestClaim(item: WorkItemKey, request: ClaimRequest): Promise<Session | null> {
    return this.#write((tx) => {
      const holder = findHolder(tx, item);
      return holder === null ? null : noteRequest(tx, holder, request);
    });
  }

  async updateHeartbeats(beats: readonly Beat[]): Promise<BeatOutcome[]> {
    return this.#write((tx) => beatMany(tx, beats));
  }

  async updateHeartbeat(sessionId: SessionId, branch: BranchName | null, owner?: Owner): Promise<HeartbeatOutcome> {
    return this.#write((tx) => {
      const session = findSession(tx, sessionId);
      if (session === null) return { kind: "session_not_found" };
      if (session.status === "released") return { kind: "session_released", session };
      touch(tx, session, branch);
      if (owner !== undefined) moveOwner(tx, session, owner);
      return { kind: "beaten", session: reread(tx, session) };
    });
  }

  async findSession(sessionId: SessionId): Promise<Session | null> {
    return findSession(this.#now(), sessionId);
  }

  async listSessions({ ended = false }: { readonly ended?: boolean } = {}): Promise<Session[]> {
    const tx = this.#now();
    if (!ended) return liveSessions(tx);
    const rows = tx.connection.all(
      `SELECT ${SESSION_COLUMNS} FROM claude_sessions
       WHERE status <> 'released' OR released_at > strftime('%Y-%m-%dT%H:%M:%fZ', :now, '-1 day')
       ORDER BY created_at, session_id`,
      { now: tx.now },
    );
    return rows.map((row) => toSession(row, tx.now));
  }

  async findHolder(item: WorkItemKey): Promise<Session | null> {
    return findHolder(this.#now(), item);
  }

  async knowsItem(item: WorkItemKey): Promise<boolean> {
    const sql = "SELECT 1 FROM strategic_directives_v2 WHERE sd_key = :item";
    return this.#connection.get(sql, { item }) !== undefined;
  }

  async isClaimCurrent(sessionId: SessionId, item: WorkItemKey, epoch: number): Promise<boolean> {
    const session = findSession(this.#now(), sessionId);
    return session?.item === item && session.claimEpoch === epoch;
  }

  async confirmClaim(sessionId: SessionId, item: WorkItemKey, epoch: number): Promise<boolean> {
    return this.#write(({ connection, now }) => {
      const sql = `UPDATE claude_sessions SET heartbeat_at = :now
        WHERE session_id = :sessionId AND sd_id = :item AND claim_epoch = :epoch AND status = 'active'`;
      return connection.run(sql, { now, sessionId, item, epoch }) === 1;
    });
  }

  async cleanup(gone: readonly GoneOwner[]): Promise<CleanupOutcome> {
    return this.#write((tx) => {
      const doomed = liveSessions(tx).map((session) => ({ session, reason: takeOverReason(session, gone) }));
      const release = (wanted: ReleaseReason) =>
        doomed
          .filter(({ reason }) => reason === wanted)
          .map(({ session }) => {
            endSession(tx, session, wanted);
            return session;
          });
      return { exited: release("process_exit"), stale: release("stale_cleanup") };
    });
  }

  async recordEvents(events: readonly NewEvent[]): Promise<number> {
    return this.#writeNamed((tx) => events.filter((event) => recordWorktreeEvent(tx, event)).length);
  }

  async listEvents(filter: EventFilter = {}): Promise<LifecycleEvent[]> {
    return listEvents(this.#now(), filter);
  }

  async metrics(): Promise<SessionMetrics> {
    return readMetrics(this.#now());
  }

  async addHandoff(handoff: NewHandoff): Promise<Handoff> {
    return this.#writeNamed((tx) => addHandoff(tx, handoff));
  }

  async resolveHandoff(id: string, resolution: HandoffResolution): Promise<Handoff | null> {
    return this.#write((tx) => resolveHandoff(tx, id, resolution));
  }

  async listHandoffs(filter: HandoffFilter = {}): Promise<Handoff[]> {
    return listHandoffs(this.#now(), filter);
  }

  async freeze(stop: NewFreeze): Promise<Freeze> {
    return this.#writeNamed((tx) => freeze(tx, stop));
  }

  async unfreeze(base: BranchName): Promise<Freeze | null> {
    return this.#writeNamed((tx) => unfreeze(tx, base));
  }

  async listFreezes(): Promise<Freeze[]> {
    return listFreezes({ ...this.#now(), repository: await this.#repository() });
  }

  async prune(days: number, batch: number): Promise<Pruned> {
    return this.#write((tx) => prune(tx, days, batch));
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** A moment to read at. */
  #now(): Transaction {
    return { connection: this.#connection, now: this.#clock(), repository: null };
  }

  #write<T>(work: (tx: Transaction) => T): T {
    return this.#connection.transaction(() => work(this.#now()));
  }

  async #writeNamed<T>(work: (tx: NamedTransaction) => T): Promise<T> {
    const repository = await this.#repository();
    return this.#write((tx) => work({ ...tx, repository }));
  }
}
