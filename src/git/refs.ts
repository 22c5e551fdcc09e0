import type { Git } from "./git.ts";

/** A ref and the object that it names: a commit, or a tag. */
export interface ListedRef {
  readonly ref: string;
  readonly sha: string;
}

/** Every ref of the clone, as seen from the worktree that git is bound to. */
export async function listRefs(git: Git): Promise<ListedRef[]> {
  // Without what a tag names: for that git would have to open each object.
  const text = await git.text(["for-each-ref", "--format=%(objectname) %(refname)"]);
  return text.split("\n").flatMap((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? [] : [{ ref: line.slice(space + 1), sha: line.slice(0, space) }];
  });
}
