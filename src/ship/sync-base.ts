import { resolveSettings } from "../config/settings.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { branchRef, trackingRef } from "../domain/ref-names.ts";
import { isSamePath } from "../files/same-path.ts";
import { isAncestor, type Relation, readRef, relate } from "../git/ancestry.ts";
import { readConfig } from "../git/config-values.ts";
import type { Git } from "../git/git.ts";
import { QUIET_FETCH } from "../git/remotes.ts";
import { listBranchHolders, readHead } from "../git/worktree-state.ts";
import { readExpectation } from "../layout/session-file.ts";

/** What became of the local base. */
export interface SyncResult {
  readonly state: "updated" | "current" | "behind" | "diverged" | "skipped";
  /** Whether it is behind although nobody holds it: git could not move it. */
  readonly failed: boolean;
  readonly base: BranchName;
  readonly from: CommitSha | null;
  readonly to: CommitSha | null;
  /** The worktree that holds the base, where there is one. */
  readonly worktree: string | null;
  /** In words; empty where the state says it all. */
  readonly reason: string;
}

/** What the sync is decided from. */
export interface SyncFacts {
  readonly base: BranchName;
  readonly local: CommitSha | null;
  /** What the remote's base was last seen at. */
  readonly target: CommitSha;
  /** How the local base stands to the target; null where there is no local base. */
  readonly relation: Relation | null;
  readonly holder: Holder | null;
}

/** The worktree that has the base checked out. */
export interface Holder {
  readonly path: string;
  /** Whether it is the worktree in which the ship runs. */
  readonly here: boolean;
  /** A rebase or bisect of the base is going on there. */
  readonly suspended: boolean;
  /** Whether it lets others bring its base up to date. */
  readonly follows: boolean;
}

export type SyncPlan =
  | { readonly act: "none"; readonly state: "current" | "behind" | "diverged" | "skipped"; readonly reason: string }
  /** Nobody has it checked out: the ref alone moves. */
  | { readonly act: "move_ref" }
  /** It is checked out: ref and files move together, there. */
  | { readonly act: "fast_forward"; readonly path: string };

/** Decides how the local base comes up to date. Nothing here ever changes which branch a worktree is on. Pure. */
export function planSync({ base, relation, holder }: SyncFacts): SyncPlan {
  if (relation === null) return { act: "none", state: "skipped", reason: `there is no local branch ${base}` };
  if (relation === "equal") return { act: "none", state: "current", reason: "" };
  if (relation === "ahead") return { act: "none", state: "current", reason: `${base} has commits that are not pushed` };
  if (relation === "diverged") {
    return { act: "none", state: "diverged", reason: `${base} has commits of its own: merge or rebase them yourself` };
  }
  if (holder === null) return { act: "move_ref" };
  if (holder.suspended)
    return { act: "none", state: "behind", reason: `a rebase or bisect of ${base} is going on in ${holder.path}` };
  if (holder.here || holder.follows) return { act: "fast_forward", path: holder.path };
  return { act: "none", state: "behind", reason: `${base} is checked out in ${holder.path}` };
}

export interface SyncOptions {
  readonly git: Git;
  /** Top of the worktree in which the ship runs. */
  readonly topLevel: string;
  readonly remote: string;
  readonly base: BranchName;
  readonly env: NodeJS.ProcessEnv;
}

/** Brings the local base to where the remote's was last fetched, without a checkout. Never throws on git's refusals. */
export async function syncBase(options: SyncOptions): Promise<SyncResult> {
  const facts = await observeSync(options);
  const plan = planSync(facts);
  const holder = facts.holder?.path ?? null;
  const result = { failed: false, base: facts.base, from: facts.local, to: facts.target, worktree: holder };
  if (plan.act === "none") return { ...result, state: plan.state, to: facts.local, reason: plan.reason };
  const failure =
    plan.act === "move_ref"
      ? await moveRef(options)
      : await fastForward(options.git.in(plan.path), options.base, facts.target);
  const now = await readRef(options.git, branchRef(options.base));
  // Whoever moved it: a base that holds the target is up to date.
  if (now !== null && (await isAncestor(options.git, facts.target, now)))
    return { ...result, state: "updated", to: now, reason: "" };
  const reason = failure ?? "the branch did not move";
  if (plan.act === "fast_forward")
    return { ...result, state: "behind", to: now, reason: `${plan.path} could not follow: ${reason}` };
  const [taken] = await listBranchHolders(options.git, options.base);
  if (taken !== undefined) {
    return {
      ...result,
      state: "behind",
      to: now,
      worktree: taken.path,
      reason: `${options.base} is checked out in ${taken.path}`,
    };
  }
  return { ...result, state: "behind", failed: true, to: now, reason };
}

async function observeSync({ git, topLevel, remote, base, env }: SyncOptions): Promise<SyncFacts> {
  const target = await readRef(git, trackingRef(remote, base));
  if (target === null) throw new Error(`${trackingRef(remote, base)} is not there after its fetch`);
  const local = await readRef(git, branchRef(base));
  const relation = local === null ? null : await relate(git, local, target);
  const holders = (await listBranchHolders(git, base)).filter((worktree) => worktree.prunable === null);
  const found = holders.find((worktree) => worktree.detached) ?? holders[0];
  if (found === undefined) return { base, local, target, relation, holder: null };
  const here = isSamePath(found.path, topLevel);
  const holder = { path: found.path, here, suspended: found.detached, follows: await follows(git, found.path, env) };
  return { base, local, target, relation, holder };
}

/** The setting of that worktree; unless it is set, the main checkout follows while no session works in it. */
async function follows(git: Git, path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const there = git.in(path);
  const { followBase } = resolveSettings({ env, gitConfig: await readConfig(there) });
  if (followBase.source.kind !== "default") return followBase.value;
  const [gitDir, commonDir] = await Promise.all(
    ["--git-dir", "--git-common-dir"].map((name) => there.text(["rev-parse", "--path-format=absolute", name])),
  );
  return gitDir === commonDir && readExpectation(path).kind === "missing";
}

/**
 * Moves the base by a fetch from this very clone: git refuses it unless it is a fast-forward and the branch is
 * checked out nowhere, and what it takes is exactly what was fetched and proven, whatever the remote holds by now.
 * @returns git's reason when it refused
 */
async function moveRef({ git, remote, base }: SyncOptions): Promise<string | null> {
  const refspec = `${trackingRef(remote, base)}:${branchRef(base)}`;
  return reasonOf(git.run(["fetch", "--quiet", ...QUIET_FETCH, ".", refspec], { mode: "write", allow: [1, 128] }));
}

/** Fast-forwards a worktree on its base. git leaves edits that are not concerned, and refuses where one is. */
async function fastForward(there: Git, base: BranchName, target: CommitSha): Promise<string | null> {
  const head = await readHead(there);
  // Whatever that worktree is on by now must not be moved in the base's place.
  if (head.kind !== "branch" || head.branch !== base) return `it is not on ${base} any more`;
  return reasonOf(
    there.run(["merge", "--ff-only", "--quiet", "--no-autostash", target], { mode: "write", allow: [1, 2, 128] }),
  );
}

async function reasonOf(run: ReturnType<Git["run"]>): Promise<string | null> {
  const { exitCode, stderr } = await run;
  if (exitCode === 0) return null;
  const [first = ""] = stderr.trim().split(/\r?\n/);
  return first.replace(/^(fatal|error): /, "").replace(/[:.]$/, "") || `git exited ${exitCode}`;
}
