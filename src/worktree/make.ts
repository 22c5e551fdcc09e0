import { BulkheadError } from "../domain/error.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { newSessionFile } from "../domain/new-session-file.ts";
import { branchRef } from "../domain/ref-names.ts";
import { lockReason } from "../git/worktree-lock.ts";
import { ensureIgnored } from "../layout/ignore-rules.ts";
import { writeSessionFile } from "../layout/session-file.ts";
import { gitDirAt } from "./find-worktree.ts";
import type { WorktreeTools } from "./surroundings.ts";
import type { Target } from "./target.ts";

/** What the lock of a worktree says that is not ready yet. */
export const BEING_MADE = "it is being made";

/** What is made. */
interface Wanted {
  readonly target: Target;
  readonly path: string;
  readonly plan: {
    readonly branch: BranchName;
    readonly newAt: CommitSha | null;
    /** Where the branch is, new or not. */
    readonly at: CommitSha;
    /** Whether the branch follows the remote's branch of its name. */
    readonly follows: boolean;
  };
}

/**
 * Makes a worktree with its branch, its session file and its files, in this order: before there is any file, the guard
 * knows which branch it is for. It is locked until it is ready, so that no other tool sweeps it away meanwhile.
 * @returns git's own directory for it
 * @throws BulkheadError: then whoever called clears what is left
 */
export async function makeWorktree(tools: WorktreeTools, { target, path, plan }: Wanted): Promise<string> {
  const { git, commonDir } = tools;
  const { branch, newAt } = plan;
  ensureIgnored(commonDir);
  tools.progress(`Making ${path} …`);
  const write = { mode: "write", retryLocked: true } as const;
  // The branch first and alone: `worktree add -b` may stumble over another worktree that is just being made when its branch is
  // there already, and could then not be asked again. Nothing is tracked, so eight at once need no configuration's lock.
  if (newAt !== null) {
    const log = ["--create-reflog", "-m", `branch: Created from ${newAt}`];
    await git.run(["update-ref", ...log, branchRef(branch), newAt, ""], write);
  }
  const add = ["worktree", "add", "--quiet", "--no-checkout", "--lock"];
  await git.run([...add, "--reason", lockReason(BEING_MADE), path, branch], write);
  const gitDir = gitDirAt(path, commonDir);
  if (gitDir === null)
    throw new BulkheadError("GIT_FAILED", { command: "worktree add", reason: `${path} is not there` });
  writeSessionFile({ topLevel: path, gitDir }, sessionFileOf(tools, target, path, branch));
  await checkOut(tools, path, plan.at);
  if (plan.follows) await follow(tools, branch);
  tools.progress("");
  return gitDir;
}

function sessionFileOf(tools: WorktreeTools, target: Target, path: string, branch: BranchName) {
  const file = newSessionFile({
    topLevel: path,
    mainTop: tools.mainTop ?? tools.root,
    expectedBranch: branch,
    now: tools.clock().toISOString(),
    hostname: tools.hostname,
  });
  return { ...file, session: target.name, ...(target.kind === "item" ? { sdKey: target.name } : {}) };
}

/** Writes the files, as `git worktree add` does, and then lets others' hooks know, as it does. */
async function checkOut(tools: WorktreeTools, path: string, head: CommitSha): Promise<void> {
  const git = tools.git.in(path);
  await git.run(["read-tree", "-m", "-u", "HEAD"], { mode: "write" });
  const hook = ["hook", "run", "--ignore-missing", "post-checkout", "--", "0".repeat(head.length), head, "1"];
  const { exitCode } = await git.run(hook, { mode: "write", allow: Array.from({ length: 255 }, (_, i) => i + 1) });
  if (exitCode !== 0) tools.note(`The repository's post-checkout hook failed in ${path} (exit code ${exitCode}).`);
}

async function follow({ git, remote }: WorktreeTools, branch: BranchName): Promise<void> {
  const write = { mode: "write", retryLocked: true } as const;
  await git.run(["config", `branch.${branch}.remote`, remote], write);
  await git.run(["config", `branch.${branch}.merge`, branchRef(branch)], write);
}
