import type { BranchName, CommitSha } from "../domain/names.ts";
import type { MergeMethod } from "../github/pull-request.ts";

/** One act of a ship, as plain data with everything it needs. In the order in which they are taken. */
export type Step =
  | { readonly kind: "push"; readonly branch: BranchName; readonly sha: CommitSha }
  | { readonly kind: "create"; readonly branch: BranchName; readonly base: BranchName }
  | { readonly kind: "merge"; readonly pull: number; readonly sha: CommitSha; readonly method: MergeMethod }
  | { readonly kind: "prove"; readonly base: BranchName }
  | { readonly kind: "sync"; readonly base: BranchName }
  | { readonly kind: "retarget"; readonly pull: number; readonly base: BranchName }
  | { readonly kind: "delete_remote_branch"; readonly branch: BranchName; readonly sha: CommitSha }
  | { readonly kind: "delete_local_branch"; readonly branch: BranchName; readonly sha: CommitSha };

/** A step that comes before there is anything to merge. */
export type PreparingStep = Extract<Step, { kind: "push" | "create" }>;

export type StepState = "planned" | "started" | "done" | "skipped" | "failed";

/** A step and what came of it. */
export interface StepResult {
  readonly step: Step;
  readonly state: StepState;
  /** In words, for people: what was done, or why not. Empty while planned. */
  readonly detail: string;
  /** Set where it was skipped only because a step before it failed: then it is as open as that one. */
  readonly heldUp?: true;
}

/** A step in words, as `--dry-run` prints it. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case "push":
      return `push ${step.branch} at ${short(step.sha)} (never forced)`;
    case "create":
      return `open a pull request from ${step.branch} into ${step.base}`;
    case "merge":
      return `merge pull request #${step.pull} (${step.method}), only while its head is ${short(step.sha)}`;
    case "prove":
      return `fetch ${step.base} and check that the merge is in it`;
    case "sync":
      return `bring the local ${step.base} up to date, without a checkout`;
    case "retarget":
      return `move pull request #${step.pull} onto ${step.base}`;
    case "delete_remote_branch":
      return `delete the remote branch ${step.branch}, only while it is at ${short(step.sha)}`;
    case "delete_local_branch":
      return `delete the local branch ${step.branch}, only while it is at ${short(step.sha)} and no worktree holds it`;
  }
}

/** A commit's name as people read it. */
export function short(sha: string): string {
  return sha.slice(0, 10);
}
