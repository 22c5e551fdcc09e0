import { BulkheadError } from "../domain/error.ts";
import { isMissingFile } from "../files/read-file.ts";
import { armedHere } from "../guard/armed.ts";
import { readInstallRecord } from "../layout/install-record.ts";
import type { Clone } from "./clone.ts";

/** Whether git would run the guard in this worktree; where it would not, a session file there stops nobody. */
export interface Arming {
  /** `rearmed`: it was off, and is on again. */
  readonly state: "armed" | "rearmed" | "off" | "not set up";
  /** What keeps git from running it; null where nothing does. */
  readonly because: string | null;
}

/** Asks git which hooks it would run here. */
export async function readArming(clone: Clone): Promise<Arming> {
  const { git, commonDir } = clone.repository;
  if (!isSetUp(commonDir)) return { state: "not set up", because: null };
  const found = await armedHere(git, commonDir, await clone.config());
  if (found.armed) return { state: "armed", because: null };
  return { state: "off", because: `The guard does not run here: ${found.because}.` };
}

/**
 * Arms the guard again where `init` has set the clone up and something has switched it off here since: other tools write
 * `core.hooksPath` into a worktree's own configuration. What cannot be armed is told, not thrown.
 */
export async function ensureArmed(clone: Clone): Promise<Arming> {
  const before = await readArming(clone);
  if (before.state !== "off") return before;
  // Rare, and a lot of code.
  const { init } = await import("./init.ts");
  try {
    const quietly = { dryRun: false, protect: [], prepare: false, scripts: false, unattended: false } as const;
    await init(clone, { ...quietly, ask: async () => false });
    return { state: "rearmed", because: before.because };
  } catch (cause) {
    if (cause instanceof BulkheadError) return before;
    throw cause;
  }
}

/** A record that cannot be read is `doctor`'s to tell. */
function isSetUp(commonDir: string): boolean {
  try {
    return readInstallRecord(commonDir) !== null;
  } catch (cause) {
    return !isMissingFile(cause);
  }
}
