import type { BranchName, CommitSha } from "../domain/names.ts";
import type { BranchDemands } from "./branch-demands.ts";
import type { Check } from "./checks.ts";
import type { MergeMethod, PullRequest } from "./pull-request.ts";

/** What a repository is, and what it is set up to allow. */
export interface RepositoryFacts {
  /** `owner/name` as GitHub calls it now: another than was asked for, when it was renamed or transferred. */
  readonly fullName: string;
  readonly defaultBranch: BranchName;
  /** Null where GitHub does not tell this token. */
  readonly methods: readonly MergeMethod[] | null;
  /** Whether this token may push, and so merge; null where GitHub does not tell. */
  readonly canPush: boolean | null;
  /** Whether GitHub itself deletes a branch once it is merged. */
  readonly deletesMergedBranches: boolean;
  /** `owner/name` of the repository that this one was forked from. */
  readonly parent: string | null;
}

/** Which pull requests are asked for. */
export interface PullQuery {
  /** Names of head branches, in whatever repository they lie. */
  readonly heads: readonly BranchName[];
  readonly number: number | null;
  /** Finds the open pull requests, too, whose head is this very commit. */
  readonly commit: CommitSha | null;
}

export interface FoundPulls {
  readonly repository: RepositoryFacts;
  /** Of the named heads, open, closed and merged, newest first; those with names that git does not take are left out. */
  readonly pulls: readonly PullRequest[];
  /** The one asked for by number. */
  readonly numbered: PullRequest | null;
  readonly ofCommit: readonly PullRequest[];
}

/** Everything about one pull request that a merge and the clean-up after it are decided by. */
export interface PullDetails {
  readonly pull: PullRequest;
  readonly checks: readonly Check[];
  readonly demands: BranchDemands;
  /** Open pull requests that would merge into the head branch. */
  readonly children: readonly number[];
  /** Other open pull requests of the same head branch. */
  readonly sameHead: readonly number[];
  /** Whether a pull request was ever merged into the head branch. */
  readonly headWasBase: boolean;
  /** Whether rules or classic protection keep the head branch. */
  readonly headProtected: boolean;
  /** The open pull request whose head is this one's base, where there is one: they are stacked. */
  readonly baseIsHeadOf: number | null;
}
