import type { Command } from "commander";
import type { OwnerInput } from "../app/workplace.ts";

/** Options of the commands that speak for a session. */
export type OwnerOptions = OwnerInput;

export function withOwnerOptions(command: Command): Command {
  return command
    .option("--pid <pid>", "the process whose life is the session's (found by itself otherwise)")
    .option("--agent-session <id>", "the agent's session id (also CLAUDE_CODE_SESSION_ID)");
}

/** What of the options says who the command speaks for. */
export function ownerOf({ pid, agentSession }: OwnerOptions): OwnerInput {
  return {
    ...(pid === undefined ? {} : { pid }),
    ...(agentSession === undefined ? {} : { agentSession }),
  };
}
