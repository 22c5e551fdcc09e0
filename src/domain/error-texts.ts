/**
 * Every text a user can meet in an error, in one table: what is wrong (one line), what to do next
 * (one line), and the exit code. Features add their codes here and nowhere else.
 */

import { shellWord } from "./shell-word.ts";

/** Plain data that an error carries; it is printed with `--json`, so never a secret. */
export type ErrorData = Readonly<Record<string, unknown>>;

interface ErrorText {
  readonly exit: 1 | 2 | 3 | 4 | 5;
  readonly message: (data: ErrorData) => string;
  readonly hint: (data: ErrorData) => string;
}

const text = (value: unknown): string => (value === undefined || value === null ? "?" : String(value));

const quoteWord = (value: unknown): string => shellWord(text(value));

const onBranch = (data: ErrorData): string =>
  data.current_branch ? `on branch ${text(data.current_branch)}` : "on no known branch";

/** Things of a list in words, at most five of them. */
function list(value: unknown, mark = ""): string {
  const things = many(value).map((thing) => `${mark}${text(thing)}`);
  const more = things.length - 5;
  return more > 0 ? `${things.slice(0, 5).join(", ")} and ${more} more` : things.join(", ");
}

function many(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A commit as people read it. */
function shortSha(value: unknown): string {
  return text(value).slice(0, 10);
}

function entry(exit: ErrorText["exit"], message: ErrorText["message"], hint: ErrorText["hint"]): ErrorText {
  return { exit, message, hint };
}

export const ERROR_TEXTS = {
  // --- usage (2)
  USAGE: entry(
    2,
    (d) => text(d.reason),
    (d) => (d.command ? `Run: bulkhead ${text(d.command)} --help` : "Run: bulkhead --help"),
  ),
  INVALID_BRANCH_NAME: entry(
    2,
    (d) => `'${text(d.name)}' is not a valid branch name.`,
    () => "Use a name that `git check-ref-format --branch <name>` accepts.",
  ),
  INVALID_COMMIT: entry(
    2,
    (d) => `'${text(d.name)}' is not a commit name.`,
    () => "Give a commit hash, as `git log` or `bulkhead recover` prints it.",
  ),
  INVALID_SESSION_ID: entry(
    2,
    (d) => `'${text(d.name)}' is not a session id.`,
    () => "Take the id from `bulkhead sessions --all`.",
  ),
  INVALID_WORK_ITEM: entry(
    2,
    (d) => `'${text(d.name)}' is not a work item key.`,
    () => "Use letters, digits, '.', '_' and '-' only, at most 128, starting with a letter or digit.",
  ),
  INVALID_SETTING: entry(
    2,
    (d) =>
      `The setting ${text(d.setting)} is '${text(d.value)}' (from ${text(d.source)}), which is not ${text(d.expected)}.`,
    (d) => `Correct it where it comes from: ${text(d.source)}.`,
  ),

  // --- repository, git, files
  INTERNAL: entry(
    3,
    (d) => `Bulkhead met an error that it did not expect: ${text(d.reason)}`,
    () => "Run it again with BULKHEAD_DEBUG=1 and report what it prints.",
  ),
  NOT_A_REPOSITORY: entry(
    3,
    (d) => `${text(d.directory)} is not inside a git repository.`,
    () => "Change to a repository, or name one with -C <dir>.",
  ),
  NO_SUCH_DIRECTORY: entry(
    3,
    (d) => `The directory ${text(d.directory)} does not exist or cannot be entered.`,
    () => "Check the path given with -C.",
  ),
  BARE_REPOSITORY: entry(
    3,
    (d) => `${text(d.directory)} is no worktree, but a bare repository or a git directory.`,
    () => "Run this inside a clone or one of its worktrees.",
  ),
  UNBORN_BRANCH: entry(
    3,
    (d) => `The branch '${text(d.branch)}' has no commit yet.`,
    () => "Make a first commit, then try again.",
  ),
  NO_REMOTE: entry(
    3,
    (d) => `This repository has no remote named '${text(d.remote)}'.`,
    (d) => `Nothing was changed. Add one: git remote add ${text(d.remote)} <url>`,
  ),
  GIT_MISSING: entry(
    3,
    () => "git could not be started.",
    () => "Install git 2.38 or newer and make sure that it is on the PATH.",
  ),
  GIT_FAILED: entry(
    3,
    (d) => `git ${text(d.command)} failed: ${text(d.reason)}`,
    () => "Nothing after that step was done. Fix what git names, then run the command again.",
  ),
  FILE_FAILED: entry(
    3,
    (d) => `${text(d.path)} could not be ${text(d.action)}: ${text(d.reason)}`,
    () => "Check the file's permissions and the free space, then run the command again.",
  ),

  // --- guard and init
  BRANCH_MISMATCH: entry(
    1,
    (d) =>
      `Branch mismatch detected! Expected '${text(d.expected)}' but found '${text(d.actual)}'. ` +
      "Another session may have switched the branch.",
    (d) => `Go back with: git switch ${quoteWord(d.expected)}`,
  ),
  DETACHED_HEAD: entry(
    1,
    (d) => `HEAD is detached at ${text(d.sha)}, but this worktree's session expects the branch '${text(d.expected)}'.`,
    (d) => `Go back with: git switch ${quoteWord(d.expected)}`,
  ),
  COMMIT_DURING_BISECT: entry(
    1,
    (d) => `A bisect of '${text(d.expected)}' is in progress: \`git bisect reset\` would drop a commit made now.`,
    () => "End the bisect first: git bisect reset",
  ),
  EXPECTATION_MISSING: entry(
    1,
    (d) => `The worktree ${text(d.worktree)} has no .session.json, so nobody knows which branch it is for.`,
    (d) => `Restore it with: npx bulkhead -C ${quoteWord(d.worktree)} worktree --adopt`,
  ),
  SESSION_REQUIRED: entry(
    1,
    () => "This repository takes commits only from sessions (bulkhead.requireSession), and none is registered here.",
    () => "Start one with: npx bulkhead start <item>",
  ),
  EXPECTATION_INVALID: entry(
    1,
    (d) => `${text(d.file)} ${text(d.fault)}, so nobody knows which branch this worktree is for.`,
    () => "Write it anew for the branch that you are on with: npx bulkhead expect <branch>",
  ),
  CLAIM_LOST: entry(
    1,
    (d) =>
      `${text(d.by)} took ${d.item ? `the claim of ${text(d.item)}` : "this worktree's claim"} over${d.at ? ` at ${text(d.at)}` : ""}. ` +
      `What is committed on '${text(d.expected)}' is safe.`,
    () => "Ask them, or claim it again when they are done: npx bulkhead start <item>",
  ),
  PROTECTED_BRANCH: entry(
    1,
    (d) => `'${text(d.branch)}' is protected (bulkhead.protect): it only takes what its remote already has.`,
    () => "Commit on a branch of its own: git switch -c <branch>",
  ),
  BRANCH_OF_OTHER_SESSION: entry(
    1,
    (d) =>
      `'${text(d.branch)}' is the branch of another session${d.session ? ` (${text(d.session)})` : ""} in ${text(d.worktree)}: ` +
      `it is not ${d.deleted ? "deleted" : "moved"} from here.`,
    (d) => `Work there instead, or end that session first: npx bulkhead -C ${quoteWord(d.worktree)} release --end`,
  ),
  PUSH_TO_PROTECTED: entry(
    1,
    (d) => `'${text(d.branch)}' is protected (bulkhead.protect): it takes no direct push. Nothing was pushed.`,
    () => "Push a branch of its own and merge it with a pull request: npx bulkhead ship",
  ),
  PUSH_OVER_OTHER_SESSION: entry(
    1,
    (d) =>
      `'${text(d.branch)}' is the branch of another session${d.session ? ` (${text(d.session)})` : ""} in ${text(d.worktree)}, ` +
      `and this push would ${d.deleted ? "delete it" : "drop commits from it"}. Nothing was pushed.`,
    () => "Agree with that session first; a push that only adds commits is allowed.",
  ),
  FILE_CHANGED: entry(
    3,
    (d) => `${text(d.path)} was changed by somebody else in this moment; it was left as it is.`,
    () => "Run the command again: it goes on from there.",
  ),
  CONFIG_LOCKED: entry(
    3,
    (d) => `${text(d.path)} is being changed by another program just now (${text(d.lock)} exists).`,
    () => "Run the command again; if no git is running, remove that lock file first.",
  ),
  HOOKS_PATH_OVERRIDDEN: entry(
    3,
    (d) =>
      `The guard is not armed in ${text(d.worktree)}: core.hooksPath is set to '${text(d.path)}' by ${text(d.origin)}.`,
    () => "Remove that setting, then run: npx bulkhead init",
  ),
  GIT_TOO_OLD: entry(
    3,
    (d) => `git ${text(d.version)} is too old: the guard needs 2.38 or newer.`,
    () => "Install a newer git. Nothing was changed.",
  ),
  NOT_INITIALISED: entry(
    3,
    () => "Bulkhead is not set up in this clone.",
    () => "Set it up with: npx bulkhead init",
  ),
  GUARD_UNSURE: entry(
    1,
    (d) => `The guard could not find out what it needs, so it refused to be safe: ${text(d.reason)}`,
    () => "Try again; if it stays so, run: npx bulkhead doctor",
  ),

  // --- sessions and store
  GATE_MULTI_SESSION_CLAIM_CONFLICT: entry(
    1,
    (d) =>
      `${text(d.sd_id)} is claimed by session ${text(d.claimed_by)} on ${text(d.hostname)}, ${onBranch(d)}, heartbeat ${text(d.heartbeat_age_human)}.`,
    (d) =>
      `Pick another item, or wait for its release. Should that session be gone: bulkhead release ${text(d.sd_id)} --force`,
  ),
  CONFLICT: entry(
    1,
    (d) => `CONFLICT: Another active session is already working on ${text(d.sd_id)}`,
    (d) =>
      `It is session ${text(d.claimed_by)} of this terminal, in ${text(d.worktree)}, heartbeat ${text(d.heartbeat_age_human)}. Close it first, or pick another item.`,
  ),
  WORKTREE_IN_USE: entry(
    1,
    (d) =>
      `This worktree belongs to another live session: ${text(d.claimed_by)}, ${d.held_sd_id ? `working on ${text(d.held_sd_id)}` : "without an item"}, heartbeat ${text(d.heartbeat_age_human)}.`,
    (d) => `Take a worktree of your own: ${text(d.worktree_command)}  (or join this one with --share)`,
  ),
  CLAIM_HELD_BY_OTHER: entry(
    1,
    (d) =>
      `${d.sd_id ? `${text(d.sd_id)} is held by` : "Here works"} another live session: ${text(d.claimed_by)} on ${text(d.hostname)}, heartbeat ${text(d.heartbeat_age_human)}.`,
    (d) =>
      `Leave it to its holder, or override it as an operator: bulkhead release ${d.sd_id ? `${text(d.sd_id)} ` : ""}--force`,
  ),
  SESSION_NEEDS_BRANCH: entry(
    1,
    (d) => `HEAD is detached at ${text(d.sha)}: a session needs a branch that it can expect.`,
    () => "Finish what is in progress, or switch to a branch: git switch <branch>",
  ),
  SESSION_FILE_NOT_WRITTEN: entry(
    4,
    (d) => `${text(d.sd_id)} is claimed, but the worktree's files could not be written: ${text(d.reason)}`,
    (d) => `Free what is in the way, then finish with: bulkhead start ${text(d.sd_id)}`,
  ),
  NO_SESSION: entry(
    1,
    (d) => `No session is at work in ${text(d.worktree)}.`,
    () => "Start one: bulkhead start <item>",
  ),
  NO_EXPECTATION: entry(
    1,
    (d) => `${text(d.worktree)} has no session file, so it expects no branch.`,
    () => "Start a session: bulkhead start <item>",
  ),
  NO_SUCH_BRANCH: entry(
    2,
    (d) => `There is no branch '${text(d.branch)}' in this repository.`,
    (d) => `Make it first: git branch ${text(d.branch)}`,
  ),
  SESSION_NOT_FOUND: entry(
    1,
    (d) => `The session ${text(d.session)} is not known here.`,
    () => "Start a new one: bulkhead start <item>",
  ),
  SESSION_RELEASED: entry(
    1,
    (d) =>
      `The session ${text(d.session)} has ended (${text(d.released_reason)}, ${text(d.released_at)}) and is not revived.`,
    () => "The work on the branch is safe. Start a new session: bulkhead start <item>",
  ),
  PROCESS_NOT_FOUND: entry(
    2,
    (d) => `There is no process ${text(d.pid)} on this machine.`,
    () => "Give --pid the number of a running process, such as $$ in a shell.",
  ),
  START_RACED: entry(
    1,
    (d) => `Other sessions kept claiming around ${text(d.sd_id)}; nothing was claimed.`,
    (d) => `Look who is at work with \`bulkhead sessions\`, then: bulkhead start ${text(d.sd_id)}`,
  ),
  STORE_FAILED: entry(
    3,
    (d) => `The session database ${text(d.path)} could not be used: ${text(d.reason)}`,
    () =>
      "What was asked for was not done. Check the file, its permissions and the free space, then run the command again.",
  ),
  STORE_NEWER: entry(
    3,
    (d) =>
      `The session database ${text(d.path)} was made by a newer Bulkhead: it has the migration ${text(d.migration)}.`,
    () => "Update Bulkhead here: npm i -D bulkhead@latest",
  ),
  MIGRATION_CHANGED: entry(
    3,
    (d) => `The migration ${text(d.migration)} of ${text(d.path)} is not the one that this Bulkhead has.`,
    () => "Install the released Bulkhead again; migrations that have landed never change.",
  ),

  // --- worktrees
  ADOPT_DETACHED: entry(
    1,
    () => "HEAD is detached here, so nobody can tell which branch this worktree is for. Nothing was changed.",
    () => "Name it: npx bulkhead expect <branch>",
  ),

  // --- GitHub
  NOT_A_GITHUB_REMOTE: entry(
    3,
    (d) => `The remote '${text(d.remote)}' (${text(d.url)}) names no repository on a GitHub server.`,
    (d) => `Correct it: git remote set-url ${text(d.remote)} https://github.com/<owner>/<name>.git`,
  ),
  GITHUB_NO_TOKEN: entry(
    3,
    (d) => `There is no GitHub token for ${text(d.host)}. Nothing was changed.`,
    (d) => `Set GITHUB_TOKEN, or log in: gh auth login --hostname ${text(d.host)}`,
  ),
  GITHUB_BAD_TOKEN: entry(
    3,
    (d) => `${text(d.host)} does not accept the token: ${text(d.reason)}.`,
    (d) => `Give a valid one in GITHUB_TOKEN, or log in again: gh auth login --hostname ${text(d.host)}`,
  ),
  GITHUB_FORBIDDEN: entry(
    3,
    (d) => `${text(d.host)} does not let this token act on ${text(d.subject)}: ${text(d.reason)}.`,
    () => "Use a token with write access to contents and pull requests of this repository.",
  ),
  GITHUB_RATE_LIMITED: entry(
    3,
    (d) => `${text(d.host)} takes no more requests for now: ${text(d.reason)}`,
    (d) => `Run the command again in ${text(d.retryAfterSeconds)} seconds.`,
  ),
  GITHUB_UNREACHABLE: entry(
    3,
    (d) => `${text(d.host)} cannot be reached: ${text(d.reason)}.`,
    () => "Check the network and the remote's address, then run the command again.",
  ),
  GITHUB_NOT_FOUND: entry(
    3,
    (d) => `${text(d.host)} has no ${text(d.subject)}, or this token may not see it.`,
    () => "Check the number and the remote, and that the token has access to this repository.",
  ),
  GITHUB_FAILED: entry(
    3,
    (d) => `${text(d.host)} failed on ${text(d.subject)}: ${text(d.reason)}`,
    () => "Run the command again; it goes on from what GitHub says is done.",
  ),
  GITHUB_INSECURE: entry(
    3,
    (d) => `A token is not sent to ${text(d.api)}: the connection is not encrypted.`,
    () => "Use an https or ssh address for the remote, or set GITHUB_API_URL to an https address.",
  ),

  // --- ship
  SHIP_NO_BRANCH: entry(
    1,
    () => "HEAD is detached, so there is no branch to ship. Nothing was changed.",
    () => "Switch to the branch, or name the pull request: bulkhead ship <number>",
  ),
  SHIP_NO_PULL_REQUEST: entry(
    1,
    (d) => `The branch '${text(d.branch)}' has no pull request. Nothing was changed.`,
    (d) => `Open one and ship it: bulkhead ship --create${d.here ? "" : ` (in the worktree of '${text(d.branch)}')`}`,
  ),
  SHIP_SEVERAL_PULL_REQUESTS: entry(
    1,
    (d) => `The branch '${text(d.branch)}' has several open pull requests: ${list(d.pulls, "#")}. Nothing was changed.`,
    () => "Name the one to ship: bulkhead ship <number>",
  ),
  SHIP_NEW_WORK: entry(
    1,
    (d) =>
      `Pull request #${text(d.pull)} of '${text(d.branch)}' is merged already, but the branch in ${text(d.worktree)} has commits since. Nothing was changed.`,
    () => "Open a pull request for them: bulkhead ship --create",
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
  SHIP_DIRTY: entry(
    1,
    (d) => `${text(d.worktree)} has changes that are not committed: ${list(d.changed)}. Nothing was changed.`,
    () => "Commit or stash them, then ship.",
  ),
  SHIP_NOT_PUSHED: entry(
    1,
    (d) =>
      `'${text(d.branch)}' has ${text(d.commits)} commit${d.commits === 1 ? "" : "s"} that pull request #${text(d.pull)} lacks. Nothing was changed.`,
    () => "Push them first, or in one go: bulkhead ship --push",
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
    (d) => `It cannot be found out whether the claim for '${text(d.branch)}' is still yours. Nothing was merged.`,
    () => "Make the session store reachable, then ship again.",
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
    () => "Ship again in a moment, or let it wait: bulkhead ship --wait",
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
    () => "Let it wait for them: bulkhead ship --wait",
  ),
  SHIP_BLOCKED: entry(
    1,
    (d) =>
      Number(d.approvals) > 0
        ? `Pull request #${text(d.pull)} lacks a review: ${text(d.approvals)} approving ${d.approvals === 1 ? "one is" : "ones are"} required. Nothing was merged.`
        : `GitHub blocks the merge of pull request #${text(d.pull)} by a rule of its base branch. Nothing was merged.`,
    (d) => `What is missing stands at ${text(d.url)}; bulkhead ship --wait waits for it.`,
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
    () => "Run it again to go on waiting: bulkhead ship --wait",
  ),
  SHIP_PUSHED_NOT_READY: entry(
    5,
    (d) => `'${text(d.branch)}' is pushed, pull request #${text(d.pull)} is not merged yet: ${text(d.reason)}`,
    () => "Wait for it and merge: bulkhead ship --wait",
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

  // --- recover
  AMBIGUOUS_COMMIT: entry(
    2,
    (d) => `'${text(d.name)}' is the beginning of more than one commit: ${[d.commits].flat().map(text).join(", ")}.`,
    () => "Nothing was changed. Give more digits of the one that you mean.",
  ),
  NOT_A_COMMIT: entry(
    2,
    (d) => `'${text(d.name)}' names a ${text(d.type)}, not a commit.`,
    () => "Nothing was changed. Take the hash from `bulkhead recover`.",
  ),
  COMMIT_NOT_FOUND: entry(
    3,
    (d) => `This repository has no commit '${text(d.name)}': it was never here, or git has deleted it.`,
    () => "Nothing was changed. `bulkhead recover --all --deep` lists every commit that can still be brought back.",
  ),
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof ERROR_TEXTS;
