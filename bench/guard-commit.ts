import { type AvailableGit, availableGits, isAtLeast } from "../test/support/gits.ts";
import type { TestRepository } from "../test/support/repository.ts";
import type { Bar, Comparison } from "./harness/comparison.ts";
import { HOOKED, type Hooked, hookedRepository, timeGit } from "./harness/hooked-repositories.ts";

const ROUNDS = Number(process.env.BULKHEAD_BENCH_ROUNDS ?? 200);

/** What the guard adds to a whole `git commit`, beside other ways to have hooks. */
export function bench(): Comparison[] {
  return availableGits().map((git) => {
    const names = Object.keys(HOOKED) as Hooked[];
    return {
      title: `git commit, git ${git.version}`,
      contenders: names.map((name) => committer(name, hookedRepository(name, git))),
      rounds: ROUNDS,
      baseline: () => "no hook",
      bars: bars(git),
    };
  });
}

function bars(git: AvailableGit): Bar[] {
  const ofBulkhead = (than: Hooked, most: number): Bar => ({ of: "Bulkhead", than, most });
  const always = [ofBulkhead("empty sh hooks", 1.2)];
  // A newer git calls reference-transaction, which these peers do not have, three times as often.
  if (isAtLeast(git, "2.46")) return always;
  return [...always, ofBulkhead("husky running true", 0.3), ofBulkhead("lefthook running true", 0.35)];
}

/** Commits a change of one file each round; writing and staging it is not measured. */
export function committer(name: string, repository: TestRepository) {
  return {
    name,
    sample(round: number): number {
      repository.write("measured.txt", `${round}\n`);
      repository.git("add", "measured.txt");
      return timeGit(repository, ["commit", "-q", "-m", `round ${round}`]);
    },
  };
}
