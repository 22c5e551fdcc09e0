import { BulkheadError } from "../domain/error.ts";
import { typed } from "../domain/invocation.ts";
import { describeHeadMovement, findHeadMovement, type HeadMovement } from "../guard/head-movement.ts";
import { judgeHook } from "../guard/judge.ts";
import { readGuardConf } from "../layout/guard-conf.ts";
import { commonLayout } from "../layout/paths.ts";
import { readArming } from "./arming.ts";
import type { Clone } from "./clone.ts";

/** What a commit made in this worktree now would meet. */
export interface GuardCheckDocument {
  readonly verdict: "allow" | "refuse" | "unguarded";
  /** Null when detached. */
  readonly branch: string | null;
  readonly expected_branch: string | null;
  /** The refusal, or what keeps git from running the guard; null when it would be let pass. */
  readonly code: string | null;
  readonly message: string | null;
  readonly hint: string | null;
  /** Who moved `HEAD` away, where that is known. */
  readonly moved_by: HeadMovement | null;
  /** The same in words. */
  readonly moved: string | null;
}

/** The guard's verdict for a person. @throws BulkheadError `NOT_INITIALISED` */
export async function checkGuard(clone: Clone): Promise<GuardCheckDocument> {
  const { gitDir, commonDir, topLevel, linked } = clone.worktree;
  const conf = readGuardConf(commonLayout(commonDir).guardConf);
  if (conf === null) throw new BulkheadError("NOT_INITIALISED");
  const arming = await readArming(clone);
  const { facts, verdict } = judgeHook({
    hook: "pre-commit",
    hookArguments: [],
    lines: [],
    place: { gitDir, commonDir, linked, topLevel },
    conf,
    env: { ...clone.env, GIT_DIR: gitDir },
    cwd: topLevel,
  });
  const branch = facts.head.kind === "branch" ? facts.head.branch : null;
  const expected = facts.expectation.kind === "present" ? facts.expectation.content.expectedBranch : null;
  const where = { branch, expected_branch: expected };
  if (arming.state === "off") {
    const hint = `${typed("init")} arms it again, where the setting allows it; ${typed("doctor")} tells more.`;
    return {
      verdict: "unguarded",
      ...where,
      code: "HOOKS_PATH_OVERRIDDEN",
      message: arming.because,
      hint,
      moved_by: null,
      moved: null,
    };
  }
  if (verdict.kind === "allow") {
    return { verdict: "allow", ...where, code: null, message: null, hint: null, moved_by: null, moved: null };
  }
  const { code, message, hint } = new BulkheadError(verdict.code, verdict.data);
  const movement = expected === null ? null : findHeadMovement(gitDir, expected);
  const moved = movement === null ? null : describeHeadMovement(movement, clone.clock().getTime() / 1000);
  return { verdict: "refuse", ...where, code, message, hint, moved_by: movement, moved };
}
