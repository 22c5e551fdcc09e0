import { availableGits } from "../test/support/gits.ts";
import type { TestRepository } from "../test/support/repository.ts";
import type { Comparison, Contender } from "./harness/comparison.ts";
import { gitWithoutHooks, type Hooked, hookedRepository, timeGit } from "./harness/hooked-repositories.ts";

const ROUNDS = Number(process.env.BULKHEAD_BENCH_ROUNDS ?? 9);
const COMMITS = 100;
const PEERS: readonly Hooked[] = ["no hook", "empty sh hooks", "Bulkhead"];

/** What the guard adds to a rebase of 100 commits, which runs hooks about a thousand times. */
export function bench(): Comparison[] {
  return availableGits().map((git) => ({
    title: `git rebase of ${COMMITS} commits, git ${git.version}`,
    contenders: PEERS.map((name) => rebaser(name, hookedRepository(name, git, addCommits))),
    rounds: ROUNDS,
    baseline: () => "no hook",
    bars: [{ of: "Bulkhead", than: "empty sh hooks", most: 1.2 }],
  }));
}

/** `feature` with 100 commits, checked out, and `main` one commit ahead of where it started. */
function addCommits(repository: TestRepository): void {
  repository.git("switch", "-q", "-c", "feature");
  for (let i = 0; i < COMMITS; i++) repository.commit(`change ${i}`);
  const start = repository.git("rev-parse", "main");
  const tree = repository.git("rev-parse", "main^{tree}");
  repository.git("update-ref", "refs/heads/main", repository.git("commit-tree", tree, "-p", start, "-m", "ahead"));
}

function rebaser(name: string, repository: TestRepository): Contender {
  const start = repository.head();
  return {
    name,
    sample() {
      const took = timeGit(repository, ["rebase", "-q", "main"]);
      gitWithoutHooks(repository, "reset", "-q", "--hard", start);
      return took;
    },
  };
}
