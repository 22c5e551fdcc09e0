import { existsSync } from "node:fs";
import { join } from "node:path";
import { HEADS } from "../domain/ref-names.ts";
import { runGitSync } from "../git/git-sync.ts";
import { isApplyRebasing, isMerging, isPicking } from "../git/operation.ts";
import { callingCommand, callingGit } from "./calling-git.ts";
import type { GuardFacts } from "./facts.ts";
import type { HookCall } from "./observe.ts";
import type { Residue } from "./put-back.ts";

/** Looks at what a refused transaction has already done to index and files. Reads only. */
export function observeResidue(facts: GuardFacts, call: HookCall): Residue {
  const change = facts.changes.find(({ ref }) => ownRefs(facts).includes(ref));
  const command = refusedCommand(call, change !== undefined);
  const target = change?.newValue ?? "";
  const moves = target !== "" && (command === "reset" || command === "merge" || command === "pull");
  return {
    command,
    head: facts.head,
    target,
    mergeInProgress: isMerging(call.place.gitDir),
    pickInProgress: isPicking(call.place.gitDir),
    ...(moves ? compareWithTarget(target, call) : { indexMoved: false, filesMoved: false }),
  };
}

/** What moves with this worktree's HEAD; at the end of a rebase that is the branch which it puts back. */
function ownRefs({ head }: GuardFacts): string[] {
  if (head.kind === "branch") return [`${HEADS}${head.branch}`];
  return head.rebasing === null ? ["HEAD"] : ["HEAD", `${HEADS}${head.rebasing}`];
}

/** The git command that is refused where it may have left something behind; empty where it cannot have. */
function refusedCommand(call: HookCall, ownBranchMoves: boolean): string {
  // By then `am` has written down its state, and a merge has been worked out in the files.
  if (call.hook === "applypatch-msg") return "am";
  if (call.hook === "pre-merge-commit") return "merge";
  // At the ORIG_HEAD line of a merge no file has changed yet.
  if (!ownBranchMoves) return "";
  // The apply backend of a rebase works through `git am`, whose own abort would leave HEAD detached.
  if (isApplyRebasing(call.place.gitDir)) return "rebase";
  return callingCommand(callingGit(call.env.BULKHEAD_GIT_PID));
}

/** Whether index and files hold the target's content: only the paths in which it differs from HEAD count. */
function compareWithTarget(target: string, call: HookCall): { indexMoved: boolean; filesMoved: boolean } {
  const cwd = call.place.topLevel;
  const ask = (...args: string[]) => runGitSync(args, { cwd, env: call.env });
  const index = ask("diff-index", "--cached", "--quiet", target, "--");
  const changed = ask("diff-tree", "-r", "-z", "--name-status", "--no-renames", target, "HEAD");
  if (!index.ran || !changed.ran || index.exitCode !== 0 || changed.exitCode !== 0) {
    return { indexMoved: false, filesMoved: false };
  }
  const fields = changed.stdout.split("\0");
  const present: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const path = fields[i + 1] ?? "";
    // A path that the target lacks is gone when the files were moved to the target.
    if (fields[i] === "A" && existsSync(join(cwd, path))) return { indexMoved: true, filesMoved: false };
    if (fields[i] !== "A") present.push(path);
  }
  const files = runGitSync(["diff-files", "--name-only", "-z"], { cwd, env: call.env });
  const edited = new Set(files.ran ? files.stdout.split("\0") : present);
  return { indexMoved: true, filesMoved: !present.some((path) => edited.has(path)) };
}
