import { BulkheadError } from "../domain/error.ts";
import { type BranchName, type CommitSha, isBranchName, isCommitSha, parseCommitSha } from "../domain/names.ts";

export type MergeMethod = "merge" | "squash" | "rebase";
export const MERGE_METHODS: readonly MergeMethod[] = ["merge", "squash", "rebase"];

/** A pull request, as far as shipping needs to know it. */
export interface PullRequest {
  readonly number: number;
  /** GitHub's own id, which GraphQL wants. */
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly open: boolean;
  readonly draft: boolean;
  readonly merged: boolean;
  /** The commit that the merge made; null before the merge, when GitHub gives a test merge's. */
  readonly mergeCommit: CommitSha | null;
  readonly head: {
    readonly branch: BranchName;
    readonly sha: CommitSha;
    /** `owner/name`; null when a fork is gone. */
    readonly repository: string | null;
    /** Whether it lies in another repository than the base. */
    readonly fork: boolean;
    /** Where the head branch itself stands; null when it is deleted. */
    readonly tip: CommitSha | null;
  };
  readonly base: {
    readonly branch: BranchName;
    /** Where the base stands on GitHub; null when that is not told. */
    readonly tip: CommitSha | null;
  };
  /** Null while GitHub is still computing it. */
  readonly mergeable: boolean | null;
  /** GitHub's own word: clean, unstable, has_hooks, blocked, behind, dirty, draft, unknown. */
  readonly mergeState: string;
  /** Where it stands in the base's merge queue. */
  readonly queue: { readonly state: string; readonly position: number } | null;
  /** Whether GitHub will merge it by itself once it is ready. */
  readonly armed: boolean;
}

/** The fields of REST's answer that are read. */
interface PullBody {
  number: number;
  node_id: string;
  html_url: string;
  title: string;
  state: string;
  draft?: boolean;
  merged?: boolean;
  merged_at: string | null;
  merge_commit_sha: string | null;
  mergeable?: boolean | null;
  mergeable_state?: string;
  auto_merge?: unknown;
  head: { ref: string; sha: string; repo: { full_name: string } | null };
  base: { ref: string; sha: string; repo: { full_name: string } };
}

/**
 * Reads REST's answer, from the list of pull requests or for a single one.
 * @param tip where the head branch stands, when that is known; otherwise it is taken to be the pull request's head
 * @throws BulkheadError `GITHUB_ODD_BRANCH`
 */
export function parsePullRequest(body: PullBody, tip: CommitSha | null = parseCommitSha(body.head.sha)): PullRequest {
  const merged = body.merged ?? body.merged_at !== null;
  const headRepository = body.head.repo?.full_name ?? null;
  return {
    number: body.number,
    id: body.node_id,
    url: body.html_url,
    title: body.title,
    open: body.state === "open",
    draft: body.draft ?? false,
    merged,
    mergeCommit: merged && body.merge_commit_sha !== null ? parseCommitSha(body.merge_commit_sha) : null,
    head: {
      branch: usableBranch(body.head.ref, body.number),
      sha: parseCommitSha(body.head.sha),
      repository: headRepository,
      fork: headRepository !== body.base.repo.full_name,
      tip,
    },
    base: {
      branch: usableBranch(body.base.ref, body.number),
      tip: isCommitSha(body.base.sha) ? body.base.sha : null,
    },
    mergeable: body.mergeable ?? null,
    mergeState: body.mergeable_state ?? "unknown",
    queue: null,
    armed: (body.auto_merge ?? null) !== null,
  };
}

/** GitHub takes branch names that git's own commands do not, such as `-x`. @throws BulkheadError `GITHUB_ODD_BRANCH` */
export function usableBranch(name: string, pull: number): BranchName {
  if (!isBranchName(name)) throw new BulkheadError("GITHUB_ODD_BRANCH", { name, pull });
  return name;
}
