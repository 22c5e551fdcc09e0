import { type DiffRequest, type FileChange, pathText } from "../domain/history.ts";
import { isZeroSha } from "../domain/names.ts";
import { STORED_OBJECTS } from "./commits.ts";
import type { Git } from "./git.ts";

/** git compares every path with every limit: beyond this many it is quicker to compare all paths. */
const MAX_LIMITS = 64;

/**
 * What each commit did to each path, in one process and in the order asked.
 * @param paths when given, other paths may be left out
 */
export async function readChanges(
  git: Git,
  requests: readonly DiffRequest[],
  paths: readonly string[] = [],
): Promise<FileChange[][]> {
  if (requests.length === 0) return [];
  const texts = paths.map(pathText);
  // An argument is text: a path that is none would be another path by the time git reads it.
  const exact = texts.every((text, i) => Buffer.from(text).toString("latin1") === paths[i]);
  const limits = texts.length > MAX_LIMITS || !exact ? [] : texts;
  const { stdout } = await git.run(
    [
      "--literal-pathspecs",
      "diff-tree",
      "--stdin",
      "--always",
      "-r",
      "--root",
      "--raw",
      "-z",
      "--no-renames",
      "--no-abbrev",
      "--",
      ...limits,
    ],
    { input: requestLines(requests), env: STORED_OBJECTS, encoding: "latin1" },
  );
  return parseRawDiffs(stdout);
}

/** In what one tree differs from another, path by path. One process. @param from what git takes for a tree, as is `to` */
export async function readTreeChanges(git: Git, from: string, to: string): Promise<FileChange[]> {
  const { stdout } = await git.run(["diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", from, to], {
    env: STORED_OBJECTS,
    encoding: "latin1",
  });
  // Only with `--stdin` git writes in front what it compares.
  return parseRawDiffs(`${to}\0${stdout}`)[0] ?? [];
}

/** The same for many pairs of trees (not commits). One process. */
export async function readTreePairs(
  git: Git,
  pairs: readonly { readonly from: string; readonly to: string }[],
): Promise<FileChange[][]> {
  if (pairs.length === 0) return [];
  const input = pairs.map(({ from, to }) => `${from} ${to}\n`).join("");
  const options = ["--stdin", "-r", "--raw", "-z", "--no-renames", "--no-abbrev"];
  const { stdout } = await git.run(["diff-tree", ...options], { input, env: STORED_OBJECTS, encoding: "latin1" });
  return parseTreePairs(stdout);
}

/** Parses `diff-tree --stdin --raw -z` of pairs of trees: for each the two names and a line feed, then facts and path by turns. */
export function parseTreePairs(output: string): FileChange[][] {
  const diffs: FileChange[][] = [];
  for (let at = 0; at < output.length; ) {
    const isChange = output.charAt(at) === ":";
    const end = output.indexOf(isChange ? "\0" : "\n", at);
    if (end < 0) break;
    if (!isChange) {
      diffs.push([]);
      at = end + 1;
      continue;
    }
    const last = output.indexOf("\0", end + 1);
    diffs.at(-1)?.push(changeOf(output.slice(at, end), output.slice(end + 1, last)));
    at = last + 1;
  }
  return diffs;
}

/** Lines for `diff-tree --stdin`. */
export function requestLines(requests: readonly DiffRequest[]): string {
  return requests.map(({ commit, against = [] }) => `${[commit, ...against].join(" ")}\n`).join("");
}

/** Parses `diff-tree --stdin --always --raw -z`: for each commit its name, then pairs of facts and path. */
export function parseRawDiffs(output: string): FileChange[][] {
  const diffs: FileChange[][] = [];
  const tokens = output.split("\0");
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? "";
    if (!token.startsWith(":")) {
      if (token !== "") diffs.push([]);
      continue;
    }
    i++;
    diffs.at(-1)?.push(changeOf(token, tokens[i] ?? ""));
  }
  return diffs;
}

/** @param facts `:<old mode> <new mode> <old object> <new object> <letter>` */
function changeOf(facts: string, path: string): FileChange {
  const [oldMode = "", newMode = "", oldSha = "", newSha = ""] = facts.slice(1).split(" ");
  return { path, before: side(oldMode, oldSha), after: side(newMode, newSha) };
}

function side(mode: string, sha: string): string | null {
  return isZeroSha(sha) ? null : `${mode}:${sha}`;
}
