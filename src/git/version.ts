import type { Git } from "./git.ts";

/** The oldest git that Bulkhead is made for. */
export const OLDEST_GIT = [2, 38] as const;

/** git's version, as `[major, minor]` and as git prints it. */
export async function readGitVersion(git: Git): Promise<{ text: string; major: number; minor: number }> {
  const text = (await git.text(["version"])).replace(/^git version /, "");
  const [major = 0, minor = 0] = text.split(".").map((part) => Number.parseInt(part, 10));
  return { text, major, minor };
}

/** Whether that version is one that Bulkhead is made for. */
export function isRecentEnough({ major, minor }: { major: number; minor: number }): boolean {
  const [oldestMajor, oldestMinor] = OLDEST_GIT;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
