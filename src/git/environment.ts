/**
 * The environment git is started with. Variables that redirect git to another repository are removed
 * when the directory is ours to choose; `LC_ALL=C` keeps the few messages that are shown stable.
 */

/** Listed by `git rev-parse --local-env-vars`: they bind a process to one repository. */
const REPOSITORY_VARIABLES = [
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_NAMESPACE",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_REFLOG_ACTION",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
] as const;

/** The environment for a git that Bulkhead points at a directory itself. */
export function gitEnvironment(base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...base, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };
  for (const name of REPOSITORY_VARIABLES) delete environment[name];
  return environment;
}

/** Added for commands that only read: they then never take `index.lock` to refresh the index. */
export const READ_ONLY_ENVIRONMENT = { GIT_OPTIONAL_LOCKS: "0" } as const;
