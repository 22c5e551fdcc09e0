import type { Freeze, NewFreeze } from "../domain/freeze.ts";
import type { Handoff, NewHandoff, ResolutionType } from "../domain/handoff.ts";
import type { BranchName, SessionId, WorkItemKey } from "../domain/names.ts";
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
} from "../domain/session.ts";

/** An event to put into the log. */
export interface NewEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The session that did it; null for whichever was at work in the worktree. */
  readonly sessionId: SessionId | null;
  /** Where it happened: a switched branch is that of the session at work there, whoever did it. */
  readonly worktree?: string;
  /** ISO 8601 time at which it happened; the store's clock unless told. */
  readonly at?: string;
  /** An event whose id the store has is not recorded again. */
  readonly id?: string;
}

export interface EventFilter {
  readonly sessionId?: SessionId;
  readonly types?: readonly string[];
  /** Only events of the last so many seconds, by the store's clock. */
  readonly withinSeconds?: number;
  /** At most so many, the newest. */
  readonly limit?: number;
}

/** One of many heartbeats. */
export interface Beat {
  readonly sessionId: SessionId;
  /** Null when detached; left out, the branch stays what it was. */
  readonly branch?: BranchName | null;
}

export interface BeatOutcome {
  readonly sessionId: SessionId;
  readonly kind: HeartbeatOutcome["kind"];
}

/** A word to whoever holds an item. */
export interface ClaimRequest {
  /** The session that asks, shortened for other people's eyes; null for a person without one. */
  readonly by: string | null;
  readonly message: string | null;
}

export interface HandoffFilter {
  readonly item?: WorkItemKey;
  /** Only those that failed and were not resolved. */
  readonly unresolved?: boolean;
}

export interface HandoffResolution {
  /** Null leaves it unresolved, and changes the notes alone. */
  readonly type: ResolutionType | null;
  /** Null keeps the notes that there are. */
  readonly notes: string | null;
}

/** How much went into the archive. */
export interface Pruned {
  readonly sessions: number;
  readonly events: number;
}

/**
 * Sessions, claims and their log, for one repository. Every method is one transaction: it happens whole or not at
 * all, whoever races. Every time is the store's clock. A refusal is a value; a store that cannot be used throws
 * BulkheadError `STORE_FAILED`.
 *
 * At most one active session holds an item. Each new claim of an item has a greater epoch than every earlier one.
 * A claim is taken over from a session that is stale, or whose owner process the caller saw gone; that session ends.
 */
export interface SessionStore {
  /** Adds an idle session. Stale sessions of the same terminal end; a live one stays and is reported. */
  register(registration: Registration): Promise<RegisterOutcome>;

  /**
   * Gives an item to a session, which lets go of the one it had.
   * @param gone owners seen to be gone: their claims can be taken over at once
   */
  claim(sessionId: SessionId, item: WorkItemKey, gone?: readonly GoneOwner[]): Promise<ClaimOutcome>;

  /**
   * Registers a session and gives it an item; neither happens unless both do.
   * @param share whether another live session may be at work in the same worktree
   */
  registerAndClaim(
    registration: Registration,
    item: WorkItemKey,
    options: { readonly gone?: readonly GoneOwner[]; readonly share: boolean },
  ): Promise<StartOutcome>;

  /** Ends the session's claim. The session stays, idle and alive. */
  releaseClaim(sessionId: SessionId, reason: ReleaseReason): Promise<ReleaseOutcome>;

  /** Ends the claim of whoever holds the item: an operator's override. */
  releaseItem(item: WorkItemKey): Promise<ReleaseOutcome>;

  /** Ends a session, and its claim with it. */
  endSession(sessionId: SessionId, reason: ReleaseReason): Promise<ReleaseOutcome>;

  /**
   * Gives an item from the session that holds it to another, in one step of the epoch.
   * @returns `nothing_to_release` when `from` does not hold the item
   */
  handOver(from: SessionId, to: SessionId, item: WorkItemKey): Promise<HandOverOutcome>;

  /**
   * Leaves a word with whoever holds the item: its session's metadata keeps the last ten, in `requests`, each with
   * `sd_id`, `at`, `by` and `message`.
   * @returns the holder; null when nobody holds it
   */
  requestClaim(item: WorkItemKey, request: ClaimRequest): Promise<Session | null>;

  /**
   * Notes that a session is alive, and on which branch its worktree is. Never revives a session that has ended.
   * @param branch null when detached or unknown
   * @param owner where the session's conversation has moved to another process or terminal
   */
  updateHeartbeat(sessionId: SessionId, branch: BranchName | null, owner?: Owner): Promise<HeartbeatOutcome>;

  /** One heartbeat for each of many sessions, in one step. Never revives a session that has ended. */
  updateHeartbeats(beats: readonly Beat[]): Promise<BeatOutcome[]>;

  findSession(sessionId: SessionId): Promise<Session | null>;

  /** Sessions that have not ended, the oldest first. @param ended also those that have, of the last 24 hours */
  listSessions(options?: { readonly ended?: boolean }): Promise<Session[]>;

  /** Who holds the item: live or stale; null for nobody. */
  findHolder(item: WorkItemKey): Promise<Session | null>;

  /** Whether anybody has ever claimed the item. */
  knowsItem(item: WorkItemKey): Promise<boolean>;

  /** Whether the session still holds the item by the very claim that had this epoch. */
  isClaimCurrent(sessionId: SessionId, item: WorkItemKey, epoch: number): Promise<boolean>;

  /**
   * The same, and a sign of life in one step: who is told yes cannot be taken over for as long as makes a session stale,
   * unless its process goes. For what must not be done under a lost claim.
   */
  confirmClaim(sessionId: SessionId, item: WorkItemKey, epoch: number): Promise<boolean>;

  /** Ends the sessions whose owner is gone, then those without a heartbeat for as long as makes a session stale. */
  cleanup(gone: readonly GoneOwner[]): Promise<CleanupOutcome>;

  /** Adds events to the log. @returns how many were new */
  recordEvents(events: readonly NewEvent[]): Promise<number>;

  /** The log, the newest first. */
  listEvents(filter?: EventFilter): Promise<LifecycleEvent[]>;

  metrics(): Promise<SessionMetrics>;

  /** Puts a handoff on record. One that passed resolves the earlier failures of its item and type. */
  addHandoff(handoff: NewHandoff): Promise<Handoff>;

  /** @returns null when there is no such handoff */
  resolveHandoff(id: string, resolution: HandoffResolution): Promise<Handoff | null>;

  /** The oldest first. */
  listHandoffs(filter?: HandoffFilter): Promise<Handoff[]>;

  /** Stops everything that would be merged into a base, in place of a stop that is there. */
  freeze(freeze: NewFreeze): Promise<Freeze>;

  /** Lifts a base's stop. @returns the one that held; null when none did */
  unfreeze(base: BranchName): Promise<Freeze | null>;

  /** The stops that hold now. */
  listFreezes(): Promise<Freeze[]>;

  /**
   * Moves ended sessions and events of more than so many days ago into the store's archive.
   * @param batch at most so many of each: call again until nothing is moved
   */
  prune(days: number, batch: number): Promise<Pruned>;

  close(): Promise<void>;
}
