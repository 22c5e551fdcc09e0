import { userInfo } from "node:os";

/**
 * Who runs this, for a log: the git identity or login name of the environment, else the system's login name. A user
 * need not have one (a container's uid without a passwd entry): then the number.
 * @param lookUp the system's login name; throws where there is none
 */
export function callingUser(env: NodeJS.ProcessEnv, lookUp: () => string = () => userInfo().username): string {
  const names = ["GIT_COMMITTER_NAME", "GIT_AUTHOR_NAME", "USER", "LOGNAME", "USERNAME"];
  const named = names.map((name) => env[name]?.trim() ?? "").find((name) => name !== "");
  if (named !== undefined) return named;
  try {
    return lookUp();
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
