import { hostname } from "node:os";
import type { SessionId } from "../domain/names.ts";
import { isSameOwner } from "../domain/owner.ts";
import { shortSessionId } from "../domain/session-health.ts";
import { readExpectation } from "../layout/session-file.ts";
import { readWorkers } from "../layout/worker-file.ts";
import { observeOwner } from "../machine/observe-owner.ts";
import { systemProcessTable } from "../machine/process-table.ts";
import type { HookCall } from "./observe.ts";
import { allWorktrees } from "./worktree-files.ts";

/** The session whose command runs a hook. */
export interface Actor {
  readonly sessionId: SessionId;
  /** The item that it works on; null for none. */
  readonly item: string | null;
  readonly worktree: string;
}

/**
 * Who runs the command that a hook is part of: of the clone's sessions the one that this process belongs to, wherever it
 * works; null where none is known. git's own identity is the same for all agents of a machine.
 */
export function findActor({ place, conf, env }: Pick<HookCall, "place" | "conf" | "env">): Actor | null {
  try {
    const owner = observeOwner({ env, hostname: hostname() }, systemProcessTable());
    const own = { topLevel: place.topLevel, gitDir: place.gitDir };
    for (const { topLevel, gitDir } of [own, ...allWorktrees(place.commonDir, conf.main)]) {
      const worker = readWorkers(gitDir).find((one) => isSameOwner(one.owner, owner));
      if (worker === undefined) continue;
      const found = readExpectation(topLevel, gitDir);
      const item = found.kind === "present" ? (found.content.sdKey ?? null) : null;
      return { sessionId: worker.sessionId, item, worktree: topLevel };
    }
  } catch {
    // It only explains.
  }
  return null;
}

/** An actor in words, as other people may see it. */
export function actorInWords({ sessionId, item, worktree }: Actor): string {
  return `Session ${shortSessionId(sessionId)}${item === null ? "" : ` (${item})`} of ${worktree}`;
}
