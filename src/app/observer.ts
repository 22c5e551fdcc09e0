import type { ProcessTable } from "../machine/process-table.ts";
import { machineIdentity } from "../machine/terminal-identity.ts";
import type { Observer } from "../session/observe-life.ts";
import type { Clone } from "./clone.ts";
import { isKeeperAlive } from "./keeper-lock.ts";

/** What this machine can see of sessions' lives now. */
export function observerOf(clone: Clone, table: ProcessTable = clone.processes()): Observer {
  return {
    machineId: machineIdentity(clone.hostname),
    table,
    now: clone.clock().getTime(),
    keeper: isKeeperAlive(clone, table),
  };
}
