import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testEnvironment } from "../support/environment.ts";
import { availableGits, isAtLeast } from "../support/gits.ts";
import { scanJson, verdicts } from "../support/recover.ts";
import { TestRepository } from "../support/repository.ts";
import { scratchDirectory } from "../support/scratch.ts";

const gits = availableGits().filter((git) => isAtLeast(git, "2.45"));

// An older git has no reftables: there is nothing to find out.
test.runIf(gits.length > 0)("a repository that keeps its refs in reftables, in every worktree", () => {
  for (const git of gits) {
    const directory = scratchDirectory();
    mkdirSync(join(directory, "home"));
    mkdirSync(join(directory, "clone"));
    const repository = new TestRepository(join(directory, "clone"), testEnvironment(join(directory, "home"), git.bin));
    repository.git("init", "-q", "--ref-format=reftable", "-b", "main");
    repository.commit("first");
    const lost = repository.commit("lost");
    repository.git("reset", "-q", "--hard", "HEAD~1");
    const amended = repository.commit("amended");
    repository.git("commit", "-q", "--amend", "-m", "again");
    for (const content of ["one", "two"]) {
      repository.write("first.txt", content);
      repository.git("stash", "-q");
    }
    const side = repository.addWorktree("side", "feat/side");
    side.commit("kept");
    side.git("update-ref", "refs/worktree/keep", "HEAD");
    side.git("reset", "-q", "--hard", "HEAD~1");
    side.git("switch", "-q", "--detach");
    const risky = side.commit("risky");
    for (const where of [repository, side]) {
      expect(verdicts(scanJson(where))).toEqual({ [lost]: "lost", [amended]: "superseded", [risky]: "at_risk" });
    }
    expect(repository.bulkhead(["recover", "--recover", lost]).exitCode).toBe(0);
    expect(verdicts(scanJson(repository))).toEqual({ [amended]: "superseded", [risky]: "at_risk" });
  }
});
