import { BulkheadError } from "../../domain/error.ts";
import type { CommitSha } from "../../domain/names.ts";
import type { AsyncMerge } from "../../github/async-merge.ts";
import type { GitHub } from "../../github/github.ts";
import type { MergeAnswer } from "../../github/merge-answer.ts";
import type { MergeMethod, PullRequest } from "../../github/pull-request.ts";
import { type Outcome, type StepDefinition, short } from "../step.ts";
import { pullOfVoyage, type Voyage } from "../voyage.ts";

export interface MergeStep {
  readonly kind: "merge";
  readonly sha: CommitSha;
  readonly method: MergeMethod;
  /** Tried in turn where GitHub says that a method is not allowed after all. */
  readonly others: readonly MergeMethod[];
  /** Pull requests that land with it, bottom first; empty where it stands alone. */
  readonly stack: readonly number[];
}

/** Milliseconds between the looks at a pull request whose merge got no clear answer. */
const LOOK_AGAIN_MS = [500, 1_000, 2_000];
/** Merges asked for at most: again only after GitHub itself said that nothing was merged. */
const MAX_ATTEMPTS = 3;
/** Milliseconds between the looks at a merge in the background, and how many there are: two minutes in all. */
const POLL_MS = 1_000;
const MAX_POLLS = 120;

type Doubt = { readonly kind: "doubtful" | "pending"; readonly reason: string };
type Answer = MergeAnswer | Doubt;

/**
 * Merges pinned to the head commit: in the background where the server can, which is the only way for a stack, else at once.
 * Whatever GitHub answers, what happened is read from the pull request itself unless the answer names the merge.
 */
