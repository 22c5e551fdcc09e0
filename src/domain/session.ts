/** Sessions and claims as plain data, in the words of the product; the store maps them to its columns. */
import type { BranchName, SessionId, WorkItemKey } from "./names.ts";

/** `active` holds a claim, `idle` holds none, `released` has ended and never comes back. */
export type SessionStatus = "active" | "idle" | "released";

/** Why a claim or a session ended, as the database names it. */
export type ReleaseReason =
  | "graceful_exit"
  | "manual"
  | "stale_cleanup"
  | "new_session_same_terminal"
  | "process_exit"
  | "claim_switch";

/** A process on one machine. The start time tells it from a later process that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; compared for equality only. Null where the system does not tell. */
  readonly startedAt: string | null;
}

/** Where a session's terminal stands. */
export interface Terminal {
  /** `tty-<12 hex>`, `win-session-<n>` or `win-ppid-<pid>`. */
  readonly id: string;
  /** Machine and terminal in one. */
  readonly identity: string;
  /** Device path; null without a terminal. */
  readonly tty: string | null;
}

/** Who a session is: one conversation with an agent, or else one owner process, in one worktree. */
export interface Owner {
  /** The agent's own session id; null for people. */
  readonly agentSession: string | null;
  readonly process: ProcessIdentity | null;
  readonly machineId: string;
  readonly terminal: Terminal;
}

/** What is known of a session when it registers. */
export interface Registration {
  readonly owner: Owner;
  readonly hostname: string;
  /** Top directory of its worktree. */
  readonly worktree: string;
  readonly branch: BranchName | null;
  /** Short name of the repository, for people. */
  readonly codebase: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A session as the store holds it. Times are ISO 8601 by the store's clock. */
export interface Session {
  readonly id: SessionId;
  readonly repository: string;
  readonly status: SessionStatus;
  readonly item: WorkItemKey | null;
  /** The fencing token of its claim; null without one. */
  readonly claimEpoch: number | null;
  readonly owner: Owner;
  readonly hostname: string;
  readonly worktree: string;
  readonly branch: BranchName | null;
  readonly codebase: string;
  readonly heartbeatAt: string;
  /** Seconds since the last heartbeat when the store was asked, never negative. */
  readonly heartbeatAgeSeconds: number;
  readonly claimedAt: string | null;
  readonly createdAt: string;
  readonly releasedAt: string | null;
  readonly releasedReason: ReleaseReason | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A session whose owner process was seen to be gone. The store acts on it only while the row still names that process. */
export interface GoneOwner {
  readonly sessionId: SessionId;
  readonly process: ProcessIdentity;
}

/** What became of an attempt to claim an item. */
export type ClaimOutcome =
  /** `fresh`: a new claim with a new epoch; otherwise the session held it already. */
  | {
      readonly kind: "claimed";
      readonly session: Session;
      readonly fresh: boolean;
      readonly tookOver: Session | null;
      readonly switchedFrom: WorkItemKey | null;
    }
  /** A live session holds it. */
  | { readonly kind: "already_claimed"; readonly holder: Session }
  | { readonly kind: "session_not_found" }
  | { readonly kind: "session_released"; readonly session: Session };

/** What became of registering and claiming in one step; refused as a whole, it leaves nothing behind. */
export type StartOutcome =
  | ClaimOutcome
  /** A live session has the worktree for itself. */
  | { readonly kind: "worktree_in_use"; readonly holder: Session };

/** What became of registering. */
export interface RegisterOutcome {
  readonly session: Session;
  /** Stale sessions of the same terminal, which it replaced. */
  readonly replaced: readonly SessionId[];
  /** A live session of the same terminal, which stays. */
  readonly conflict: Session | null;
}

/** What became of a heartbeat. Not found and released are answers of their own: a released session is never revived. */
export type HeartbeatOutcome =
  | { readonly kind: "beaten"; readonly session: Session }
  | { readonly kind: "session_not_found" }
  | { readonly kind: "session_released"; readonly session: Session };

/** What became of a release. Releasing what is not held is no error. */
export type ReleaseOutcome =
  | { readonly kind: "released"; readonly session: Session; readonly item: WorkItemKey | null }
  | { readonly kind: "nothing_to_release"; readonly session: Session | null };

/** What became of handing a claim over: the receiver's claim, or why there was none. */
export type HandOverOutcome = ClaimOutcome | { readonly kind: "nothing_to_release"; readonly session: Session | null };

/** What a clean-up released. */
export interface CleanupOutcome {
  /** Sessions whose process was gone. */
  readonly exited: readonly Session[];
  /** Sessions without a heartbeat for too long. */
  readonly stale: readonly Session[];
}

/** One entry of the lifecycle log. */
export interface LifecycleEvent {
  /** Null when it happened where no session was known. */
  readonly sessionId: SessionId | null;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** ISO 8601 */
  readonly at: string;
}

/** Counts over the last 24 hours. */
export interface SessionMetrics {
  readonly total: number;
  readonly active: number;
  readonly stale: number;
  /** Seconds, over active sessions; null when there are none. */
  readonly averageHeartbeatAge: number | null;
  readonly gracefulExits: number;
  readonly staleCleanups: number;
  readonly terminalReplacements: number;
}
