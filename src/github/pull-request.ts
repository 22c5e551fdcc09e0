import { BulkheadError } from "../domain/error.ts";
import { type BranchName, type CommitSha, isBranchName, parseCommitSha } from "../domain/names.ts";

export type MergeMethod = "merge" | "squash" | "rebase";
export const MERGE_METHODS: readonly MergeMethod[] = ["merge", "squash", "rebase"];

/** A pull request, as far as shipping needs to know it. */
export interface PullRequest {
  readonly number: number;
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
  };
  readonly base: { readonly branch: BranchName };
  /** Null while GitHub is still computing it. */
  readonly mergeable: boolean | null;
  /** GitHub's own word: clean, unstable, has_hooks, blocked, behind, dirty, draft, unknown. */
  readonly mergeState: string;
}

/** The fields of GitHub's answer that are read. */
interface PullBody {
  number: number;
  html_url: string;
  title: string;
  state: string;
  draft?: boolean;
  merged?: boolean;
  merged_at: string | null;
  merge_commit_sha: string | null;
  mergeable?: boolean | null;
  mergeable_state?: string;
  head: { ref: string; sha: string; repo: { full_name: string } | null };
  base: { ref: string; repo: { full_name: string } };
}

/** Reads GitHub's answer, from the list of pull requests or for a single one. @throws BulkheadError `GITHUB_ODD_BRANCH` */
export function parsePullRequest(body: PullBody): PullRequest {
  const merged = body.merged ?? body.merged_at !== null;
  const headRepository = body.head.repo?.full_name ?? null;
  return {
    number: body.number,
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
    },
    base: { branch: usableBranch(body.base.ref, body.number) },
    mergeable: body.mergeable ?? null,
    mergeState: body.mergeable_state ?? "unknown",
  };
}

/** GitHub takes branch names that git's own commands do not, such as `-x`. */
function usableBranch(name: string, pull: number): BranchName {
  if (!isBranchName(name)) throw new BulkheadError("GITHUB_ODD_BRANCH", { name, pull });
  return name;
}
