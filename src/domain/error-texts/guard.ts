import { typed } from "../invocation.ts";
import { type ErrorText, entry, quoteWord, text } from "./entry.ts";

/** What to type where the branch that was found is the right one. git itself takes no branch of some names that a ref may have. */
function orMeant(actual: string): string {
  if (actual.startsWith("-")) return "";
  return ` - or, if '${text(actual)}' is meant: ${typed(`expect ${quoteWord(actual)}`)}`;
}

/** Texts of the guard and of init. */
export const GUARD_TEXTS = {
  BRANCH_MISMATCH: entry<{ expected: string; actual: string; expectedExists: boolean }>(
    1,
    (d) =>
      `Branch mismatch detected! Expected '${text(d.expected)}' but found '${text(d.actual)}'. ` +
      "Another session may have switched the branch.",
    (d) =>
      d.expectedExists === false
        ? `'${text(d.expected)}' does not exist here. If it was renamed, or the file names it wrongly: ${typed(`expect ${quoteWord(d.actual)}`)}`
        : `Go back with: git switch ${quoteWord(d.expected)}${orMeant(d.actual)}`,
  ),
  DETACHED_HEAD: entry<{ sha: string; expected: string; expectedExists: boolean }>(
    1,
    (d) => `HEAD is detached at ${text(d.sha)}, but this worktree's session expects the branch '${text(d.expected)}'.`,
    (d) => `Go back with: git switch ${d.expectedExists === false ? "-c " : ""}${quoteWord(d.expected)}`,
  ),
  COMMIT_DURING_BISECT: entry<{ expected: string }>(
    1,
    (d) => `A bisect of '${text(d.expected)}' is in progress: \`git bisect reset\` would drop a commit made now.`,
    () => "End the bisect first: git bisect reset",
  ),
  EXPECTATION_MISSING: entry<{ worktree: string; detached: boolean }>(
    1,
    (d) => `The worktree ${text(d.worktree)} has no .session.json, so nobody knows which branch it is for.`,
    (d) =>
      d.detached
        ? "It becomes the first branch's that it is switched to: git switch -c <branch>"
        : `Restore it with: ${typed(`-C ${quoteWord(d.worktree)} worktree --adopt`)}`,
  ),
  SESSION_REQUIRED: entry(
    1,
    () => "This repository takes commits only from sessions (bulkhead.requireSession), and none is registered here.",
    () => `Start one with: ${typed("start <item>")}`,
  ),
  EXPECTATION_INVALID: entry<{ file: string; fault: string; branch?: string | undefined }>(
    1,
    (d) => `${text(d.file)} ${text(d.fault)}, so nobody knows which branch this worktree is for.`,
    (d) =>
      `Write it anew for the branch that you are on with: ${typed(`expect ${d.branch ? quoteWord(d.branch) : "<branch>"}`)}`,
  ),
  CLAIM_LOST: entry<{ by: string; item?: string | undefined; at: string; expected: string }>(
    1,
    (d) =>
      `${text(d.by)} took ${d.item ? `the claim of ${text(d.item)}` : "this worktree's claim"} over${d.at ? ` at ${text(d.at)}` : ""}. ` +
      `What is committed on '${text(d.expected)}' is safe.`,
    () => `Ask them, or claim it again when they are done: ${typed("start <item>")}`,
  ),
  PROTECTED_BRANCH: entry<{ branch: string }>(
    1,
    (d) => `'${text(d.branch)}' is protected (bulkhead.protect): it only takes what its remote already has.`,
    () => "Commit on a branch of its own: git switch -c <branch>",
  ),
  BRANCH_OF_OTHER_SESSION: entry<{ branch: string; session: string; worktree: string; deleted: boolean }>(
    1,
    (d) =>
      `'${text(d.branch)}' is the branch of another session${d.session ? ` (${text(d.session)})` : ""} in ${text(d.worktree)}: ` +
      `it is not ${d.deleted ? "deleted" : "moved"} from here.`,
    (d) => `Work there instead, or end that session first: ${typed(`-C ${quoteWord(d.worktree)} release --end`)}`,
  ),
  PUSH_TO_PROTECTED: entry<{ branch: string }>(
    1,
    (d) => `'${text(d.branch)}' is protected (bulkhead.protect): it takes no direct push. Nothing was pushed.`,
    () => `Push a branch of its own and merge it with a pull request: ${typed("ship")}`,
  ),
  PUSH_OF_OWN_REFS: entry<{ ref: string }>(
    1,
    (d) =>
      `This push would send ${text(d.ref)}: Bulkhead's own refs hold uncommitted work of this clone. Nothing was pushed.`,
    () =>
      "Name what is meant (git push <remote> --all, git push <remote> --tags), " +
      "or leave them out: git push <remote> 'refs/*:refs/*' '^refs/bulkhead/*'",
  ),
  PUSH_OVER_OTHER_SESSION: entry<{ branch: string; session: string; worktree: string; deleted: boolean }>(
    1,
    (d) =>
      `'${text(d.branch)}' is the branch of another session${d.session ? ` (${text(d.session)})` : ""} in ${text(d.worktree)}, ` +
      `and this push would ${d.deleted ? "delete it" : "drop commits from it"}. Nothing was pushed.`,
    () => "Agree with that session first; a push that only adds commits is allowed.",
  ),
  FILE_CHANGED: entry<{ path: string }>(
    3,
    (d) => `${text(d.path)} was changed by somebody else in this moment; it was left as it is.`,
    () => "Run the command again: it goes on from there.",
  ),
  CONFIG_LOCKED: entry<{ path: string; lock: string }>(
    3,
    (d) => `${text(d.path)} is being changed by another program just now (${text(d.lock)} exists).`,
    () => "Run the command again; if no git is running, remove that lock file first.",
  ),
  HOOKS_PATH_OVERRIDDEN: entry<{ path: string; worktree: string; origin: string }>(
    3,
    (d) =>
      text(d.path) === ""
        ? `The guard is not armed in ${text(d.worktree)}: the clone has been set up at another place.`
        : `The guard is not armed in ${text(d.worktree)}: core.hooksPath is set to '${text(d.path)}' by ${text(d.origin)}.`,
    (d) => (text(d.path) === "" ? `Run: ${typed("init")}` : `Remove that setting, then run: ${typed("init")}`),
  ),
  GIT_TOO_OLD: entry<{ version: string }>(
    3,
    (d) => `git ${text(d.version)} is too old: the guard needs 2.38 or newer.`,
    () => "Install a newer git. Nothing was changed.",
  ),
  NOT_INITIALISED: entry(
    3,
    () => "Bulkhead is not set up in this clone.",
    () => `Set it up with: ${typed("init")}`,
  ),
  GUARD_UNSURE: entry<{ reason: string }>(
    1,
    (d) => `The guard could not find out what it needs, so it refused to be safe: ${text(d.reason)}`,
    () => `Try again; if it stays so, run: ${typed("doctor")}`,
  ),
} as const satisfies Record<string, ErrorText>;
