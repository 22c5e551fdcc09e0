import { readExpectation } from "../layout/session-file.ts";
import { type Adoption, adoptWorktree } from "../worktree/adopt.ts";
import type { Clone } from "./clone.ts";

/** The clone's worktrees and what each is for. */
export interface WorktreesDocument {
  readonly worktrees: readonly {
    readonly path: string;
    /** Null when detached. */
    readonly branch: string | null;
    readonly sdKey: string | null;
    readonly session: string | null;
    readonly expected_branch: string | null;
    readonly session_file: "present" | "missing" | "invalid";
    /** Whether its directory is gone. */
    readonly prunable: boolean;
  }[];
}

export async function listWorktrees(clone: Clone): Promise<WorktreesDocument> {
  const worktrees = (await clone.worktrees()).filter(({ bare }) => !bare);
  return {
    worktrees: worktrees.map(({ path, branch, prunable }) => {
      const expectation = prunable === null ? readExpectation(path) : { kind: "missing" as const };
      const content = expectation.kind === "present" ? expectation.content : null;
      return {
        path,
        branch,
        sdKey: content?.sdKey ?? null,
        session: content?.session ?? null,
        expected_branch: content?.expectedBranch ?? null,
        session_file: expectation.kind,
        prunable: prunable !== null,
      };
    }),
  };
}

export type AdoptDocument = Adoption;

/** Gives this worktree its session file back. @throws BulkheadError as `adoptWorktree` */
export function adopt(clone: Clone): Promise<AdoptDocument> {
  const { worktree, mainTop, hostname, clock } = clone;
  return adoptWorktree({ ...worktree, mainTop, hostname }, clock());
}
