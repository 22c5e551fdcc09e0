import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Git } from "../git/git.ts";
import { findObjects } from "../git/objects.ts";
import { trashRef } from "./trash.ts";

/** A larger file in git's directory of a worktree is no list of commits. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Author of the commits that hold others: `recover` knows that they are nobody's work. */
const AUTHOR = "Bulkhead <rescue@bulkhead.invalid>";

/**
 * Keeps from `git gc` everything that git's own directory of a worktree holds (its HEAD, reflog, operations in progress),
 * and more objects that are named, behind one ref: a commit whose parents and tree they are.
 * @param named objects to keep as well: what only the index holds, stash entries
 */
export async function keepObjects(
  git: Git,
  { id, gitDir, named, now }: { id: string; gitDir: string; named: readonly string[]; now: Date },
): Promise<void> {
  const names = new Set([...named, ...namesIn(gitDir), ...(await reftableNames(git, gitDir))]);
  const write = { mode: "write" as const };
  const makeTree = (text: readonly string[]) =>
    git.text(["mktree"], { ...write, input: text.map((line) => `${line}\n`).join("") });
  const [found, empty] = await Promise.all([findObjects(git, [...names]), makeTree([])]);
  const objects = found.filter(({ type }) => type !== null);
  const commits = objects.filter(({ type }) => type === "commit").map(({ sha }) => sha);
  const lines = objects.flatMap(({ sha, type }) =>
    type === "blob" ? [`100644 blob ${sha}\t${sha}`] : type === "tree" ? [`040000 tree ${sha}\t${sha}`] : [],
  );
  const tree = lines.length === 0 ? empty : await makeTree(lines);
  const signature = `${AUTHOR} ${Math.floor(now.getTime() / 1000)} +0000`;
  const header = [`tree ${tree}`, ...commits.map((sha) => `parent ${sha}`)];
  const content = [
    ...header,
    `author ${signature}`,
    `committer ${signature}`,
    "",
    `Keep the removed worktree ${id}`,
    "",
  ];
  const commit = await git.text(["hash-object", "-t", "commit", "-w", "--stdin"], {
    ...write,
    input: content.join("\n"),
  });
  await git.run(["update-ref", "-m", "bulkhead worktree --cleanup", trashRef(id), commit], {
    ...write,
    retryLocked: true,
  });
}

/** Everything that looks like an object name in the files of a git directory, but for the index and submodules. */
function namesIn(gitDir: string): Set<string> {
  const names = new Set<string>();
  const rooms = [gitDir];
  for (let room = rooms.pop(); room !== undefined; room = rooms.pop()) {
    for (const entry of readdirSync(room, { withFileTypes: true })) {
      const path = join(room, entry.name);
      if (entry.isDirectory() && entry.name !== "modules") rooms.push(path);
      if (!entry.isFile() || entry.name === "index" || statSync(path).size > MAX_BYTES) continue;
      for (const [name] of readFileSync(path, "latin1").matchAll(/\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b/g)) names.add(name);
    }
  }
  return names;
}

/** With reftables the reflog is in no text. */
async function reftableNames(git: Git, gitDir: string): Promise<string[]> {
  if (!readdirSync(gitDir).includes("reftable")) return [];
  const log = await git.run(["--git-dir", gitDir, "log", "-g", "--format=%H", "HEAD"], { allow: [128] });
  return log.stdout.split("\n").filter(Boolean);
}
