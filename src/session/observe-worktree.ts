import { findWorktreePlace, readCurrentBranch } from "../git/head-file.ts";
import { readExpectation } from "../layout/session-file.ts";
import type { ObservedWorktree } from "./overview.ts";

/** Reads a worktree's branch and expectation; null when there is no worktree at that place. */
export async function observeWorktree(topLevel: string): Promise<ObservedWorktree | null> {
  const place = findWorktreePlace(topLevel);
  if (place?.topLevel !== topLevel) return null;
  const found = readExpectation(topLevel);
  const content = found.kind === "present" ? found.content : null;
  return {
    expected: content?.expectedBranch ?? null,
    branch: await readCurrentBranch(place),
    claimLost: content?.claimLost !== undefined,
  };
}
