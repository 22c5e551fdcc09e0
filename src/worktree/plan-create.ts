/** Whether a worktree can be made, is there already, or what stands in its way. Pure: same facts, same plan. */
import type { ErrorData } from "../domain/error.ts";
import type { ErrorCode } from "../domain/error-texts.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import type { Target } from "./target.ts";

/** What stands at the place where the worktree belongs. */
export type PlaceState =
  | { readonly kind: "free" }
  /** The clone's worktree. */
  | {
      readonly kind: "worktree";
      /** The branch that it is on, or that its operation in progress is on; null when detached otherwise. */
      readonly branch: BranchName | null;
      /** The branch that its session file names; null without one. */
      readonly expected: BranchName | null;
      /** Whether git has it half made: its index is missing. */
      readonly incomplete: boolean;
    }
  /** git knows a worktree there, but its directory is gone. */
  | { readonly kind: "gone" }
  /** Something else. */
  | { readonly kind: "taken"; readonly what: "file" | "directory" | "link" };

export interface CreateFacts {
  readonly target: Target;
  readonly path: string;
  readonly place: PlaceState;
  /** A worktree in the same room whose name differs in case only; null for none. */
  readonly namesake: string | null;
  /** The branch that was asked for; null for the usual one. */
  readonly asked: BranchName | null;
  readonly branch: BranchName;
  /** Where the branch stands here; null when there is none. */
  readonly local: CommitSha | null;
  /** Where the remote was seen to have it; null when it was not. */
  readonly remote: CommitSha | null;
  /** The worktree that has the branch checked out, or is in the middle of a rebase of it; null for none. */
  readonly heldBy: string | null;
  /** A branch whose name differs in case only, or is a directory of this one's name, or the other way round. */
  readonly clash: BranchName | null;
  /** Where new work starts; null when nothing tells. */
  readonly start: { readonly name: string; readonly sha: CommitSha } | null;
  readonly force: boolean;
}

export type CreatePlan =
  | { readonly kind: "reuse"; readonly branch: BranchName }
  /** Into the trash with what is there, then as if nothing had been there. */
  | { readonly kind: "clear"; readonly why: "gone" | "other_branch" | "incomplete" }
  | {
      readonly kind: "create";
      readonly branch: BranchName;
      /** The commit at which the branch is made; null to check out the branch that is there. */
      readonly newAt: CommitSha | null;
      readonly at: CommitSha;
      /** In words, for people. */
      readonly from: string | null;
      readonly follows: boolean;
    }
  | { readonly kind: "refuse"; readonly code: ErrorCode; readonly data: ErrorData };

/** @param facts as they are at this moment; the plan is made anew when they change */
export function planCreate(facts: CreateFacts): CreatePlan {
  return planPlace(facts) ?? planBranch(facts);
}

function planPlace({ place, path, asked, branch, force, namesake, target }: CreateFacts): CreatePlan | null {
  switch (place.kind) {
    case "taken":
      return refuse("WORKTREE_PATH_TAKEN", { path, what: place.what });
    case "gone":
      return { kind: "clear", why: "gone" };
    case "worktree": {
      if (place.incomplete) return { kind: "clear", why: "incomplete" };
      const wanted = asked ?? place.expected ?? branch;
      if (place.branch === wanted) return { kind: "reuse", branch: wanted };
      if (force) return { kind: "clear", why: "other_branch" };
      return refuse("WORKTREE_OTHER_BRANCH", { path, expected: wanted, actual: place.branch, name: target.name });
    }
    default:
      return namesake === null ? null : refuse("WORKTREE_NAMESAKE", { name: target.name, other: namesake });
  }
}

function planBranch({ branch, heldBy, local, remote, clash, start }: CreateFacts): CreatePlan {
  if (heldBy !== null) return refuse("BRANCH_IN_USE", { branch, worktree: heldBy });
  if (local !== null) return { kind: "create", branch, newAt: null, at: local, from: null, follows: false };
  if (clash !== null) return refuse("BRANCH_CLASH", { branch, other: clash });
  if (remote !== null)
    return { kind: "create", branch, newAt: remote, at: remote, from: "the remote's branch", follows: true };
  if (start === null) return refuse("NO_BASE", { branch });
  return { kind: "create", branch, newAt: start.sha, at: start.sha, from: start.name, follows: false };
}

function refuse(code: ErrorCode, data: ErrorData): CreatePlan {
  return { kind: "refuse", code, data };
}
