import type { BranchName } from "./names.ts";

/** Someone else's session took this worktree's claim over. */
export interface ClaimLost {
  /** The session that holds the item now, as it may be shown to others. */
  readonly by: string;
  /** ISO 8601 time of the take-over. */
  readonly at: string;
  readonly reason?: string;
}

/**
 * The content of `.session.json`: the runbook's keys, then Bulkhead's optional ones. Keys that are not
 * known are kept as they were found, in `other`.
 */
export interface SessionFile {
  readonly session: string;
  readonly expectedBranch: BranchName;
  /** ISO 8601 */
  readonly createdAt: string;
  readonly hostname: string;
  readonly repoRoot: string;
  readonly sdKey?: string;
  readonly sessionId?: string;
  readonly claimEpoch?: number;
  readonly claimLost?: ClaimLost;
  readonly other?: Readonly<Record<string, unknown>>;
}

/** What a worktree's files say about the branch that its session must be on. */
export type Expectation =
  | { readonly kind: "present"; readonly file: string; readonly content: SessionFile }
  | { readonly kind: "missing" }
  /** The file is there but cannot be used; `fault` completes the sentence "<file> …". */
  | { readonly kind: "invalid"; readonly file: string; readonly fault: string };
