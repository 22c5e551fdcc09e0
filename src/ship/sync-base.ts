import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { resolveSettings } from "../config/settings.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { isSamePath } from "../files/same-path.ts";
import { isAncestor, type Relation, readRef, relate } from "../git/ancestry.ts";
import { readConfig } from "../git/config-values.ts";
import type { Git } from "../git/git.ts";
import { QUIET_FETCH } from "../git/remotes.ts";
import { listBranchHolders, readHead, type WorktreeState } from "../git/worktree-state.ts";
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
  /** A rebase, bisect or merge of the base is going on there. */
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
    return { act: "none", state: "behind", reason: `an operation on ${base} is going on in ${holder.path}` };
  if (holder.here || holder.follows) return { act: "fast_forward", path: holder.path };
  return { act: "none", state: "behind", reason: `${base} is checked out in ${holder.path}` };
}

export interface SyncOptions {
  readonly git: Git;
  /** Top of the worktree in which the ship runs. */
  readonly topLevel: string;
  readonly commonDir: string;
  /** The ref in which the remote's base is tracked. */
  readonly tracking: string;
  readonly base: BranchName;
  readonly env: NodeJS.ProcessEnv;
  /** Saves what is uncommitted in the worktree that follows, before its files change. */
  readonly saveWork: (worktree: string, act: string) => Promise<void>;
}

/** Brings the local base to where the remote's was last fetched, without a checkout. Never throws on git's refusals. */
export async function syncBase(options: SyncOptions): Promise<SyncResult> {
  const { git, base } = options;
  const facts = await observeSync(options);
  const plan = planSync(facts);
  const holder = facts.holder?.path ?? null;
  const result = { failed: false, base, from: facts.local, to: facts.target, worktree: holder };
  if (plan.act === "none") return { ...result, state: plan.state, to: facts.local, reason: plan.reason };
  if (plan.act === "fast_forward") await options.saveWork(plan.path, `${base} is brought up to date`);
  const moved = plan.act === "move_ref" ? await moveRef(options, facts) : await fastForward(git.in(plan.path), facts);
  const now = await readRef(git, branchRef(base));
  // Whoever moved it: a base that holds the target is up to date.
  if (now !== null && (await isAncestor(git, facts.target, now))) {
    return { ...result, state: "updated", to: now, reason: moved.note };
  }
  const reason = moved.fault ?? "the branch did not move";
  if (plan.act === "fast_forward") {
    return { ...result, state: "behind", to: now, reason: `${plan.path} could not follow: ${reason}` };
  }
  const [taken] = (await listBranchHolders(git, base, options.commonDir)).filter(isThere);
  if (taken === undefined) return { ...result, state: "behind", failed: true, to: now, reason };
  const held = `${base} is checked out in ${taken.path}`;
  return { ...result, state: "behind", to: now, worktree: taken.path, reason: held };
}

async function observeSync({ git, topLevel, commonDir, tracking, base, env }: SyncOptions): Promise<SyncFacts> {
  const target = await readRef(git, tracking);
  if (target === null) throw new Error(`${tracking} is not there after its fetch`);
  const local = await readRef(git, branchRef(base));
  const relation = local === null ? null : await relate(git, local, target);
  const holders = (await listBranchHolders(git, base, commonDir)).filter(isThere);
  const found = holders.find(isSuspended) ?? holders[0];
  if (found === undefined) return { base, local, target, relation, holder: null };
  const here = isSamePath(found.path, topLevel);
  const reachable = existsSync(found.path);
  const follow = reachable && (await follows(git, found.path, env));
  return {
    base,
    local,
    target,
    relation,
    holder: { path: found.path, here, suspended: isSuspended(found), follows: follow },
  };
}

/** A worktree whose directory is gone is nobody's; a locked one is on a disk that is not there now, say. */
function isThere({ prunable }: WorktreeState): boolean {
  return prunable === null;
}

