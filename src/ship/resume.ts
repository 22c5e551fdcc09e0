import { asBulkheadError } from "../domain/error.ts";
import type { PullRequest } from "../github/pull-request.ts";
import { executeSteps } from "./execute.ts";
import { type Journal, type JournalContent, repositoryKey } from "./journal.ts";
import type { ProcessProbe } from "./lock.ts";
import { definitionOf, describeStep } from "./steps.ts";
import type { Voyage } from "./voyage.ts";

/**
 * Finishes what earlier ships of this base left unfinished: those whose pull request GitHub says is merged. A ship that
 * never got to its merge is closed without a further act; what GitHub has in hand is left to it. To be called with the
 * base's lock held.
 */
export async function finishUnfinished(
  journals: readonly Journal[],
  start: (journal: Journal, pull: PullRequest) => Voyage,
  { tools, github, base }: Pick<Voyage, "tools" | "github" | "base">,
): Promise<void> {
  for (const journal of journals) {
    const { pull: number, head, repository } = journal.content;
    // Another repository's pull requests have the same numbers.
    if (repository !== null && repository !== repositoryKey(base.repository)) continue;
    if (isInHand(journal.content, tools.processes)) continue;
    try {
      const pull = number === null ? null : await github.pullRequest(number);
      if (pull?.merged && pull.mergeCommit !== null && pull.head.sha === head.sha) {
        tools.note(`Finishing the ship of pull request #${pull.number}, which was interrupted.`);
        await finish(journal, start(journal, pull), pull);
      } else if (pull?.open && isLeftToGitHub(journal.content)) continue;
      const failed = journal.results.filter((entry) => entry.state === "failed");
      if (failed.length === 0) journal.finish(tools.now());
      for (const { step, detail } of failed) {
        tools.note(`The ship of pull request #${number} is still unfinished: ${describeStep(step, number)}: ${detail}`);
      }
    } catch (thrown) {
      // It stays unfinished and is taken up again next time; the ship at hand does not depend on it.
      const what = number === null ? `of '${head.branch}'` : `of pull request #${number}`;
      tools.note(`The interrupted ship ${what} could not be finished: ${asBulkheadError(thrown).message}`);
    }
  }
}

/** Everything up to the merge has happened; the rest is carried out. */
async function finish(journal: Journal, voyage: Voyage, { mergeCommit }: PullRequest): Promise<void> {
  if (mergeCommit !== null) journal.noteMerge(mergeCommit);
  for (const { step, state } of journal.results) {
    if (state !== "done" && definitionOf(step)?.phase !== "after") journal.note(step, "done", { detail: "merged" });
  }
  await executeSteps(voyage);
}

/** A ship that waits for GitHub has given its lock back, and is at it all the same. */
function isInHand({ owner }: JournalContent, processes: ProcessProbe): boolean {
  if (owner === null || owner.host !== processes.host) return false;
  if (owner.pid === processes.self.pid) return false;
  return processes.liveness(owner) === "alive";
}

/** Whether the pull request was put into a queue, or armed: GitHub merges it without us. */
function isLeftToGitHub({ steps }: JournalContent): boolean {
  return steps.some(({ state }) => state === "waiting");
}
