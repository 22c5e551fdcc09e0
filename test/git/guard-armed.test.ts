import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { availableGits } from "../support/gits.ts";
import { guardedGround, switchAway } from "../support/guarded-ground.ts";
import { createGround, type TestRepository } from "../support/repository.ts";

const [git = { name: "system" as const, version: "" }] = availableGits();

interface Document {
  readonly armed: boolean;
  readonly unarmed: string | null;
}

/** What each command that speaks of this worktree says of the guard. */
function told(work: TestRepository): Record<string, Document> {
  const ask = (...args: string[]) => work.bulkheadJson<Document>(args).json;
  return { check: ask("guard", "--check"), status: ask("status"), expect: ask("expect"), start: ask("start", "X-1") };
}

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
];

test.each(WAYS)("%s: guard --check, status, expect and start say so", (_, disarm, words) => {
  const { work, clone } = guardedGround(git);
  for (const document of Object.values(told(work))) expect(document).toMatchObject({ armed: true, unarmed: null });
  disarm(work, clone);
  for (const document of Object.values(told(work))) {
    expect(document).toMatchObject({ armed: false, unarmed: expect.stringMatching(words) });
  }
  switchAway(work);
  const { exitCode, stdout } = work.bulkhead(["guard", "--check"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^A commit would not be judged here\.\nNo guard is armed here: /);
  expect(work.bulkhead(["start", "X-1"]).stderr).toContain("Warning: No guard is armed here");
});

test("in a clone that was never set up, start says so and claims all the same", () => {
  const { clone } = createGround();
  clone.git("switch", "-q", "-c", "feat/x");
  const { exitCode, stderr } = clone.bulkhead(["start", "X-1"]);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/No guard is armed here: Bulkhead is not set up in this clone. Arm it with: .*init/);
});
