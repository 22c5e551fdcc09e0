/* The guard's table with each hook manager: see `guard-table.test.ts`. */
import { availableGits } from "../support/gits.ts";
import { CORE_OPERATIONS } from "../support/guard-operations.ts";
import { WORKTREE_KINDS } from "../support/guard-table.ts";
import { testTable } from "../support/guard-table-rows.ts";

for (const git of availableGits().slice(0, 1)) {
  for (const manager of ["husky", "lefthook", "plain hooks", "custom hooks path"] as const) {
    testTable(git, manager, WORKTREE_KINDS, CORE_OPERATIONS);
  }
}
