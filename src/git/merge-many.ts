import type { Git } from "./git.ts";

/** Two commits to be merged on trial. */
export interface MergePair {
  readonly ours: string;
  readonly theirs: string;
}

/**
 * The files in which each pair conflicts, all pairs in one process; none where they merge cleanly. Writes objects: into a
 * directory of its own, where `env` says so.
 * @param env for the run, above all `GIT_OBJECT_DIRECTORY`
 */
export async function findConflicts(
  git: Git,
  pairs: readonly MergePair[],
  env: Readonly<Record<string, string>>,
): Promise<string[][]> {
  if (pairs.length === 0) return [];
  const input = pairs.map(({ ours, theirs }) => `${ours} ${theirs}\n`).join("");
  const command = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "--stdin"];
  const { stdout } = await git.run(command, { input, env, encoding: "latin1" });
  return parseMerges(stdout, pairs.length);
}

/**
 * Parses `git merge-tree --stdin --name-only --no-messages` (https://git-scm.com/docs/git-merge-tree#_input_format): for each pair
 * its status, the tree, and the files in conflict, each ended by NUL, then one NUL more.
 */
export function parseMerges(output: string, count: number): string[][] {
  const merges: string[][] = [];
  const fields = output.split("\0");
  for (let at = 0; merges.length < count; ) {
    const files: string[] = [];
    for (at += 2; at < fields.length && fields[at] !== ""; at++) files.push(fields[at] ?? "");
    merges.push([...new Set(files)]);
    at++;
  }
  return merges;
}
