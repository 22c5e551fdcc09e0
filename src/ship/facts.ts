import type { Expectation } from "../domain/expectation.ts";
import type { Freeze } from "../domain/freeze.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import type { Head as GitHead } from "../git/worktree-state.ts";
import type { StackEntry } from "../github/github.ts";
import type { PullDetails, RepositoryFacts } from "../github/lookup.ts";
import type { MergeMethod, PullRequest } from "../github/pull-request.ts";
import type { Head } from "./wiring.ts";

/** What the user asked for. */
export interface ShipRequest {
  /** The pull request, by number or by its head branch; neither: that of the current branch. */
  readonly target:
    | { readonly number: number; readonly repository?: string | null }
    | { readonly branch: BranchName }
    | null;
  readonly expectBranch: BranchName | null;
  /** The commit that must be the pull request's head: said by who knows that local commits are not part of it. */
  readonly expectHead: CommitSha | null;
  readonly method: MergeMethod | null;
  readonly push: boolean;
  readonly create: NewPull | null;
  /** How it is merged: now, through the base's merge queue, or by GitHub itself once it is ready. */
  readonly via: "merge" | "queue" | "auto";
  readonly keepBranch: boolean;
  /** Whether a branch that was once a base goes all the same. */
  readonly deleteBranch: boolean;
  /** Whether the branch's worktree goes too, into the trash. */
  readonly retire: boolean;
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
  readonly head: GitHead;
  readonly expectation: Expectation;
  readonly claim: Claim;
}

/** A worktree that has a branch checked out: this one or another. */
export interface PlaceFacts {
  readonly path: string;
  readonly here: boolean;
  /** Whether it is a linked worktree, and not the main checkout. */
  readonly linked: boolean;
  readonly branch: BranchName;
  /** Tracked files with changes, as paths from the worktree's top. */
  readonly changed: readonly string[];
  readonly untracked: readonly string[];
  /** What git is in the middle of there: a rebase, a merge; null when nothing. */
  readonly operation: string | null;
}

/** How a local branch stands to the pull request's head, or to the remote branch that it is pushed to. */
export type Distance =
  | { readonly kind: "equal" }
  | { readonly kind: "ahead"; readonly by: number }
  | { readonly kind: "behind" }
  | { readonly kind: "diverged" }
  /** There is nothing there yet. */
  | { readonly kind: "absent" };

/** A local branch whose head the pull request is. */
export interface TipFacts {
  readonly branch: BranchName;
  readonly sha: CommitSha;
  /** The worktree that holds it. */
  readonly place: PlaceFacts | null;
  readonly distance: Distance;
}

/** Everything that the plan is made from. */
export interface ShipFacts {
  readonly local: LocalFacts;
  readonly repository: RepositoryFacts;
  /** The local branch that was asked about; null where a number was. */
  readonly branch: BranchName | null;
  /** Where that branch is pushed to; null where nothing leads to a repository. */
  readonly head: Head | null;
  /** Null where there is no pull request yet. */
  readonly details: PullDetails | null;
  /** An open pull request of another branch whose head is this very commit. */
  readonly twin: PullRequest | null;
  /** The branch that work merges into here: the setting, else the repository's default branch. */
  readonly expectedBase: BranchName;
  readonly tips: readonly TipFacts[];
  /** Whether this worktree's session works on the pull request's branch. */
  readonly own: boolean;
  /** Files in which the head conflicts with the base, as far as this clone can say; null where it cannot. */
  readonly conflicts: readonly string[] | null;
  /** Sessions that touch those files. */
  readonly touching: readonly string[];
  /** Pull requests that would land together with this one, bottom first: those of a stack that GitHub knows. */
  readonly stack: readonly StackEntry[];
  readonly isProtected: (branch: BranchName) => boolean;
  /** Whether a branch is one that the settings keep. */
  readonly isKept: (branch: BranchName) => boolean;
  readonly preferredMethod: MergeMethod | null;
  readonly freeze: Freeze | null;
}
