import { BulkheadError } from "../domain/error.ts";
import type { Owner, ProcessIdentity } from "../domain/session.ts";
import { findOwnerProcess, identify, isAncestor } from "./owner-process.ts";
import type { ProcessTable } from "./process-table.ts";
import { machineIdentity, terminalIdentity } from "./terminal-identity.ts";

/** What a command knows of who runs it. */
export interface OwnerRequest {
  /** `--pid`: the process whose life is the session's; found by itself where it is not given. */
  readonly pid?: string;
  /** `--agent-session`, else the agent's environment. */
  readonly agentSession?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly hostname: string;
}

/** Names the `run` that a command is part of, by its process: whatever runs in it speaks for its session. */
export const RUN_VARIABLE = "BULKHEAD_RUN_PID";

/**
 * Finds out who runs this command.
 * @throws BulkheadError `PROCESS_NOT_FOUND`, `USAGE`
 */
export function observeOwner(request: OwnerRequest, table: ProcessTable): Owner {
  const machineId = machineIdentity(request.hostname);
  const own = table(process.pid);
  const tty = own === null || own === "unknown" ? null : own.tty;
  const run = request.pid === undefined && request.agentSession === undefined ? findRun(request.env, table) : null;
  if (run !== null) {
    return { agentSession: null, process: run, machineId, terminal: terminalIdentity(machineId, tty, process.ppid) };
  }
  const agent = request.agentSession ?? request.env.CLAUDE_CODE_SESSION_ID ?? "";
  if (agent.length > 200 || /[^\x21-\x7e]/.test(agent)) {
    throw new BulkheadError("USAGE", { reason: "The agent session id has spaces or is longer than 200 characters." });
  }
  return {
    agentSession: agent === "" ? null : agent,
    process: request.pid === undefined ? findOwnerProcess(table, process.pid) : givenProcess(table, request.pid),
    machineId,
    terminal: terminalIdentity(machineId, tty, process.ppid),
  };
}

/** The `run` around this process. A variable that has outlived its process, or leaked into another tree, names none. */
function findRun(env: NodeJS.ProcessEnv, table: ProcessTable): ProcessIdentity | null {
  const named = Number(env[RUN_VARIABLE] ?? "");
  if (!Number.isSafeInteger(named) || named <= 1) return null;
  return isAncestor(table, named, process.pid) ? identify(table, named) : null;
}

function givenProcess(table: ProcessTable, text: string) {
  if (!/^[1-9]\d{0,9}$/.test(text)) {
    throw new BulkheadError("USAGE", { reason: `'${text}' is not a process number.` });
  }
  const found = identify(table, Number(text));
  if (found === null) throw new BulkheadError("PROCESS_NOT_FOUND", { pid: text });
  return found;
}
