import { BulkheadError } from "../domain/error.ts";
import type { GitHub } from "../github/github.ts";
import type { PullDetails } from "../github/lookup.ts";
import type { PullRequest } from "../github/pull-request.ts";

/** Milliseconds between looks at a pull request that GitHub is still computing. */
const COMPUTING_MS = [300, 700, 1_000, 2_000, 3_000, 5_000];

/** Reads a pull request until GitHub knows whether it can be merged, and for about twelve seconds at most. */
export async function readSettled(
  github: GitHub,
  pull: PullRequest,
  sleep: (ms: number) => Promise<void>,
  isSettled: (details: PullDetails) => boolean = () => true,
): Promise<PullDetails> {
  return settle(github, await readPull(github, pull, sleep), sleep, isSettled);
}

/** The same for one that was read once already. */
export async function settle(
  github: GitHub,
  first: PullDetails,
  sleep: (ms: number) => Promise<void>,
  isSettled: (details: PullDetails) => boolean = () => true,
): Promise<PullDetails> {
  let details = first;
  for (const pause of COMPUTING_MS) {
    const { open, mergeable } = details.pull;
    if (!open || (mergeable !== null && isSettled(details))) break;
    await sleep(pause);
    details = await readPull(github, details.pull, sleep);
  }
  return details;
}

/** A look is harmless: one that a broken connection or a server's bad moment spoilt is made again, once. */
export async function readPull(
  github: GitHub,
  pull: PullRequest,
  sleep: (ms: number) => Promise<void>,
): Promise<PullDetails> {
  try {
    return await github.details(pull);
  } catch (thrown) {
    const passing = thrown instanceof BulkheadError && ["GITHUB_UNREACHABLE", "GITHUB_FAILED"].includes(thrown.code);
    if (!passing) throw thrown;
    await sleep(1_000);
    return github.details(pull);
  }
}
