import { basename } from "node:path";
import type { SessionFile } from "./expectation.ts";
import type { BranchName } from "./names.ts";

/** What a new session file is made from. Paths may use either slash. */
export interface SessionFileOrigin {
  readonly topLevel: string;
  readonly mainTop: string;
  readonly expectedBranch: BranchName;
  /** ISO 8601 */
  readonly now: string;
  readonly hostname: string;
}

/** The session file of a worktree in which nobody has started a session yet: named after its directory. */
export function newSessionFile(origin: SessionFileOrigin): SessionFile {
  const { topLevel, mainTop, expectedBranch, now, hostname } = origin;
  return {
    session: basename(topLevel),
    expectedBranch,
    createdAt: now,
    hostname,
    repoRoot: mainTop.replaceAll("\\", "/"),
  };
}
