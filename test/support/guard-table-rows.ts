import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AvailableGit } from "./gits.ts";
import type { GuardedOperation } from "./guard-operations.ts";
import { TableGround, type TablePlace, type WorktreeKind } from "./guard-table.ts";
import { readProbe, type TestedManager } from "./hook-managers.ts";

/** The rows of the guard's table for one git and hook manager: each operation in each kind of worktree. */
export function testTable(
  git: AvailableGit,
  manager: TestedManager,
  kinds: readonly WorktreeKind[],
  operations: readonly GuardedOperation[],
): void {
  describe(`git ${git.version}, hooks: ${manager}`, () => {
    let ground: TableGround;
    beforeAll(() => {
      ground = new TableGround(git, manager);
    });
    afterAll(() => ground.remove());
    if (manager !== "none") {
      test.each(kinds)("the manager's own hook runs in the %s worktree, on the right branch only", (kind) => {
        expectChained(ground.place(kind), ground.probe);
      });
    }
    describe.each(kinds)("%s worktree", (kind) => {
      test.each(operations)("$name is refused on the wrong branch and passes on the right one", (operation) => {
        const place = ground.place(kind);
        expectRefused(operation, place, ground.trace);
        const names = place.reset("own");
        prepare(operation, place);
        const before = place.repository.refs();
        const passed = place.repository.tryGit([...operation.args(names)]);
        expect(passed.stderr).not.toContain("bulkhead:");
        expect(passed.exitCode).toBe(0);
        expect(place.repository.refs()).not.toBe(before);
      });
    });
  });
}

function expectChained(place: TablePlace, probe: string): void {
  for (const branch of ["stray", "own"] as const) {
    rmSync(probe, { force: true });
    place.reset(branch);
    place.repository.write("staged.txt", branch);
    place.repository.git("add", "staged.txt");
    place.repository.tryGit(["commit", "-q", "-m", "for the chained hook"]);
    expect(readProbe(probe)).toEqual(branch === "own" ? ["pre-commit"] : []);
  }
}

function prepare({ dirty, staged }: GuardedOperation, { repository }: TablePlace): void {
  if (dirty) repository.write("notes.txt", "notes\nan edit that nobody committed\n");
  if (!staged) return;
  repository.write("staged.txt", "staged\n");
  repository.git("add", "staged.txt");
}

function expectRefused(operation: GuardedOperation, place: TablePlace, trace: string): void {
  const names = place.reset("stray");
  prepare(operation, place);
  const before = place.state();
  writeFileSync(trace, "");
  const refused = place.repository.tryGit([...operation.args(names)]);
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain(
    operation.detaches
      ? `this worktree's session expects the branch '${place.own}'`
      : `Expected '${place.own}' but found '${place.stray}'`,
  );
  const after = place.state();
  expect(after.refs).toBe(before.refs);
  if (!operation.detaches) expect(after.head).toBe(before.head);
  const [first = "{}"] = readFileSync(trace, "utf8").split("\n");
  expect((JSON.parse(first) as { hook: string }).hook).toBe(operation.hook);
  const command = /Put everything back with: (.+)$/m.exec(refused.stderr)?.[1] ?? null;
  expect(command?.replace(/\b[0-9a-f]{40}\b/, "<sha>") ?? null).toBe(operation.putBack);
  if (command !== null) place.repository.run("sh", ["-c", command]);
  expect(place.state()).toEqual(before);
  rmSync(trace);
}
