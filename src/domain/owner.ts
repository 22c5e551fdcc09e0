/** Whether two owners are one and the same. Pure; what is not known never counts as the same. */
import type { Owner, ProcessIdentity } from "./session.ts";

/** Whether both name the same process. A start time that is not known proves nothing. */
export function isSameProcess(a: ProcessIdentity | null, b: ProcessIdentity | null): boolean {
  if (a === null || b === null) return false;
  return a.pid === b.pid && a.startedAt !== null && a.startedAt === b.startedAt;
}

/** Two parties that may be the same conversation; each part may be unknown. */
export interface ConversationParty {
  readonly agentSession?: string | null;
  readonly process?: ProcessIdentity | null;
  readonly machineId?: string | null;
}

/**
 * Whether both are one conversation: the same agent session id or, where neither has one, the same process
 * of the same machine. Anything unknown counts as different.
 */
export function isSameConversation(a: ConversationParty, b: ConversationParty): boolean {
  const [agentA, agentB] = [known(a.agentSession), known(b.agentSession)];
  if (agentA !== null || agentB !== null) return agentA === agentB;
  return (
    known(a.machineId) !== null && a.machineId === b.machineId && isSameProcess(a.process ?? null, b.process ?? null)
  );
}

/**
 * Whether both are the same owner of a session. Where neither has an agent session nor a process that could be
 * found, the terminal stands for the owner.
 */
export function isSameOwner(a: Owner, b: Owner): boolean {
  if (isSameConversation(a, b)) return true;
  const anonymous = (owner: Owner) => owner.agentSession === null && owner.process === null;
  return anonymous(a) && anonymous(b) && a.terminal.identity === b.terminal.identity;
}

/** Whether both work at one terminal. Without a terminal device there is nothing to be the same. */
export function isSameTerminal(a: Owner, b: Owner): boolean {
  const real = (owner: Owner) => !owner.terminal.id.startsWith("win-ppid-");
  return real(a) && real(b) && a.terminal.identity === b.terminal.identity;
}

function known(value: string | null | undefined): string | null {
  return value === undefined || value === "" ? null : value;
}
