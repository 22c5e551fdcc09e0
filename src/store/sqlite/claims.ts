/** Registering, claiming and letting go, as steps inside one transaction; each records what it did. */
import { randomUUID } from "node:crypto";
import {
  decideClaim,
  describeConflict,
  findAtTerminal,
  releaseEvents,
  type TakeOver,
} from "../../domain/claim-rules.ts";
import { parseSessionId, type SessionId, type WorkItemKey } from "../../domain/names.ts";
import type {
  ClaimOutcome,
  GoneOwner,
  Owner,
  RegisterOutcome,
  Registration,
  ReleaseReason,
  Session,
} from "../../domain/session.ts";
import { shortSessionId } from "../../domain/session-health.ts";
import type { ClaimRequest } from "../session-store.ts";
import {
  findHolder,
  findSession,
  liveSessions,
  type NamedTransaction,
  recordEvent,
  reread,
  type Transaction,
} from "./transaction.ts";

export function register(tx: NamedTransaction, registration: Registration): RegisterOutcome {
  const { replaced, conflict } = findAtTerminal(liveSessions(tx), registration.owner);
  for (const session of replaced) endSession(tx, session, "new_session_same_terminal");
  const id = parseSessionId(`session_${randomUUID()}`);
  insertSession(tx, id, registration, { ...registration.metadata, ...describeConflict(conflict) });
  recordEvent(tx, {
    type: "created",
    sessionId: id,
    data: { worktree: registration.worktree, branch: registration.branch },
  });
  return { session: reread(tx, { id }), replaced: replaced.map((session) => session.id), conflict };
}

function insertSession(
  tx: NamedTransaction,
  id: SessionId,
  { owner, hostname, worktree, branch, codebase }: Registration,
  metadata: Readonly<Record<string, unknown>>,
): void {
  tx.connection.run(
    `INSERT INTO claude_sessions (session_id, repository, status, agent_session, terminal_id, terminal_identity,
       machine_id, tty, pid, pid_started_at, hostname, codebase, worktree, current_branch, heartbeat_at, created_at, metadata)
     VALUES (:id, :repository, 'idle', :agentSession, :terminalId, :terminalIdentity,
       :machineId, :tty, :pid, :startedAt, :hostname, :codebase, :worktree, :branch, :now, :now, :metadata)`,
    {
      id,
      repository: tx.repository,
      agentSession: owner.agentSession,
      terminalId: owner.terminal.id,
      terminalIdentity: owner.terminal.identity,
      machineId: owner.machineId,
      tty: owner.terminal.tty,
      pid: owner.process?.pid ?? null,
      startedAt: owner.process?.startedAt ?? null,
      hostname,
      codebase,
      worktree,
      branch,
      now: tx.now,
      metadata: JSON.stringify(metadata),
    },
  );
}

export function claim(
  tx: NamedTransaction,
  sessionId: SessionId,
  item: WorkItemKey,
  gone: readonly GoneOwner[],
): ClaimOutcome {
  const decision = decideClaim(findSession(tx, sessionId), item, findHolder(tx, item), gone);
  switch (decision.kind) {
    case "keep":
      touch(tx, decision.session);
      return claimed(reread(tx, decision.session), { fresh: false, tookOver: null, switchedFrom: null });
    case "grant":
      return granted(tx, decision.session, item, decision.from);
    default:
      return decision;
  }
}

function granted(tx: NamedTransaction, session: Session, item: WorkItemKey, from: TakeOver | null): ClaimOutcome {
  if (from !== null) endSession(tx, from.holder, from.reason);
  if (session.item !== null) noteRelease(tx, session, "claim_switch", false);
  const tookOver = from?.holder ?? null;
  grant(tx, session, item, tookOver);
  return claimed(reread(tx, session), { fresh: true, tookOver, switchedFrom: session.item });
}

type Claimed = Extract<ClaimOutcome, { kind: "claimed" }>;

function claimed(session: Session, rest: Omit<Claimed, "kind" | "session">): Claimed {
  return { kind: "claimed", session, ...rest };
}

