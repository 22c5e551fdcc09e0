import { BulkheadError } from "../../domain/error.ts";
import type { CommitSha } from "../../domain/names.ts";
import type { PullRequest } from "../../github/pull-request.ts";
import { type Outcome, short } from "../step.ts";
import { pullOfVoyage, type Voyage } from "../voyage.ts";

/** Milliseconds between two looks at a pull request that GitHub merges by itself. */
const LOOK_EVERY_MS = 15_000;

/** Looks at one that is out of the queue and not merged yet, and the milliseconds between them. */
const LOOKS_FOR_MERGE = 2;
const SETTLE_MS = 2_000;

/** Follows a pull request that GitHub has in hand until it is merged, is given back, or the wait is over. */
export async function awaitMerge(
  voyage: Voyage,
  sha: CommitSha,
  inHand: (pull: PullRequest) => string | null,
): Promise<Outcome> {
  const { github, tools, waitMs } = voyage;
  const start = tools.now().getTime();
  let told = "";
  let missing = 0;
  for (;;) {
    const { pull } = await github.details(pullOfVoyage(voyage));
    voyage.pull = pull;
    if (pull.merged && pull.mergeCommit !== null) {
      voyage.mergeCommit = pull.mergeCommit;
      voyage.journal.noteMerge(pull.mergeCommit);
      return { state: "done", detail: `merged as ${short(pull.mergeCommit)}` };
    }
    const state = inHand(pull);
    // A queue lets go of what it merges a moment before the pull request is shown as merged.
    if (state === null && pull.open && pull.head.sha === sha && missing++ < LOOKS_FOR_MERGE) {
      await tools.sleep(SETTLE_MS);
      continue;
    }
    if (state === null || !pull.open || pull.head.sha !== sha) {
      const reason = pull.head.sha === sha ? "GitHub gave it back" : "its head has moved";
      throw new BulkheadError("SHIP_GIVEN_BACK", { pull: pull.number, url: pull.url, reason });
    }
    const left = waitMs === null ? 0 : start + waitMs - tools.now().getTime();
    if (left <= 0) return { state: "waiting", detail: state };
    const line = `Pull request #${pull.number}: ${state}.`;
    if (line !== told) tools.note(line);
    told = line;
    tools.progress(`${line} Waiting ${Math.ceil(left / 1000)} s more…`);
    await voyage.aside(Math.min(LOOK_EVERY_MS, left));
  }
}
