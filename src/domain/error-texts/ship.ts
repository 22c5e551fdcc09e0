import { typed } from "../invocation.ts";
import { type ErrorData, type ErrorText, entry, list, many, quoteWord, shortSha, text } from "./entry.ts";

/** What has not happened; made of what a ship has done so far, so that it is only said where it is so. */
function still({ done }: ErrorData, what: "changed" | "merged" = "changed"): string {
  return many(done).length === 0 ? `Nothing was ${what}.` : `Done before that: ${list(done)}. Nothing was merged.`;
}

/** Texts of ship. */
export const SHIP_TEXTS = {
  SHIP_NO_BRANCH: entry(
    1,
    (d) => `HEAD is detached, so there is no branch to ship. ${still(d)}`,
    () => `Switch to the branch, or name the pull request: ${typed("ship <number>")}`,
  ),
  SHIP_NO_PULL_REQUEST: entry<{ branch: string; here: boolean }>(
    1,
    (d) => `The branch '${text(d.branch)}' has no pull request. ${still(d)}`,
    (d) =>
      `Open one and ship it: ${typed("ship --create")}${d.here ? "" : ` (in the worktree of '${text(d.branch)}')`}`,
  ),
  SHIP_SEVERAL_PULL_REQUESTS: entry<{ branch: string; pulls: readonly number[] }>(
    1,
    (d) => `The branch '${text(d.branch)}' has several open pull requests: ${list(d.pulls, "#")}. ${still(d)}`,
    () => `Name the one to ship: ${typed("ship <number>")}`,
  ),
  SHIP_NEW_WORK: entry<{ pull: number; branch: string; worktree: string }>(
    1,
    (d) =>
      `Pull request #${text(d.pull)} of '${text(d.branch)}' is merged already, but the branch in ${text(d.worktree)} has commits since. ${still(d)}`,
    () => `Open a pull request for them: ${typed("ship --create")}`,
  ),
  SHIP_CLOSED: entry<{ pull: number; url: string }>(
    1,
    (d) => `Pull request #${text(d.pull)} is closed without a merge. ${still(d)}`,
    (d) => `Reopen it, if it is to be shipped: ${text(d.url)}`,
  ),
  SHIP_DRAFT: entry<{ pull: number; url: string }>(
    1,
    (d) => `Pull request #${text(d.pull)} is still a draft. ${still(d)}`,
    (d) => `Mark it ready for review, then ship it: ${text(d.url)}`,
  ),
  SHIP_BASE_UNEXPECTED: entry<{ pull: number; actual: string; expected: string; url: string }>(
    1,
    (d) => `Pull request #${text(d.pull)} merges into '${text(d.actual)}', not into '${text(d.expected)}'. ${still(d)}`,
    (d) => `Change its base at ${text(d.url)}, or allow it here: git config bulkhead.base ${quoteWord(d.actual)}`,
  ),
  SHIP_OTHER_BRANCH: entry<{ pull: number; branch: string; expected: string }>(
    1,
    (d) =>
      `Pull request #${text(d.pull)} is that of '${text(d.branch)}', but this worktree's session works on '${text(d.expected)}'. ${still(d)}`,
    (d) => `If it is meant: ${typed(`ship ${text(d.pull)} --expect-branch ${quoteWord(d.branch)}`)}`,
  ),
  SHIP_OTHER_REPOSITORY: entry<{ wanted: string; here: readonly string[] }>(
    1,
    (d) => `${text(d.wanted)} is not the repository of this clone, which is ${list(d.here)}. ${still(d)}`,
    () => "Ship it from a clone of its own repository.",
  ),
  SHIP_ALREADY_OPEN: entry<{ pull: number; branch: string }>(
    1,
    (d) =>
      `Pull request #${text(d.pull)} of '${text(d.branch)}' is open for this very commit: a second one would be the same. ${still(d)}`,
    (d) => `Ship that one: ${typed(`ship ${text(d.pull)}`)}`,
  ),
  SHIP_NO_HEAD: entry<{ branch: string }>(
    1,
    (d) => `Nothing tells to which repository '${text(d.branch)}' is pushed. ${still(d)}`,
    (d) => `Say so: git config branch.${text(d.branch)}.pushRemote <remote>`,
  ),
  SHIP_STACKED: entry<{ pull: number; base: string; on: string }>(
    1,
    (d) =>
      `Pull request #${text(d.pull)} merges into '${text(d.base)}', the branch of pull request #${text(d.on)}. ${still(d)}`,
    (d) => `Ship that one first, which moves this one to its base: ${typed(`ship ${text(d.on)}`)}`,
  ),
  SHIP_FROZEN: entry<{ base: string; by: string; until: string; reason: string }>(
    1,
    (d) =>
      `'${text(d.base)}' is frozen by ${text(d.by)}${d.until ? ` until ${text(d.until)}` : ""}${d.reason ? `: ${text(d.reason)}` : ""}. ${still(d)}`,
    (d) => `Once it may go on: ${typed(`ship unfreeze ${quoteWord(d.base)}`)}`,
  ),
  SHIP_FREEZE_UNKNOWN: entry<{ base: string; reason: string; wayOut: string }>(
    3,
    (d) => `It cannot be found out whether '${text(d.base)}' is frozen: ${text(d.reason)} ${still(d)}`,
    (d) => text(d.wayOut),
  ),
  SHIP_HEAD_UNEXPECTED: entry<{ pull: number; actual: string; expected: string }>(
    1,
    (d) => `Pull request #${text(d.pull)} is at ${shortSha(d.actual)}, not at ${shortSha(d.expected)}. ${still(d)}`,
    () => "Look at what was pushed, then name the commit that is meant.",
  ),
  SHIP_PUSH_FAILED: entry<{ branch: string; reason: string; unknown: boolean }>(
    3,
    (d) =>
      `'${text(d.branch)}' could not be pushed: ${text(d.reason)}${/[.!]$/.test(text(d.reason)) ? "" : "."} ${d.unknown ? "Whether it arrived all the same cannot be seen from here; nothing was merged." : still(d)}`,
    () => "See what the remote or a pre-push hook has against it: git push",
  ),
  SHIP_STOPPED: entry<{ reason: string; wayOut: string }>(
    3,
    (d) => `${text(d.reason)} ${still(d)}`,
    (d) => text(d.wayOut),
  ),
  SHIP_RETIRE_MAIN: entry<{ branch: string; worktree: string }>(
    1,
    (d) =>
      `'${text(d.branch)}' is checked out in the main checkout, ${text(d.worktree)}, which is not retired. ${still(d)}`,
    () => `Ship it without --retire: ${typed("ship")}`,
  ),
  SHIP_NOT_SHIPPED: entry<{ pull: number | null }>(
    1,
    (d) => `No ship of pull request #${text(d.pull)} is noted in this clone. ${still(d)}`,
    () => `What was shipped here: ${typed("ship status")}`,
  ),
  SHIP_NO_FREEZE: entry<{ base: string }>(
    1,
    (d) => `'${text(d.base)}' is not frozen. ${still(d)}`,
    () => `What is frozen: ${typed("ship status")}`,
  ),
  SHIP_PROTECTED: entry<{ branch: string; base: string }>(
    1,
    (d) =>
      d.branch === d.base
        ? `'${text(d.branch)}' is the base: work is merged into it, never pushed to it. ${still(d)}`
        : `'${text(d.branch)}' is a base or protected here: nothing is pushed to it. ${still(d)}`,
    () => "Put the work on a branch of its own, then ship that: git switch -c <branch>",
  ),
  SHIP_OPERATION: entry<{ operation: string; branch: string; worktree: string }>(
    1,
    (d) => `A ${text(d.operation)} of '${text(d.branch)}' is going on in ${text(d.worktree)}. ${still(d)}`,
    () => "Finish it there, or abort it, then ship.",
  ),
  SHIP_DIRTY: entry<{ worktree: string; changed: readonly string[] }>(
    1,
    (d) => `${text(d.worktree)} has changes that are not committed: ${list(d.changed)}. ${still(d)}`,
    () => "Commit or stash them, then ship.",
  ),
  SHIP_NOT_PUSHED: entry<{ branch: string; commits: number; pull: number; worktree: string; pullSha: string }>(
    1,
    (d) =>
      `'${text(d.branch)}' has ${text(d.commits)} commit${d.commits === 1 ? "" : "s"} that pull request #${text(d.pull)} lacks. ${still(d)}`,
    (d) =>
      d.worktree
        ? `Push them first, or in one go: ${typed("ship --push")}`
        : `Push them first, or ship what GitHub has: ${typed(`ship ${text(d.pull)} --expect-head ${text(d.pullSha)}`)}`,
  ),
  SHIP_HEADS_DIFFER: entry<{
    pull: number;
    pullSha: string;
    branch: string;
    worktree: string;
    local: string;
    distance: string;
  }>(
    1,
    (d) =>
      `Pull request #${text(d.pull)} is at ${shortSha(d.pullSha)}, but '${text(d.branch)}' ${d.worktree ? `in ${text(d.worktree)}` : "here"} is at ${shortSha(d.local)}. ${still(d)}`,
    (d) =>
      d.distance === "behind"
        ? "Get the missing commits and look at them, then ship: git pull --ff-only"
        : "Both have commits that the other lacks: reconcile them, then ship.",
  ),
  SHIP_REMOTE_DIFFERS: entry<{ remote: string; branch: string; pull: number; pullSha: string }>(
    1,
    (d) =>
      d.remote === null
        ? `The remote has no branch '${text(d.branch)}', but pull request #${text(d.pull)} is at ${shortSha(d.pullSha)}. ${still(d)}`
        : `The remote's '${text(d.branch)}' is at ${shortSha(d.remote)}, but pull request #${text(d.pull)} is at ${shortSha(d.pullSha)}. ${still(d)}`,
    () => "Somebody may just have pushed: look at the pull request, then ship again.",
  ),
  SHIP_PUSH_WOULD_FORCE: entry<{ branch: string }>(
    1,
    (d) => `'${text(d.branch)}' cannot be pushed without force: the remote has commits that are not here. ${still(d)}`,
    () => "Get them first: git pull --rebase",
  ),
  SHIP_CLAIM_UNKNOWN: entry<{ branch: string; reason: string; wayOut: string }>(
    3,
    (d) => `It cannot be found out whether the claim for '${text(d.branch)}' is still yours: ${text(d.reason)}`,
    (d) => text(d.wayOut),
  ),
  SHIP_MERGE_QUEUE: entry<{ base: string }>(
    1,
    (d) => `'${text(d.base)}' takes pull requests only through its merge queue. ${still(d)}`,
    () => `Put it there: ${typed("ship --queue")}`,
  ),
  SHIP_NO_QUEUE: entry<{ base: string }>(
    1,
    (d) => `'${text(d.base)}' has no merge queue. ${still(d)}`,
    () => `Merge it now, or let GitHub do so once it is ready: ${typed("ship --auto")}`,
  ),
  SHIP_STACK_NOT_ARMED: entry<{ pull: number }>(
    1,
    (d) => `Pull request #${text(d.pull)} belongs to a stack, which GitHub merges only when it is told to. ${still(d)}`,
    () => `Wait for it here: ${typed("ship --wait")}`,
  ),
  SHIP_GIVEN_BACK: entry<{ pull: number; reason: string; url: string }>(
    1,
    (d) => `GitHub no longer has pull request #${text(d.pull)} in hand: ${text(d.reason)}. ${still(d, "merged")}`,
    (d) => `Look why at ${text(d.url)}, then ship again.`,
  ),
  SHIP_CONFLICTS: entry<{ pull: number; branch: string; base: string; files: readonly string[]; touching: string }>(
    1,
    (d) =>
      `${d.pull ? `Pull request #${text(d.pull)}` : `'${text(d.branch)}'`} conflicts with '${text(d.base)}'${
        many(d.files).length > 0 ? ` in ${list(d.files)}` : ""
      }. ${still(d)}`,
    (d) =>
      `Merge or rebase onto '${text(d.base)}', push, then ship.${
        many(d.touching).length > 0 ? ` The same files are being changed by ${list(d.touching)}.` : ""
      }`,
  ),
  SHIP_STILL_COMPUTING: entry<{ pull: number }>(
    5,
    (d) => `GitHub has not found out yet whether pull request #${text(d.pull)} can be merged. ${still(d, "merged")}`,
    () => `Ship again in a moment, or let it wait: ${typed("ship --wait")}`,
  ),
  SHIP_CHECKS_FAILED: entry<{ pull: number; failed: readonly string[]; url: string }>(
    1,
    (d) => `Required checks of pull request #${text(d.pull)} failed: ${list(d.failed)}. ${still(d, "merged")}`,
    (d) => `Look at them, mend what they found, push, then ship: ${text(d.url)}`,
  ),
  SHIP_CHECKS_RUNNING: entry<{ pull: number; running: readonly string[]; missing: readonly string[] }>(
    1,
    (d) =>
      `Required checks of pull request #${text(d.pull)} are not done: ${list([...many(d.running), ...many(d.missing)])}. ${still(d, "merged")}`,
    () => `Let it wait for them: ${typed("ship --wait")}`,
  ),
  SHIP_BLOCKED: entry<{ approvals: number; pull: number; url: string }>(
    1,
    (d) =>
      Number(d.approvals) > 0
        ? `Pull request #${text(d.pull)} lacks a review: ${text(d.approvals)} approving ${d.approvals === 1 ? "one is" : "ones are"} required. ${still(d, "merged")}`
        : `GitHub blocks the merge of pull request #${text(d.pull)} by a rule of its base branch. ${still(d, "merged")}`,
    (d) => `What is missing stands at ${text(d.url)}; ${typed("ship --wait")} waits for it.`,
  ),
  SHIP_HEAD_OUTDATED: entry<{ base: string }>(
    1,
    (d) => `'${text(d.base)}' has moved on, and its rules ask for a branch that contains it. ${still(d, "merged")}`,
    (d) => `Merge or rebase onto '${text(d.base)}', push, then ship.`,
  ),
  SHIP_METHOD_NOT_ALLOWED: entry<{ method: string; allowed: readonly string[] }>(
    1,
    (d) =>
      d.method
        ? `The merge method '${text(d.method)}' is not allowed here. ${still(d, "merged")}`
        : "The rules here allow no merge method at all. Nothing was merged.",
    (d) => `Allowed: ${list(d.allowed) || "none"}.`,
  ),
  SHIP_WAITED_LONG_ENOUGH: entry<{ pull: number; seconds: number; reason: string }>(
    5,
    (d) => `Pull request #${text(d.pull)} is not ready after ${text(d.seconds)} seconds: ${text(d.reason)}`,
    () => `Run it again to go on waiting: ${typed("ship --wait")}`,
  ),
  SHIP_PUSHED_NOT_READY: entry<{ branch: string; pull: number; reason: string }>(
    5,
    (d) => `'${text(d.branch)}' is pushed, pull request #${text(d.pull)} is not merged yet: ${text(d.reason)}`,
    () => `Wait for it and merge: ${typed("ship --wait")}`,
  ),
  SHIP_IN_PROGRESS: entry(
    1,
    (d) =>
      d.pid
        ? `Another ship is at work in this clone: ${text(d.what)}, by process ${text(d.pid)} on ${text(d.host)} since ${text(d.at)}. ${still(d)}`
        : `Another ship is at work in this clone. ${still(d)}`,
    (d) =>
      d.file ? `Try again when it is done. If it cannot be, remove ${text(d.file)}.` : "Try again when it is done.",
  ),
  SHIP_HEAD_MOVED: entry<{ pull: number; sha: string; reason: string }>(
    1,
    (d) =>
      `The head of pull request #${text(d.pull)} is no longer ${shortSha(d.sha)}: ${text(d.reason)} It was not merged by this ship.`,
    () => "Look at what was pushed, then ship again.",
  ),
  SHIP_MERGE_REFUSED: entry<{ pull: number; reason: string; url: string }>(
    1,
    (d) => `GitHub refused the merge of pull request #${text(d.pull)}: ${text(d.reason)}. ${still(d, "merged")}`,
    (d) => `Look at ${text(d.url)}`,
  ),
  SHIP_MERGE_UNCLEAR: entry<{ pull: number; reason: string }>(
    3,
    (d) =>
      `GitHub did not say whether pull request #${text(d.pull)} was merged: ${text(d.reason)}. Nothing else was done.`,
    () => "Ship again: it reads the truth first, finishes a merge that happened, and never merges twice.",
  ),
} as const satisfies Record<string, ErrorText>;
