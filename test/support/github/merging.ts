import type { BareRepository } from "./bare-repository.ts";

export type MergeMethod = "merge" | "squash" | "rebase";

/** What is merged into what, and the words for it. */
export interface MergeRequest {
  readonly method: MergeMethod;
  readonly base: string;
  readonly head: string;
  readonly title: string;
  readonly message: string;
  /** Login of the one who merges. */
  readonly by: string;
}

/** The tree of a three-way merge; null when it conflicts. Needs git 2.38. */
async function mergedTree(repository: BareRepository, ours: string, theirs: string): Promise<string | null> {
  const { exitCode, stdout, stderr } = await repository.try(["merge-tree", "--write-tree", ours, theirs]);
  if (exitCode === 1) return null;
  if (exitCode !== 0) throw new Error(`git merge-tree exited ${exitCode}: ${stderr}`);
  return stdout.split("\n")[0] ?? null;
}

/** Whether head would merge into base without a conflict. */
export async function canMerge(repository: BareRepository, base: string, head: string): Promise<boolean> {
  return (await mergedTree(repository, base, head)) !== null;
}

/** Makes the commits of a merge, as the service does, and returns the new tip; moves no ref. Null on a conflict. */
export async function makeMerge(repository: BareRepository, request: MergeRequest): Promise<string | null> {
  const { base, head, method } = request;
  if (method === "rebase") return rebaseOnto(repository, request);
  const tree = await mergedTree(repository, base, head);
  if (tree === null) return null;
  const parents = method === "merge" ? ["-p", base, "-p", head] : ["-p", base];
  const message = request.message === "" ? request.title : `${request.title}\n\n${request.message}`;
  return repository.git(["commit-tree", tree, ...parents], identity(request.by), `${message}\n`);
}

async function rebaseOnto(repository: BareRepository, { base, head, by }: MergeRequest): Promise<string | null> {
  const commits = await repository.git(["rev-list", "--reverse", "--no-merges", `${base}..${head}`]);
  let tip = base;
  for (const commit of commits.split("\n").filter(Boolean)) {
    const tree = await cherryPickTree(repository, tip, commit);
    if (tree === null) return null;
    const [name = "", email = "", date = "", message = ""] = (
      await repository.git(["show", "-s", "--format=%an%x00%ae%x00%ad%x00%B", "--date=raw", commit])
    ).split("\0");
    const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date };
    tip = await repository.git(["commit-tree", tree, "-p", tip], { ...identity(by), ...author }, message);
  }
  return tip;
}

/**
 * The tree of a commit applied to a tip. `merge-tree --merge-base` needs git 2.40, so two stand-ins with the
 * commit's parent as their only parent give it the same merge base.
 */
async function cherryPickTree(repository: BareRepository, tip: string, commit: string): Promise<string | null> {
  const parent = await repository.git(["rev-parse", `${commit}^`]);
  const standIn = (of: string) =>
    repository.git(["commit-tree", `${of}^{tree}`, "-p", parent], identity("stand-in"), `stand-in for ${of}\n`);
  return mergedTree(repository, await standIn(tip), await standIn(commit));
}

function identity(login: string): NodeJS.ProcessEnv {
  return {
    GIT_AUTHOR_NAME: login,
    GIT_AUTHOR_EMAIL: `${login}@users.noreply.github.test`,
    GIT_COMMITTER_NAME: "GitHub",
    GIT_COMMITTER_EMAIL: "noreply@github.test",
  };
}
