import { BulkheadError } from "../../domain/error.ts";
import type { CommitSha } from "../../domain/names.ts";
import type { PullDetails } from "../../github/lookup.ts";
import { readSettled } from "../observe-pull.ts";
import { judgeReadiness } from "../readiness.ts";
import { refusalError } from "../refusal.ts";
import type { StepDefinition } from "../step.ts";
import { pullOfVoyage } from "../voyage.ts";

export interface ReadyStep {
  readonly kind: "ready";
  /** The head that GitHub must have seen. */
  readonly sha: CommitSha;
  /** Whether this ship pushes: then a check that has not started yet is a matter of time, and no refusal. */
  readonly pushed: boolean;
  readonly via: "merge" | "queue" | "auto";
}

/** Milliseconds between two looks while waiting. */
const LOOK_EVERY_MS = 10_000;

/** Waits until GitHub says that the pull request can be merged; without `--wait` it looks once. */
export const READY: StepDefinition<ReadyStep> = {
  phase: "before",
  needs: {},
  label: "readiness",
  progress: "Looking whether it is ready…",
  describe: () => "wait until GitHub says that it can be merged",
  async execute(step, voyage) {
    const { tools, github, waitMs } = voyage;
    const start = tools.now().getTime();
    const seen = (details: PullDetails) => details.pull.head.sha === step.sha;
    let told = "";
    for (;;) {
      const details = await readSettled(github, pullOfVoyage(voyage), tools.sleep, seen);
      voyage.details = details;
      voyage.pull = details.pull;
      if (details.pull.merged) return { state: "done", detail: "merged meanwhile" };
      const refusal = judgeReadiness(details, step.via);
      if (refusal === null && seen(details)) return { state: "done", detail: "GitHub says that it can be merged" };
      const { number } = details.pull;
      const data = { pull: number, branch: details.pull.head.branch, url: details.pull.url };
      const reason = refusal === null ? "GitHub has not seen the push yet." : refusalError(refusal).message;
      if (refusal !== null && !refusal.passing) throw refusalError(refusal);
      if (waitMs === null) {
        throw step.pushed || refusal === null
          ? new BulkheadError("SHIP_PUSHED_NOT_READY", { ...refusal?.data, ...data, reason })
          : refusalError(refusal);
      }
      const left = start + waitMs - tools.now().getTime();
      if (left <= 0) {
        const seconds = Math.round(waitMs / 1000);
        throw new BulkheadError("SHIP_WAITED_LONG_ENOUGH", { ...refusal?.data, ...data, seconds, reason });
      }
      const line = `Pull request #${number}: ${describeChecks(details) || reason}`;
      if (line !== told) tools.note(line);
      told = line;
      tools.progress(`${line} Waiting ${Math.ceil(left / 1000)} s more…`);
      await voyage.aside(Math.min(LOOK_EVERY_MS, left));
    }
  },
};

/** The checks in one line: how many passed, and which still run. */
function describeChecks({ checks }: PullDetails): string {
  const running = checks.filter((check) => check.state === "running").map((check) => check.name);
  if (running.length === 0) return "";
  const passed = checks.filter((check) => check.state === "passed").length;
  return `${passed} of ${checks.length} checks passed, running: ${running.join(", ")}.`;
}