function grant(tx: NamedTransaction, session: Session, item: WorkItemKey, tookOver: Session | null): void {
  const row = tx.connection.get(
    `INSERT INTO strategic_directives_v2 (sd_key, repository, is_working_on, active_session_id, claim_epoch)
     VALUES (:item, :repository, 1, :id, 1)
     ON CONFLICT (sd_key) DO UPDATE SET is_working_on = 1, active_session_id = :id, claim_epoch = claim_epoch + 1
     RETURNING claim_epoch`,
    { item, repository: tx.repository, id: session.id },
  );
  const epoch = Number(row?.claim_epoch);
  tx.connection.run(
    `UPDATE claude_sessions SET status = 'active', sd_id = :item, claim_epoch = :epoch, claimed_at = :now,
       heartbeat_at = :now, released_at = NULL, released_reason = NULL
     WHERE session_id = :id`,
    { item, epoch, now: tx.now, id: session.id },
  );
  const from = tookOver === null ? {} : { took_over_from: shortSessionId(tookOver.id) };
  recordEvent(tx, { type: "claimed", sessionId: session.id, data: { sd_id: item, claim_epoch: epoch, ...from } });
}

/** Ends the claim; the session stays idle and alive. */
export function releaseClaim(tx: Transaction, session: Session, reason: ReleaseReason): void {
  letGo(tx, session, "idle", reason);
}

/** Ends the session and its claim. */
export function endSession(tx: Transaction, session: Session, reason: ReleaseReason): void {
  letGo(tx, session, "released", reason);
}

function letGo(tx: Transaction, session: Session, status: "idle" | "released", reason: ReleaseReason): void {
  noteRelease(tx, session, reason, status === "released");
  tx.connection.run(
    `UPDATE claude_sessions SET status = :status, sd_id = NULL, claim_epoch = NULL, released_at = :now,
       released_reason = :reason
     WHERE session_id = :id`,
    { id: session.id, status, now: tx.now, reason },
  );
}

/** The item is free again, and the log says how that came. */
function noteRelease(tx: Transaction, session: Session, reason: ReleaseReason, ended: boolean): void {
  tx.connection.run(
    `UPDATE strategic_directives_v2 SET is_working_on = 0, active_session_id = NULL WHERE active_session_id = :id`,
    { id: session.id },
  );
  const data = { sd_id: session.item, claim_epoch: session.claimEpoch, reason, ended };
  for (const type of releaseEvents(reason)) recordEvent(tx, { type, sessionId: session.id, data });
}

/** A sign of life, from the branch given. */
export function touch(tx: Transaction, session: Session, branch = session.branch): void {
  tx.connection.run("UPDATE claude_sessions SET heartbeat_at = :now, current_branch = :branch WHERE session_id = :id", {
    id: session.id,
    now: tx.now,
    branch,
  });
  if (session.branch === branch) return;
  recordEvent(tx, { type: "branch_changed", sessionId: session.id, data: { from: session.branch, to: branch } });
}

/** The session's conversation goes on in another process, at another terminal perhaps. */
export function moveOwner(tx: Transaction, session: Session, { process, terminal }: Owner): void {
  tx.connection.run(
    `UPDATE claude_sessions SET pid = :pid, pid_started_at = :startedAt, terminal_id = :terminalId,
       terminal_identity = :terminalIdentity, tty = :tty
     WHERE session_id = :id`,
    {
      id: session.id,
      pid: process?.pid ?? null,
      startedAt: process?.startedAt ?? null,
      terminalId: terminal.id,
      terminalIdentity: terminal.identity,
      tty: terminal.tty,
    },
  );
}

/** How many requests a session keeps. */
const REQUESTS_KEPT = 10;

/** Leaves a word with the holder of an item. */
export function noteRequest(tx: Transaction, holder: Session, request: ClaimRequest): Session {
  const earlier = Array.isArray(holder.metadata.requests) ? holder.metadata.requests : [];
  const requests = [...earlier, { sd_id: holder.item, at: tx.now, ...request }].slice(-REQUESTS_KEPT);
  tx.connection.run("UPDATE claude_sessions SET metadata = :metadata WHERE session_id = :id", {
    id: holder.id,
    metadata: JSON.stringify({ ...holder.metadata, requests }),
  });
  return reread(tx, holder);
}
