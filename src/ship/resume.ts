import { asBulkheadError } from "../domain/error.ts";
import type { GitHub } from "../github/github.ts";
import { executeSteps } from "./execute.ts";
import type { Journal } from "./journal.ts";
import { describeStep } from "./step.ts";
import type { ShipTools } from "./tools.ts";

/**
 * Finishes what earlier ships of this base left unfinished: those whose pull request GitHub says is merged. A ship that
 * never got to its merge is closed without a further act. To be called with the base's lock held.
 */
export async function finishUnfinished(journals: readonly Journal[], tools: ShipTools, github: GitHub): Promise<void> {
  for (const journal of journals) {
    const { pull: number, head } = journal.content;
    try {
      const pull = await github.pullRequest(number);
      if (pull.merged && pull.mergeCommit !== null && pull.head.sha === head.sha) {
        tools.note(`Finishing the ship of pull request #${number}, which was interrupted.`);
        journal.noteMerge(pull.mergeCommit);
        for (const { step } of journal.results) if (step.kind === "merge") journal.note(step, "done", "merged");
        await executeSteps({ tools, github, journal, recheck: async () => {} });
      }
      const failed = journal.results.filter((entry) => entry.state === "failed");
      if (failed.length === 0) journal.finish(tools.now());
      for (const { step, detail } of failed) {
        tools.note(`The ship of pull request #${number} is still unfinished, ${describeStep(step)} failed: ${detail}`);
      }
    } catch (thrown) {
      // It stays unfinished and is taken up again next time; the ship at hand does not depend on it.
      tools.note(
        `The interrupted ship of pull request #${number} could not be finished: ${asBulkheadError(thrown).message}`,
      );
    }
  }
}
