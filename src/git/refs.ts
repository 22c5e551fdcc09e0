import type { Git } from "./git.ts";

/** A ref and the object that it names; for a tag object, what that tags. */
export interface ListedRef {
  readonly ref: string;
  readonly sha: string;
}

/** Every ref of the clone, as seen from the worktree that git is bound to. */
export async function listRefs(git: Git): Promise<ListedRef[]> {
  const text = await git.text(["for-each-ref", "--format=%(objectname) %(*objectname) %(refname)"]);
  return text.split("\n").flatMap((line) => {
    const [sha = "", peeled = "", ...name] = line.split(" ");
    return sha === "" ? [] : [{ ref: name.join(" "), sha: peeled || sha }];
  });
}
