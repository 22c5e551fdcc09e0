import type { BranchName } from "../../domain/names.ts";
import { branchRef } from "../../domain/ref-names.ts";
import { choosePull } from "../choose-pull.ts";
import type { NewPull } from "../facts.ts";
import type { StepDefinition } from "../step.ts";

export interface CreateStep extends NewPull {
  readonly kind: "create";
  readonly branch: BranchName;
  readonly base: BranchName;
  /** The head as GitHub wants it: with the owner before it where it lies in a fork. */
  readonly head: string;
  /** The head's repository, `owner/name`, and its branch. */
  readonly headRepository: string;
  readonly headBranch: BranchName;
}

/** Opens the pull request of a branch. Its title is the last commit's subject, unless one is given. */
export const CREATE: StepDefinition<CreateStep> = {
  phase: "before",
  needs: {},
  label: "pull request",
  progress: "Opening the pull request…",
  describe: ({ head, base }) => `open a pull request from ${head} into ${base}`,
  async execute(step, voyage) {
    const { git, github, tools } = voyage;
    const title = step.title ?? (await git.text(["log", "-1", "--format=%s", branchRef(step.branch)]));
    const { head, base, body, draft } = step;
    try {
      voyage.pull = await github.createPullRequest({ head, base, title, draft, ...(body === null ? {} : { body }) });
    } catch (thrown) {
      // It may be there for all that: the answer was lost, or another ship was quicker. There is never a second one.
      const found = await github.find({ heads: [step.headBranch], number: null, commit: null }).catch(() => null);
      const pulls = found?.pulls.filter((pull) => pull.open && isOf(pull.head.repository, step.headRepository)) ?? [];
      voyage.pull = choosePull(pulls, base);
      if (voyage.pull === null) throw thrown;
    }
    voyage.journal.namePull(voyage.pull);
    tools.note(`Opened ${voyage.pull.url}.`);
    return { state: "done", detail: `opened ${voyage.pull.url}` };
  },
};

function isOf(repository: string | null, wanted: string): boolean {
  return repository?.toLowerCase() === wanted.toLowerCase();
}
