import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createGit } from "../../src/git/run-git.ts";
import { armedHere } from "../../src/guard/armed.ts";
import { availableGits } from "../support/gits.ts";
import { commonDirectory, guardedGround } from "../support/guarded-ground.ts";
import type { TestRepository } from "../support/repository.ts";

const [git = { name: "system" as const, version: "" }] = availableGits();

/** Ways in which git would not run us. */
const WAYS: [string, (work: TestRepository, clone: TestRepository) => void, RegExp][] = [
  [
    "a hooks path in config.worktree",
    (work, clone) => {
      clone.git("config", "extensions.worktreeConfig", "true");
      work.git("config", "--worktree", "core.hooksPath", "/nowhere");
    },
    /git runs hooks from '\/nowhere' .*config\.worktree/,
  ],
  [
    "a hook that is not executable",
    (_, clone) => chmodSync(join(clone.path, ".git/bulkhead/hooks/pre-commit"), 0o644),
    /skips the hook pre-commit/,
  ],
  [
    "the included configuration is gone",
    (_, clone) => rmSync(join(clone.path, ".git/bulkhead/gitconfig")),
    /its own hooks directory/,
  ],
  ["it was never set up", (_, clone) => rmSync(join(clone.path, ".git/bulkhead"), { recursive: true }), /not set up/],
];

test.each(WAYS)("git would not run the guard: %s", async (_, disarm, words) => {
  const { work, clone } = guardedGround(git);
  const ask = () => armedHere(createGit(work.path, { env: work.env }), commonDirectory(work));
  expect(await ask()).toEqual({ armed: true });
  disarm(work, clone);
  expect(await ask()).toMatchObject({ armed: false, because: expect.stringMatching(words) });
});

test("expect says so", () => {
  const { work, clone } = guardedGround(git);
  expect(work.bulkhead(["expect"]).stderr).toBe("");
  clone.git("config", "extensions.worktreeConfig", "true");
  work.git("config", "--worktree", "core.hooksPath", "/nowhere");
  expect(work.bulkhead(["expect"]).stderr).toContain("Warning: nothing stops a commit on another branch here.");
});
