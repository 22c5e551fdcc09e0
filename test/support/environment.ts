import { join } from "node:path";

/**
 * The environment for everything a test starts: no configuration of the machine's user, no terminal,
 * fixed identity. @param home a directory of the test's own
 * @param git a directory to put first on the PATH, holding another git
 */
export function testEnvironment(home: string, git?: string): NodeJS.ProcessEnv {
  const keep = ["PATH", "SystemRoot", "TEMP", "TMP", "TMPDIR", "PATHEXT", "ComSpec"];
  const env: NodeJS.ProcessEnv = Object.fromEntries(keep.flatMap((k) => (process.env[k] ? [[k, process.env[k]]] : [])));
  if (git !== undefined) env.PATH = `${git}:${env.PATH}`;
  return {
    ...env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
    GIT_AUTHOR_NAME: "Ada Tester",
    GIT_AUTHOR_EMAIL: "ada@example.test",
    GIT_COMMITTER_NAME: "Ada Tester",
    GIT_COMMITTER_EMAIL: "ada@example.test",
    GIT_TERMINAL_PROMPT: "0",
    GIT_EDITOR: "true",
    LC_ALL: "C.UTF-8",
    NO_COLOR: "1",
    // Tests leave no process behind; those of the keeper ask for one.
    BULKHEAD_KEEPER: "0",
  };
}
