/* The guard's table on a current git, where there is one: see `guard-table.test.ts`. */
import { test } from "vitest";
import { availableGits } from "../support/gits.ts";
import { CORE_OPERATIONS, GUARDED_OPERATIONS } from "../support/guard-operations.ts";
import { testTable } from "../support/guard-table-rows.ts";

const [current] = availableGits().slice(1);
if (current === undefined) {
  test("a current git", ({ annotate }) => annotate("none here: name one with BULKHEAD_CURRENT_GIT"));
} else {
  testTable(current, "none", ["linked"], GUARDED_OPERATIONS);
  for (const manager of ["husky", "lefthook"] as const) testTable(current, manager, ["linked"], CORE_OPERATIONS);
}
