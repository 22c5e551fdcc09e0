import type { Commit } from "../domain/history.ts";
import type { Git } from "./git.ts";

const FIELDS = ["%H", "%P", "%T", "%an", "%ae", "%at", "%ce", "%ct", "%s"] as const;

/**
 * Objects as they are stored: without `git replace`, and without asking a partial clone's remote for
 * missing ones (which would write into the repository; git before 2.45 knows no such switch).
 */
export const STORED_OBJECTS = { GIT_NO_REPLACE_OBJECTS: "1", GIT_NO_LAZY_FETCH: "1" } as const;

/**
 * Runs `git rev-list` and reads the commits that it lists, in its order.
 * @param args what to list; @param input revisions for `--stdin`, one each
 */
export async function listCommits(git: Git, args: readonly string[], input?: readonly string[]): Promise<Commit[]> {
  const format = `--format=${FIELDS.map((field) => `${field}%x00`).join("")}`;
  const { stdout } = await git.run(["rev-list", "--no-commit-header", "--encoding=UTF-8", format, ...args], {
    env: STORED_OBJECTS,
    ...(input === undefined ? {} : { input: input.map((line) => `${line}\n`).join("") }),
  });
  return parseCommits(stdout);
}

/** Parses records of NUL-terminated fields; a newline stands between two records. */
export function parseCommits(output: string): Commit[] {
  const fields = output.split("\0");
  const commits: Commit[] = [];
  for (let i = 0; i + FIELDS.length < fields.length; i += FIELDS.length) {
    const [sha = "", parents = "", tree = "", authorName = "", authorEmail = "", ...rest] = fields.slice(
      i,
      i + FIELDS.length,
    );
    const [authorTime, committerEmail = "", commitTime, subject = ""] = rest;
    commits.push({
      sha: sha.trimStart(),
      parents: parents === "" ? [] : parents.split(" "),
      tree,
      authorName,
      authorEmail,
      authorTime: Number(authorTime),
      committerEmail,
      commitTime: Number(commitTime),
      subject,
    });
  }
  return commits;
}
