/**
 * Every text a user can meet in an error, in one table: what is wrong (one line), what to do next
 * (one line), and the exit code. Features add their codes here and nowhere else.
 */

/** Plain data that an error carries; it is printed with `--json`, so never a secret. */
export type ErrorData = Readonly<Record<string, unknown>>;

interface ErrorText {
  readonly exit: 1 | 2 | 3 | 4 | 5;
  readonly message: (data: ErrorData) => string;
  readonly hint: (data: ErrorData) => string;
}

const text = (value: unknown): string => (value === undefined || value === null ? "?" : String(value));

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
    (d) => `${text(d.directory)} is a bare repository: it has no worktree to work in.`,
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
    (d) => `Add one: git remote add ${text(d.remote)} <url>`,
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

  // --- sessions and store

  // --- worktrees

  // --- GitHub

  // --- ship

  // --- recover
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof ERROR_TEXTS;
