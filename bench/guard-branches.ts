import { availableGits } from "../test/support/gits.ts";
import type { TestRepository } from "../test/support/repository.ts";
import { committer } from "./guard-commit.ts";
import type { Comparison } from "./harness/comparison.ts";
import { type Hooked, hookedRepository } from "./harness/hooked-repositories.ts";

const ROUNDS = 200;
const FEW = 10;
const MANY = 10_000;

/** A commit in a repository of 10,000 branches is guarded at the cost of one in a repository of ten. */
export function bench(): Comparison[] {
  return availableGits().map((git) => {
    const contender = (hooked: Hooked, count: number) =>
      committer(
        title(hooked, count),
        hookedRepository(hooked, git, (repository) => addBranches(repository, count)),
      );
    return {
      title: `git commit among many branches, git ${git.version}`,
      contenders: [FEW, MANY].flatMap((count) => [contender("no hook", count), contender("Bulkhead", count)]),
      rounds: ROUNDS,
      baseline: (name) =>
        title("no hook", name === title("Bulkhead", FEW) || name === title("no hook", FEW) ? FEW : MANY),
      bars: [{ of: title("Bulkhead", MANY), than: title("Bulkhead", FEW), most: 1.15 }],
    };
  });
}

function title(hooked: Hooked, count: number): string {
  return `${hooked}, ${count.toLocaleString("en")} branches`;
}

function addBranches(repository: TestRepository, count: number): void {
  const head = repository.head();
  const commands = Array.from({ length: count }, (_, i) => `create refs/heads/feat/branch-${i} ${head}\n`);
  repository.run("git", ["update-ref", "--stdin"], { input: commands.join("") });
}
