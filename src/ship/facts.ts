import type { Expectation } from "../domain/expectation.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import type { Head } from "../git/worktree-state.ts";
import type { BranchDemands } from "../github/branch-demands.ts";
import type { Check } from "../github/checks.ts";
import type { MergeMethod, PullRequest } from "../github/pull-request.ts";

/** What the user asked for. */
export interface ShipRequest {
  /** The pull request, by number or by its head branch; neither: that of the current branch. */
  readonly target: { readonly number: number } | { readonly branch: BranchName } | null;
  readonly expectBranch: BranchName | null;
  readonly method: MergeMethod | null;
  readonly push: boolean;
  readonly create: NewPull | null;
  readonly keepBranch: boolean;
  readonly dryRun: boolean;
  /** Milliseconds to wait for GitHub to be ready for the merge; null: do not wait. */
  readonly waitMs: number | null;
}

export interface NewPull {
  readonly title: string | null;
  readonly body: string | null;
  readonly draft: boolean;
}

/** Whether the claim that a worktree's session file names is still that session's. */
export type ClaimState = "ours" | "lost" | "unknown" | "none";

/** A claim's state; where it is unknown, why, and what would make it known. */
export type Claim =
  | { readonly state: Exclude<ClaimState, "unknown"> }
  | { readonly state: "unknown"; readonly reason: string; readonly wayOut: string };

/** The worktree in which `ship` runs. */
export interface LocalFacts {
  readonly topLevel: string;
  readonly head: Head;
  readonly expectation: Expectation;
  readonly claim: Claim;
}

/** The worktree that has the pull request's branch checked out: this one or another. */
export interface PlaceFacts {
  readonly path: string;
  readonly here: boolean;
  readonly sha: CommitSha;
  /** Tracked files with changes, as paths from the worktree's top. */
  readonly changed: readonly string[];
  readonly untracked: readonly string[];
  /** What git is in the middle of there: a rebase, a merge; null when nothing. */
  readonly operation: string | null;
}

/** How the local branch stands to the pull request's head. */
export type Distance =
  | { readonly kind: "equal" }
  | { readonly kind: "ahead"; readonly by: number }
  | { readonly kind: "behind" }
  | { readonly kind: "diverged" };

/** Everything that the plan is made from. */
export interface ShipFacts {
  readonly pull: PullRequest;
  /** The branch that work merges into here: the setting, else the repository's default branch. */
  readonly expectedBase: BranchName;
  readonly place: PlaceFacts | null;
  /** Null when the branch is checked out nowhere. */
  readonly distance: Distance | null;
  /** Where the remote's own head branch stands; null when it is gone or lies in a fork. */
  readonly remoteHead: CommitSha | null;
  readonly claim: Claim;
  readonly checks: readonly Check[];
  readonly demands: BranchDemands;
  /** Merge methods that the repository allows; null where GitHub does not tell. */
  readonly methods: readonly MergeMethod[] | null;
  /** Numbers of open pull requests that would merge into this one's branch. */
  readonly children: readonly number[];
  /** Whether the head branch is one that must stay: the default branch, or protected here. */
  readonly headStays: boolean;
}
