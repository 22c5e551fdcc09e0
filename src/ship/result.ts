import type { ExitCode } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import type { PullRequest } from "../github/pull-request.ts";
import type { ClaimState } from "./facts.ts";
import type { Step, StepResult, StepState } from "./step.ts";
import type { SyncResult } from "./sync-base.ts";

/** `queued`, `armed`: GitHub has it in hand and merges it later. */
export type MergeState = "merged" | "queued" | "armed" | "not_merged";

/** What a ship came to. */
export interface ShipResult {
  readonly dryRun: boolean;
  readonly pull: PullRequest | null;
  readonly merge: { readonly state: MergeState; readonly sha: CommitSha | null };
  /** Whether the pull request was merged before this ship began. */
  readonly mergedBefore: boolean;
  readonly sync: SyncResult | null;
  /** `released`: it ended with the worktree that was retired. */
  readonly claim: ClaimState | "released";
  readonly steps: readonly StepResult[];
  /** Why a branch stays that would go otherwise; null where none does. */
  readonly kept: string | null;
  /** Pull requests that landed, or would land, together with this one. */
  readonly stack: readonly number[];
  /** Untracked files in the worktree of the branch: they are not part of what was merged. */
  readonly untracked: readonly string[];
}

/** 4 when the merge happened and a later step did not; 5 while GitHub has it in hand. */
export function exitCodeOf({ steps, merge, dryRun }: ShipResult): ExitCode {
  if (merge.state === "queued" || merge.state === "armed") return dryRun ? 0 : 5;
  if (dryRun || merge.state === "not_merged") return 0;
  return steps.some((step) => step.state === "failed") ? 4 : 0;
}

/** The document that `--json` prints. */
export interface ShipDocument {
  readonly dry_run: boolean;
  readonly pr: {
    number: number;
    url: string;
    title: string;
    branch: BranchName;
    base: BranchName;
    sha: CommitSha;
  } | null;
  readonly merge: { state: MergeState; sha: CommitSha | null; before: boolean };
  readonly sync: {
    state: SyncResult["state"];
    base: BranchName | null;
    from: CommitSha | null;
    to: CommitSha | null;
    worktree: string | null;
    reason: string;
  };
  readonly cleanup: {
    remote_branch: Cleanup | null;
    local_branch: Cleanup | null;
    retargeted: number[];
    /** The worktree that was to be retired; null without `--retire`. */
    worktree: Cleanup | null;
  };
  /** Why the branch stays; null where nothing speaks for it. */
  readonly kept: string | null;
  readonly claim: { state: ShipResult["claim"] };
  readonly steps: { step: Step["kind"]; state: StepState; detail: string }[];
  readonly stack: readonly number[];
  readonly untracked: readonly string[];
}

interface Cleanup {
  readonly state: StepState;
  readonly detail: string;
}

export function shipDocument(result: ShipResult): ShipDocument {
  const { pull, sync, steps } = result;
  const outcome = (kind: Step["kind"]): Cleanup | null => {
    const found = steps.find((entry) => entry.step.kind === kind);
    return found === undefined ? null : { state: found.state, detail: found.detail };
  };
  const retargeted = steps.flatMap(({ step, state }) =>
    step.kind === "retarget" && state === "done" ? [step.pull] : [],
  );
  return {
    dry_run: result.dryRun,
    pr:
      pull === null
        ? null
        : {
            number: pull.number,
            url: pull.url,
            title: pull.title,
            branch: pull.head.branch,
            base: pull.base.branch,
            sha: pull.head.sha,
          },
    merge: { ...result.merge, before: result.mergedBefore },
    sync: {
      state: sync?.state ?? "skipped",
      base: sync?.base ?? pull?.base.branch ?? null,
      from: sync?.from ?? null,
      to: sync?.to ?? null,
      worktree: sync?.worktree ?? null,
      reason: sync?.reason ?? "",
    },
    cleanup: {
      remote_branch: outcome("delete_remote_branch"),
      local_branch: outcome("delete_local_branch"),
      retargeted,
      worktree: outcome("retire"),
    },
    kept: result.kept,
    stack: result.stack,
    claim: { state: result.claim },
    // Waiting is no act of its own: it is part of the merge that it waits for.
    steps: steps
      .filter(({ step }) => step.kind !== "ready")
      .map(({ step, state, detail }) => ({ step: step.kind, state, detail })),
    untracked: result.untracked,
  };
}
