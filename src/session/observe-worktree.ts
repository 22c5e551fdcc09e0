import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import { createGit } from "../git/run-git.ts";
import { findWorktreePlace, type WorktreePlace } from "../git/worktree-place.ts";
import { readBranch } from "../git/worktree-state.ts";
import { readExpectation } from "../layout/session-file.ts";
import type { ObservedWorktree } from "./overview.ts";

/** Reads a worktree's branch and expectation; null when there is no worktree at that place. */
export async function observeWorktree(topLevel: string): Promise<ObservedWorktree | null> {
  const place = findWorktreePlace(topLevel);
  if (place?.topLevel !== topLevel) return null;
  const found = readExpectation(topLevel, place.gitDir);
  const content = found.kind === "present" ? found.content : null;
  return {
    expected: content?.expectedBranch ?? null,
    branch: await readKnownBranch(place),
    claimLost: content?.claimLost !== undefined,
  };
}

/** The branch that a worktree is on; null when detached, or when nothing can tell: a heartbeat must not fail for it. */
export async function readKnownBranch(place: Pick<WorktreePlace, "topLevel" | "gitDir">): Promise<BranchName | null> {
  try {
    return await readBranch(createGit(place.topLevel), place.gitDir);
  } catch (cause) {
    // A name that is none, a file that cannot be read, no git at all: the branch is unknown, which null says.
    if (cause instanceof BulkheadError) return null;
    throw cause;
  }
}
