import type { BranchName, CommitSha } from "../domain/names.ts";
import type { ArmStep } from "./steps/arm.ts";
import type { CreateStep } from "./steps/create.ts";
import type { DeleteLocalBranchStep } from "./steps/delete-local-branch.ts";
import type { DeleteRemoteBranchStep } from "./steps/delete-remote-branch.ts";
import type { EnqueueStep } from "./steps/enqueue.ts";
import type { MergeStep } from "./steps/merge.ts";
import type { ProveStep } from "./steps/prove.ts";
import type { PushStep } from "./steps/push.ts";
import type { ReadyStep } from "./steps/ready.ts";
import type { RetargetStep } from "./steps/retarget.ts";
import type { RetireStep } from "./steps/retire.ts";
import type { SyncStep } from "./steps/sync.ts";
import type { Voyage } from "./voyage.ts";

/** One act of a ship, as plain data with everything it needs. */
export type Step =
  | PushStep
  | CreateStep
  | ReadyStep
  | MergeStep
  | EnqueueStep
  | ArmStep
  | ProveStep
  | SyncStep
  | RetargetStep
  | DeleteRemoteBranchStep
  | RetireStep
  | DeleteLocalBranchStep;

export type StepKind = Step["kind"];

export type StepState = "planned" | "started" | "done" | "skipped" | "failed" | "waiting";

/** A step and what came of it. */
export interface StepResult {
  readonly step: Step;
  readonly state: StepState;
  /** In words, for people: what was done, or why not. Empty while planned. */
  readonly detail: string;
  /** Set where it was skipped only because a step before it failed: then it is as open as that one. */
  readonly heldUp?: true;
  /** What a person has to do, where running the ship again would not help. */
  readonly byHand?: string;
}

/** What came of a step. `waiting`: GitHub has it in hand; the rest is for a later ship. */
export interface Outcome {
  readonly state: Extract<StepState, "done" | "skipped" | "failed" | "waiting">;
  readonly detail: string;
  readonly byHand?: string;
}

/** All that there is to know about one kind of step. */
export interface StepDefinition<S extends Step> {
  /** `before` and `merge`: a fault ends the ship, and is thrown. `after`: it is noted, and what does not build on it goes on. */
  readonly phase: "before" | "merge" | "after";
  /** Kinds whose failure holds this one up, and what is said then. */
  readonly needs: Readonly<Partial<Record<StepKind, string>>>;
  /** What it is called in a report. */
  readonly label: string;
  /** A passing line while it goes on. */
  readonly progress: string;
  /** In words, as `--dry-run` prints it. @param pull the pull request's number, where there is one */
  readonly describe: (step: S, pull: number | null) => string;
  /** Carries it out; finds what is done already done. */
  readonly execute: (step: S, voyage: Voyage) => Promise<Outcome>;
  /** Takes it back for `--undo`; absent where that makes no sense. @returns what was done, or null when there was nothing to do */
  readonly undo?: (step: S, voyage: UndoVoyage) => Promise<string | null>;
}

/** What undoing works with. */
export type UndoVoyage = Pick<Voyage, "git" | "base" | "remoteOf">;

/** A commit's name as people read it. */
export function short(sha: string): string {
  return sha.slice(0, 10);
}

/** A branch that has been merged, at the commit that was merged. */
export interface MergedBranch {
  readonly branch: BranchName;
  readonly sha: CommitSha;
}
