/** Which process owns a session, and whether it still lives. */
import type { ProcessIdentity } from "../domain/session.ts";
import type { ProcessTable } from "./process-table.ts";

/** Shells, runners and git (`git bulkhead`) come and go with each command: none of them is who works here. */
const PASSING =
  /^-?(?:(?:ba|da|z|k|c|tc|fi|a|nu)?sh|busybox|git|pwsh|powershell|cmd|env|node|nodejs|MainThread|node-MainThread|npm|npx|pnpm|yarn|corepack|tsx)(?:\.exe)?$/i;

/**
 * Finds the owner process of a command: its terminal's session leader, else the nearest ancestor that is no shell,
 * npm or node runner. Pure over the table.
 * @param self the command's own process
 * @returns null when there is none: the session is then kept alive by activity
 */
export function findOwnerProcess(table: ProcessTable, self: number): ProcessIdentity | null {
  const own = table(self);
  if (own === null || own === "unknown") return null;
  if (own.tty !== null && own.sessionLeader !== null && own.sessionLeader !== self) {
    const leader = identify(table, own.sessionLeader);
    if (leader !== null) return leader;
  }
  // Number 1 starts and outlives everything: it is nobody's.
  const seen = new Set<number>();
  for (let pid = own.parent; pid > 1 && !seen.has(pid); ) {
    seen.add(pid);
    const entry = table(pid);
    if (entry === null || entry === "unknown") return null;
    // A runner may show what it runs behind its name, as npm does.
    if (!PASSING.test(entry.name.split(" ")[0] ?? "")) return { pid, startedAt: entry.startedAt };
    pid = entry.parent;
  }
  return null;
}

/** Whether one process has started another, or what started that one, and so on. What cannot be told is none. */
export function isAncestor(table: ProcessTable, ancestor: number, self: number): boolean {
  const seen = new Set<number>();
  for (let pid = self; pid > 1 && !seen.has(pid); ) {
    if (pid === ancestor) return true;
    seen.add(pid);
    const entry = table(pid);
    if (entry === null || entry === "unknown") return false;
    pid = entry.parent;
  }
  return false;
}

/** A process by its number; null when there is none. Where the system tells no more, the start time stays unknown. */
export function identify(table: ProcessTable, pid: number): ProcessIdentity | null {
  const entry = table(pid);
  if (entry === null) return null;
  return { pid, startedAt: entry === "unknown" ? null : entry.startedAt };
}

export type Liveness = "alive" | "gone" | "unknown";

/** Whether a process is one that can be seen from here at all: another container's cannot. */
export function isWithinSight(table: ProcessTable, named: ProcessIdentity): boolean {
  return isOfThisScope(named, table);
}

/** Whether a process of this machine still lives. What cannot be told is unknown, never gone. */
export function processLiveness(table: ProcessTable, named: ProcessIdentity): Liveness {
  const entry = table(named.pid);
  if (entry === null) return isOfThisScope(named, table) ? "gone" : "unknown";
  if (entry === "unknown" || named.startedAt === null) return "unknown";
  if (entry.startedAt === named.startedAt) return "alive";
  return isOfThisScope(named, table) ? "gone" : "unknown";
}

/** A start time of another process namespace of this boot cannot be judged from here. After a reboot every process is gone. */
function isOfThisScope(named: ProcessIdentity, table: ProcessTable): boolean {
  const own = table(process.pid);
  if (own === null || own === "unknown" || named.startedAt === null) return true;
  const [theirBoot, theirSpace] = named.startedAt.split(".");
  const [ourBoot, ourSpace] = own.startedAt.split(".");
  return theirBoot !== ourBoot || theirSpace === ourSpace;
}
