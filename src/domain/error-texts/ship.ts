import { typed } from "../invocation.ts";
import { type ErrorText, entry, list, many, quoteWord, shortSha, text } from "./entry.ts";

/** Texts of ship. */
export const SHIP_TEXTS = {
  SHIP_NO_BRANCH: entry(
    1,
    () => "HEAD is detached, so there is no branch to ship. Nothing was changed.",
    () => `Switch to the branch, or name the pull request: ${typed("ship <number>")}`,
  ),
  SHIP_NO_PULL_REQUEST: entry(
    1,
    (d) => `The branch '${text(d.branch)}' has no pull request. Nothing was changed.`,
    (d) =>
      `Open one and ship it: ${typed("ship --create")}${d.here ? "" : ` (in the worktree of '${text(d.branch)}')`}`,
  ),
  SHIP_SEVERAL_PULL_REQUESTS: entry(
    1,
    (d) => `The branch '${text(d.branch)}' has several open pull requests: ${list(d.pulls, "#")}. Nothing was changed.`,
    () => `Name the one to ship: ${typed("ship <number>")}`,
  ),
  SHIP_NEW_WORK: entry(
    1,
    (d) =>
      `Pull request #${text(d.pull)} of '${text(d.branch)}' is merged already, but the branch in ${text(d.worktree)} has commits since. Nothing was changed.`,
    () => `Open a pull request for them: ${typed("ship --create")}`,
  ),
  SHIP_CLOSED: entry(
    1,
    (d) => `Pull request #${text(d.pull)} is closed without a merge. Nothing was changed.`,
    (d) => `Reopen it, if it is to be shipped: ${text(d.url)}`,
  ),
  SHIP_DRAFT: entry(
    1,
    (d) => `Pull request #${text(d.pull)} is still a draft. Nothing was changed.`,
    (d) => `Mark it ready for review, then ship it: ${text(d.url)}`,
  ),
  SHIP_BASE_UNEXPECTED: entry(
    1,
    (d) =>
      `Pull request #${text(d.pull)} merges into '${text(d.actual)}', not into '${text(d.expected)}'. Nothing was changed.`,
    (d) => `Change its base at ${text(d.url)}, or allow it here: git config bulkhead.base ${quoteWord(d.actual)}`,
  ),
  SHIP_PROTECTED: entry(
    1,
    (d) =>
      d.branch === d.base
        ? `'${text(d.branch)}' is the base: work is merged into it, never pushed to it. Nothing was changed.`
        : `'${text(d.branch)}' is a base or protected here: nothing is pushed to it. Nothing was changed.`,
    () => "Put the work on a branch of its own, then ship that: git switch -c <branch>",
  ),
  SHIP_OPERATION: entry(
    1,
    (d) => `A ${text(d.operation)} of '${text(d.branch)}' is going on in ${text(d.worktree)}. Nothing was changed.`,
    () => "Finish it there, or abort it, then ship.",
  ),
  SHIP_DIRTY: entry(
    1,
    (d) => `${text(d.worktree)} has changes that are not committed: ${list(d.changed)}. Nothing was changed.`,
    () => "Commit or stash them, then ship.",
  ),
  SHIP_NOT_PUSHED: entry(
    1,
    (d) =>
      `'${text(d.branch)}' has ${text(d.commits)} commit${d.commits === 1 ? "" : "s"} that pull request #${text(d.pull)} lacks. Nothing was changed.`,
    () => `Push them first, or in one go: ${typed("ship --push")}`,
  ),
  SHIP_HEADS_DIFFER: entry(
    1,
    (d) =>
      `Pull request #${text(d.pull)} is at ${shortSha(d.pullSha)}, but '${text(d.branch)}' in ${text(d.worktree)} is at ${shortSha(d.local)}. Nothing was changed.`,
    (d) =>
      d.distance === "behind"
        ? "Get the missing commits and look at them, then ship: git pull --ff-only"
        : "Both have commits that the other lacks: reconcile them, then ship.",
  ),
  SHIP_REMOTE_DIFFERS: entry(
    1,
    (d) =>
      d.remote === null
        ? `The remote has no branch '${text(d.branch)}', but pull request #${text(d.pull)} is at ${shortSha(d.pullSha)}. Nothing was changed.`
        : `The remote's '${text(d.branch)}' is at ${shortSha(d.remote)}, but pull request #${text(d.pull)} is at ${shortSha(d.pullSha)}. Nothing was changed.`,
    () => "Somebody may just have pushed: look at the pull request, then ship again.",
  ),
  SHIP_PUSH_WOULD_FORCE: entry(
    1,
    (d) =>
      `'${text(d.branch)}' cannot be pushed without force: the remote has commits that are not here. Nothing was changed.`,
    () => "Get them first: git pull --rebase",
  ),
  SHIP_CLAIM_UNKNOWN: entry(
    3,
    (d) => `It cannot be found out whether the claim for '${text(d.branch)}' is still yours: ${text(d.reason)}`,
    (d) => text(d.wayOut),
  ),
  SHIP_MERGE_QUEUE: entry(
    1,
    (d) => `'${text(d.base)}' takes pull requests only through its merge queue. Nothing was changed.`,
    (d) => `Add it to the queue at ${text(d.url)}`,
  ),
  SHIP_CONFLICTS: entry(
    1,
    (d) => `Pull request #${text(d.pull)} conflicts with '${text(d.base)}'. Nothing was changed.`,
    (d) => `Merge or rebase onto '${text(d.base)}', push, then ship.`,
  ),
  SHIP_STILL_COMPUTING: entry(
    5,
    (d) => `GitHub has not found out yet whether pull request #${text(d.pull)} can be merged. Nothing was merged.`,
    () => `Ship again in a moment, or let it wait: ${typed("ship --wait")}`,
  ),
  SHIP_CHECKS_FAILED: entry(
    1,
    (d) => `Required checks of pull request #${text(d.pull)} failed: ${list(d.failed)}. Nothing was merged.`,
    (d) => `Look at them, mend what they found, push, then ship: ${text(d.url)}`,
  ),
  SHIP_CHECKS_RUNNING: entry(
    1,
    (d) =>
      `Required checks of pull request #${text(d.pull)} are not done: ${list([...many(d.running), ...many(d.missing)])}. Nothing was merged.`,
    () => `Let it wait for them: ${typed("ship --wait")}`,
  ),
  SHIP_BLOCKED: entry(
    1,
    (d) =>
      Number(d.approvals) > 0
        ? `Pull request #${text(d.pull)} lacks a review: ${text(d.approvals)} approving ${d.approvals === 1 ? "one is" : "ones are"} required. Nothing was merged.`
        : `GitHub blocks the merge of pull request #${text(d.pull)} by a rule of its base branch. Nothing was merged.`,
    (d) => `What is missing stands at ${text(d.url)}; ${typed("ship --wait")} waits for it.`,
  ),
  SHIP_HEAD_OUTDATED: entry(
    1,
    (d) => `'${text(d.base)}' has moved on, and its rules ask for a branch that contains it. Nothing was merged.`,
    (d) => `Merge or rebase onto '${text(d.base)}', push, then ship.`,
  ),
  SHIP_METHOD_NOT_ALLOWED: entry(
    1,
    (d) =>
      d.method
        ? `The merge method '${text(d.method)}' is not allowed here. Nothing was merged.`
        : "The rules here allow no merge method at all. Nothing was merged.",
    (d) => `Allowed: ${list(d.allowed) || "none"}.`,
  ),
  SHIP_WAITED_LONG_ENOUGH: entry(
    5,
    (d) => `Pull request #${text(d.pull)} is not ready after ${text(d.seconds)} seconds: ${text(d.reason)}`,
    () => `Run it again to go on waiting: ${typed("ship --wait")}`,
  ),
  SHIP_PUSHED_NOT_READY: entry(
    5,
    (d) => `'${text(d.branch)}' is pushed, pull request #${text(d.pull)} is not merged yet: ${text(d.reason)}`,
    () => `Wait for it and merge: ${typed("ship --wait")}`,
  ),
  SHIP_IN_PROGRESS: entry(
    1,
    (d) =>
      d.pid
        ? `Another ship is at work in this clone: ${text(d.what)}, by process ${text(d.pid)} on ${text(d.host)} since ${text(d.at)}. Nothing was changed.`
        : "Another ship is at work in this clone. Nothing was changed.",
    (d) =>
      d.file ? `Try again when it is done. If it cannot be, remove ${text(d.file)}.` : "Try again when it is done.",
  ),
  SHIP_HEAD_MOVED: entry(
    1,
    (d) =>
      `The head of pull request #${text(d.pull)} is no longer ${shortSha(d.sha)}: ${text(d.reason)} It was not merged by this ship.`,
    () => "Look at what was pushed, then ship again.",
  ),
  SHIP_MERGE_REFUSED: entry(
    1,
    (d) => `GitHub refused the merge of pull request #${text(d.pull)}: ${text(d.reason)}. Nothing was merged.`,
    (d) => `Look at ${text(d.url)}`,
  ),
  SHIP_MERGE_UNCLEAR: entry(
    3,
    (d) =>
      `GitHub did not say whether pull request #${text(d.pull)} was merged: ${text(d.reason)}. Nothing else was done.`,
    () => "Ship again: it reads the truth first, finishes a merge that happened, and never merges twice.",
  ),
} as const satisfies Record<string, ErrorText>;