export const MERGE: StepDefinition<MergeStep> = {
  phase: "merge",
  needs: {},
  label: "merge",
  progress: "Merging…",
  describe: ({ method, sha, stack }, pull) =>
    `merge ${pull === null ? "the pull request" : `pull request #${pull}`} (${method}), only while its head is ${short(sha)}${
      stack.length > 1 ? `; with it land ${stack.map((number) => `#${number}`).join(", ")}` : ""
    }`,
  async execute(step, voyage): Promise<Outcome> {
    await voyage.recheck();
    const answer = await mergePinned(step, voyage);
    if (answer === "queued") return { state: "waiting", detail: "GitHub put it into the merge queue" };
    voyage.mergeCommit = answer;
    voyage.journal.noteMerge(answer);
    return { state: "done", detail: `merged as ${short(answer)}` };
  },
};

async function mergePinned(step: MergeStep, voyage: Voyage): Promise<CommitSha | "queued"> {
  const { github, tools } = voyage;
  const { number } = pullOfVoyage(voyage);
  const methods = [step.method, ...step.others];
  let method = methods.shift() ?? step.method;
  for (let attempt = 1; ; ) {
    const answer = await askForMerge(number, { sha: step.sha, method }, step.stack.length > 1, voyage).catch(
      (thrown: unknown) => mergedForAllThat(thrown, number, step.sha, github),
    );
    if (answer.kind === "merged") return answer.sha;
    const truth = await readTruth(github, number, answer, tools.sleep);
    if (truth.merged && truth.mergeCommit !== null && truth.head.sha === step.sha) return truth.mergeCommit;
    if (answer.kind === "enqueued") return "queued";
    if (truth.merged || truth.head.sha !== step.sha || answer.kind === "head_moved") {
      throw new BulkheadError("SHIP_HEAD_MOVED", { pull: number, sha: step.sha, reason: answer.reason });
    }
    const next = answer.kind === "method_refused" ? methods.shift() : undefined;
    if (next !== undefined) {
      tools.note(`GitHub takes no ${method} here: trying ${next}.`);
      method = next;
      continue;
    }
    if (answer.kind === "refused" || answer.kind === "method_refused" || answer.kind === "stacked") {
      const reason = answer.reason.replace(/\.$/, "");
      throw new BulkheadError("SHIP_MERGE_REFUSED", { pull: number, url: truth.url, reason });
    }
    if (answer.kind === "pending" || attempt === MAX_ATTEMPTS) {
      throw new BulkheadError("SHIP_MERGE_UNCLEAR", { pull: number, reason: answer.reason });
    }
    await tools.sleep(LOOK_AGAIN_MS[attempt - 1] ?? 0);
    attempt++;
  }
}

/**
 * Whoever forbade it, a limit or something in between, need not speak for what has happened: the pull request does.
 * @throws what was thrown, where it is not merged
 */
async function mergedForAllThat(thrown: unknown, number: number, sha: CommitSha, github: GitHub): Promise<Answer> {
  const truth = await github.pullRequest(number).catch(() => null);
  if (truth?.merged && truth.mergeCommit !== null && truth.head.sha === sha) {
    return { kind: "merged", sha: truth.mergeCommit };
  }
  throw thrown;
}

type Asked = Answer | { readonly kind: "enqueued"; readonly reason: string };

/** One merge asked for, by whichever way this server has. */
async function askForMerge(
  number: number,
  options: { sha: CommitSha; method: MergeMethod },
  stacked: boolean,
  voyage: Voyage,
): Promise<Asked> {
  const { github, tools } = voyage;
  const started = await github.startMerge(number, options);
  if (started === null) {
    const answer = await github.merge(number, options);
    if (answer.kind !== "stacked" && !stacked) return answer;
    return answer.kind === "stacked"
      ? { kind: "refused", reason: "it belongs to a stack, and this server cannot merge stacks" }
      : answer;
  }
  if (started.kind === "doubtful") return started;
  return settle(started, number, github, tools.sleep);
}

/** Follows a merge in the background to its end. */
async function settle(
  started: AsyncMerge,
  number: number,
  github: GitHub,
  sleep: (ms: number) => Promise<void>,
): Promise<Asked> {
  let now = started;
  const { uuid } = started.kind === "pending" ? started : { uuid: null };
  for (let poll = 0; now.kind === "pending" && uuid !== null && poll < MAX_POLLS; poll++) {
    if (poll > 0) await sleep(POLL_MS);
    try {
      now = await github.asyncMerge(number, uuid);
    } catch (thrown) {
      // Its answer is lost, not the merge: it goes on without us.
      if (!(thrown instanceof BulkheadError)) throw thrown;
      await sleep(POLL_MS);
    }
  }
  switch (now.kind) {
    case "merged":
      return now.sha === null
        ? { kind: "doubtful", reason: "GitHub names no commit for the merge" }
        : { kind: "merged", sha: now.sha };
    case "enqueued":
      return { kind: "enqueued", reason: "it is in the merge queue" };
    case "failed":
      return judgeFailure(now.reason);
    default:
      return { kind: "pending", reason: "it is still merging in the background" };
  }
}

/** A failure in the background is told in words alone. */
function judgeFailure(reason: string): Answer {
  if (/head (branch|sha)|expected head|does not match/i.test(reason)) return { kind: "head_moved", reason };
  if (/base branch was modified/i.test(reason)) return { kind: "base_moved", reason };
  if (/(merges|commits) are not allowed|method is not allowed/i.test(reason)) return { kind: "method_refused", reason };
  return { kind: "refused", reason };
}

/** The pull request as it is now. After a doubtful answer the merge may still be under way, so it is looked at a few times. */
async function readTruth(
  github: GitHub,
  number: number,
  answer: Exclude<Asked, { kind: "merged" }>,
  sleep: (ms: number) => Promise<void>,
): Promise<PullRequest> {
  let last: PullRequest | null = null;
  for (const pause of answer.kind === "doubtful" || answer.kind === "pending" ? [0, ...LOOK_AGAIN_MS] : [0]) {
    if (pause > 0) await sleep(pause);
    try {
      last = await github.pullRequest(number);
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError)) throw thrown;
    }
    if (last?.merged) break;
  }
  if (last === null) throw new BulkheadError("SHIP_MERGE_UNCLEAR", { pull: number, reason: answer.reason });
  return last;
}
