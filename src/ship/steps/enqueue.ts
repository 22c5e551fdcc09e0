import { BulkheadError } from "../../domain/error.ts";
import type { CommitSha } from "../../domain/names.ts";
import type { PullRequest } from "../../github/pull-request.ts";
import { type StepDefinition, short } from "../step.ts";
import { pullOfVoyage } from "../voyage.ts";
import { awaitMerge } from "./await-merge.ts";

export interface EnqueueStep {
  readonly kind: "enqueue";
  readonly sha: CommitSha;
}

/** Puts the pull request into its base's merge queue, pinned to its head, and follows it with `--wait`. */
export const ENQUEUE: StepDefinition<EnqueueStep> = {
  phase: "merge",
  needs: {},
  label: "merge queue",
  progress: "Putting it into the merge queue…",
  describe: ({ sha }, pull) => `put ${name(pull)} into the merge queue, only while its head is ${short(sha)}`,
  async execute({ sha }, voyage) {
    const pull = pullOfVoyage(voyage);
    if (pull.queue === null) {
      await voyage.recheck();
      try {
        await voyage.github.enqueue({ ...pull, head: { ...pull.head, sha } });
      } catch (thrown) {
        // It may be in it for all that: the answer was lost, or somebody else was quicker.
        const { pull: now } = await voyage.github.details(pull).catch(() => ({ pull }));
        if (now.head.sha !== sha)
          throw new BulkheadError("SHIP_HEAD_MOVED", { pull: now.number, sha, reason: "Somebody pushed to it." });
        if (now.queue === null && !now.merged) throw thrown;
      }
    }
    return awaitMerge(voyage, sha, inQueue);
  },
};

function inQueue({ queue }: PullRequest): string | null {
  return queue === null
    ? null
    : `in the merge queue, position ${queue.position}, ${queue.state.toLowerCase().replaceAll("_", " ")}`;
}

function name(pull: number | null): string {
  return pull === null ? "the pull request" : `pull request #${pull}`;
}
