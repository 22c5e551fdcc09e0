/*
 * The guard's table: operation x worktree kind x git x hook manager, each on a real repository. Not as one product,
 * because the dimensions do not touch each other:
 * - the kind of worktree decides which files the guard reads (session file, HEAD, node_modules) and nothing after that;
 * - the version of git decides which hook is called when, and what git has changed by then, alike in each worktree;
 * - the hook manager decides what is run behind the guard, and whether the guard is reached at all.
 * So: every operation in every kind of worktree here; every operation on a current git in `guard-table-current`; and
 * in `guard-table-managers` the operations that reach each hook, with every manager in every kind of worktree.
 */
import { availableGits } from "../support/gits.ts";
import { GUARDED_OPERATIONS } from "../support/guard-operations.ts";
import { WORKTREE_KINDS } from "../support/guard-table.ts";
import { testTable } from "../support/guard-table-rows.ts";

for (const git of availableGits().slice(0, 1)) testTable(git, "none", WORKTREE_KINDS, GUARDED_OPERATIONS);
