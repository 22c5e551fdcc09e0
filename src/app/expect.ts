import type { BranchName } from "../domain/names.ts";
import { changeExpectation, showExpectation } from "../session/expect.ts";
import { type Arming, readArming } from "./arming.ts";
import type { Clone } from "./clone.ts";

/** What a worktree expects, and whether its `HEAD` agrees. */
export interface ExpectDocument {
  readonly expected_branch: string | null;
  /** Null when detached. */
  readonly current_branch: string | null;
  readonly agrees: boolean;
  /** Whether git runs the guard here. */
  readonly guard: Arming;
}

/**
 * Shows or changes the branch that this worktree expects.
 * @param branch null to show it
 * @throws BulkheadError `EXPECTATION_INVALID`, `NO_SUCH_BRANCH`, `FILE_FAILED`
 */
export async function expectBranch(clone: Clone, { branch }: { branch: BranchName | null }): Promise<ExpectDocument> {
  const { worktree, mainTop, hostname } = clone;
  const place = { ...worktree, mainTop, hostname };
  const report =
    branch === null
      ? await showExpectation(place)
      : await changeExpectation(place, branch, clone.clock().toISOString());
  return {
    expected_branch: report.expected,
    current_branch: report.branch,
    agrees: report.agrees,
    guard: await readArming(clone),
  };
}
