import type { BranchName } from "../../domain/names.ts";
import type { Outcome, StepDefinition } from "../step.ts";
import { type SyncResult, syncBase } from "../sync-base.ts";

export interface SyncStep {
  readonly kind: "sync";
  readonly base: BranchName;
}

const UNPROVEN = "not done: the merge is not proven";

/** Brings the local base up to date, without a checkout. */
export const SYNC: StepDefinition<SyncStep> = {
  phase: "after",
  needs: { prove: UNPROVEN },
  label: "base",
  progress: "Bringing the local base up to date…",
  describe: ({ base }) => `bring the local ${base} up to date, without a checkout`,
  async execute({ base }, voyage) {
    const { tools, git, base: place } = voyage;
    const { topLevel, commonDir } = tools.repository;
    const { env, saveWork } = tools;
    voyage.sync = await syncBase({ git, topLevel, commonDir, tracking: place.tracking(base), base, env, saveWork });
    return outcomeOf(voyage.sync);
  },
};

/** A base that someone holds is left alone, which is no failure; one with commits of its own needs its owner. */
function outcomeOf(sync: SyncResult): Outcome {
  if (sync.state === "diverged") {
    const byHand = `Reconcile your ${sync.base} with the remote's yourself: nothing of it was overwritten.`;
    return { state: "failed", detail: sync.reason, byHand };
  }
  if (sync.failed) return { state: "failed", detail: sync.reason };
  if (sync.state === "updated") {
    return {
      state: "done",
      detail: [`${sync.base} is at ${sync.to?.slice(0, 10)}`, sync.reason].filter(Boolean).join("; "),
    };
  }
  if (sync.state === "current") return { state: "done", detail: sync.reason || `${sync.base} was up to date` };
  return { state: "skipped", detail: sync.reason };
}
