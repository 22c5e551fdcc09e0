import { readTreeChanges } from "../git/changes.ts";
import type { Git } from "../git/git.ts";
import { listTree } from "./ledger.ts";
import type { Snapshot } from "./snapshot.ts";
import { pathText } from "./worktree-changes.ts";

/** What became of a file since `HEAD`. `ignored`: git ignores it, and `.worktreeinclude` names it. */
export interface ChangedFile {
  readonly path: string;
  readonly what: "added" | "modified" | "deleted" | "ignored";
}

/** The tree that a snapshot is compared with: of the commit that it was made on, or an empty one. */
export async function baseTree(git: Git, { head }: Snapshot): Promise<string> {
  if (head !== null) return head;
  // Written, not only named: `mktree` of nothing is the empty tree in each object format.
  return git.text(["mktree"], { mode: "write" });
}

/** The files of a snapshot that differ from the commit that it was made on, in order of their paths. */
export async function changedFiles(git: Git, snapshot: Snapshot): Promise<ChangedFile[]> {
  const changes = await readTreeChanges(git, await baseTree(git, snapshot), snapshot.tree);
  const included = snapshot.included === null ? [] : await listTree(git, snapshot.included);
  const files = changes.map(({ path, before, after }): ChangedFile => {
    const what = before === null ? "added" : after === null ? "deleted" : "modified";
    return { path: pathText(path), what };
  });
  return [...files, ...included.map(({ path }): ChangedFile => ({ path: pathText(path), what: "ignored" }))];
}

/** The same as a patch, by lines. */
export async function patchText(git: Git, snapshot: Snapshot, paths: readonly string[]): Promise<string[]> {
  const options = ["--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"];
  const trees = [await baseTree(git, snapshot), snapshot.tree];
  const { stdout } = await git.run(["--literal-pathspecs", "diff", ...options, ...trees, "--", ...paths]);
  return stdout === "" ? [] : stdout.replace(/\n$/, "").split("\n");
}