/** An operation would go on from where the base stood: it must not move beneath it. */
function isSuspended({ operation }: WorktreeState): boolean {
  return operation !== null;
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

/** What came of moving the base: git's reason when it refused, and what else there is to say. */
interface Moved {
  readonly fault: string | null;
  readonly note: string;
}

/**
 * Moves the base by a fetch from this very clone: git refuses it unless it is a fast-forward and the branch is
 * checked out nowhere, and what it takes is exactly what was fetched and proven, whatever the remote holds by now.
 */
async function moveRef({ git, commonDir, tracking, base }: SyncOptions, { local, target }: SyncFacts): Promise<Moved> {
  const fetch = ["fetch", "--quiet", ...QUIET_FETCH, ".", `${tracking}:${branchRef(base)}`];
  const fault = await reasonOf(git.run(fetch, { mode: "write", allow: [1, 128] }));
  if (fault === null || local === null) return { fault, note: "" };
  // git counts a worktree whose directory is gone as a holder: nobody is there, and the move was found to be a fast-forward.
  const holders = await listBranchHolders(git, base, commonDir);
  if (holders.length === 0 || holders.some(isThere)) return { fault, note: "" };
  const swap = ["update-ref", "-m", REASON, branchRef(base), target, local];
  return { fault: await reasonOf(git.run(swap, { mode: "write", allow: [1, 128] })), note: "" };
}

/** What the logs say of the move. */
const REASON = "bulkhead ship: fast-forward";

/**
 * Fast-forwards a worktree on its base: files first, then the ref by compare-and-swap. git leaves edits that are not
 * concerned and refuses where one is, so nothing is lost whatever happens between the two.
 */
async function fastForward(there: Git, { base, local, target }: SyncFacts): Promise<Moved> {
  const refuse = (fault: string): Moved => ({ fault, note: "" });
  if (local === null) return refuse("the branch is gone");
  const inTheWay = await untrackedInTheWay(there, local, target);
  if (inTheWay !== null) return refuse(`${inTheWay} would be overwritten`);
  const head = await readHead(there);
  // Whatever that worktree is on by now must not be moved in the base's place.
  if (head.kind !== "branch" || head.branch !== base) return refuse(`it is not on ${base} any more`);
  if (head.sha !== local) return refuse(`${base} has moved meanwhile`);
  const read = (from: CommitSha, to: CommitSha) =>
    reasonOf(there.run(["read-tree", "-m", "-u", from, to], { mode: "write", allow: [1, 128] }));
  await there.run(["update-index", "-q", "--refresh"], { mode: "write", allow: [1, 128] });
  const refused = await read(local, target);
  if (refused !== null) return refuse(refused);
  const swap = ["update-ref", "-m", REASON, branchRef(base), target, local];
  const fault = await reasonOf(there.run(swap, { mode: "write", allow: [1, 128] }));
  // Somebody moved the branch, or a hook refused: the files go back to what it says.
  if (fault !== null) {
    await read(target, local);
    return refuse(fault);
  }
  return { fault: null, note: await bringSubmodules(there, local, target) };
}

/** A file that git does not track, in a place where the target has one: git itself spares only those that it does not ignore. */
async function untrackedInTheWay(there: Git, from: CommitSha, to: CommitSha): Promise<string | null> {
  const added = await there.records([
    "diff-tree",
    "-r",
    "-z",
    "--name-only",
    "--no-renames",
    "--diff-filter=A",
    from,
    to,
  ]);
  const present = added.filter(
    (path) => lstatSync(join(there.directory, path), { throwIfNoEntry: false }) !== undefined,
  );
  if (present.length === 0) return null;
  const tracked = new Set(await there.records(["ls-files", "-z"]));
  return present.find((path) => !tracked.has(path)) ?? null;
}

const SUBMODULE_MODE = "160000";

/** Submodules follow where the user has told git so; otherwise it is said that they stand behind. */
async function bringSubmodules(there: Git, from: CommitSha, to: CommitSha): Promise<string> {
  const records = await there.records(["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to]);
  const changed = records.filter((_, index) => index % 2 === 1 && records[index - 1]?.split(" ")[1] === SUBMODULE_MODE);
  if (changed.length === 0) return "";
  const behind = `submodules stand behind: ${changed.join(", ")}`;
  const wanted = await there.run(["config", "--type=bool", "submodule.recurse"], { allow: [1, 128] });
  if (wanted.stdout.trim() !== "true") return behind;
  const update = ["submodule", "--quiet", "update", "--recursive", "--", ...changed];
  const fault = await reasonOf(there.run(update, { mode: "write", allow: [1, 128] }));
  return fault === null ? `with its submodules: ${changed.join(", ")}` : `${behind}: ${fault}`;
}

async function reasonOf(run: ReturnType<Git["run"]>): Promise<string | null> {
  const { exitCode, stderr } = await run;
  if (exitCode === 0) return null;
  const [first = ""] = stderr.trim().split(/\r?\n/);
  return first.replace(/^(fatal|error): /, "").replace(/[:.]$/, "") || `git exited ${exitCode}`;
}
