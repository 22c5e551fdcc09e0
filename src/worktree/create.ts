/** Making a worktree: everything is looked at, a plan is made, and carried out so that nothing half made is left. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { asBulkheadError, BulkheadError } from "../domain/error.ts";
import { type BranchName, type CommitSha, isBranchName } from "../domain/names.ts";
import { branchRef, shortRef, trackingRef } from "../domain/ref-names.ts";
import { findObjects } from "../git/objects.ts";
import { listWorktreeIds } from "../git/reflogs.ts";
import { findHolders } from "../git/worktree-state.ts";
import { readExpectation } from "../layout/session-file.ts";
import { inUseError, removeFound } from "./cleanup.ts";
import { exclusively, type Held } from "./exclusive.ts";
import { baseBranchOf, type Fetched, fetchStart, resolveBase, type Start } from "./fetch-start.ts";
import { findNamesake, findObstacle, findWorktree } from "./find-worktree.ts";
import { makeWorktree } from "./make.ts";
import { type CreateFacts, type CreatePlan, type PlaceState, planCreate } from "./plan-create.ts";
import { repairPlace } from "./repair.ts";
import type { WorktreeTools } from "./surroundings.ts";
import { defaultBranch, placeOf, type Target, targetWords } from "./target.ts";
import { undoCreation } from "./undo-create.ts";

export interface CreateRequest {
  readonly target: Target;
  /** Null for the usual one. */
  readonly branch: BranchName | null;
  /** What a new branch starts from; null for the base. */
  readonly base: string | null;
  /** Save a worktree that is on another branch, and make it anew. */
  readonly force: boolean;
}

/** A worktree that is there now. */
export interface Created {
  readonly path: string;
  readonly gitDir: string;
  readonly branch: BranchName;
  readonly created: boolean;
  /** What a new branch starts from, in words; null for a branch that was there. */
  readonly from: string | null;
  readonly fetched: Fetched | null;
  /** Where what stood there before is kept; null when nothing did. */
  readonly trash: string | null;
}

/** What came of making a worktree ready to work in, and whether all of it could be done. */
export interface Equipped<T> {
  readonly result: T;
  readonly whole: boolean;
}

async function finishEquip<T>(held: Held, equipping: Promise<Equipped<T>>): Promise<T> {
  const { result, whole } = await equipping;
  if (whole) held.finish();
  return result;
}

/** How often the facts are gathered anew after something was cleared away. */
const ROUNDS = 4;

/**
 * Makes a target's worktree, or gives the one that is there.
 * @param equip makes it ready to work in, while nobody else is at work on it; not called for one that was ready. What it
 * could not do is tried again by the next command
 * @throws BulkheadError `BRANCH_IN_USE`, `WORKTREE_PATH_TAKEN`, `WORKTREE_OTHER_BRANCH`, `WORKTREE_NAMESAKE`, `NO_BASE`,
 * `BRANCH_CLASH`, `BASE_NOT_FOUND`, `WORKTREE_BUSY`: nothing was changed; `WORKTREE_NOT_MADE`: nothing is left of it
 */
export async function create<T>(
  tools: WorktreeTools,
  request: CreateRequest,
  equip: (made: Created) => Promise<Equipped<T>>,
): Promise<{ readonly created: Created; readonly equipped: T | null }> {
  const { target } = request;
  return exclusively(tools, target, `worktree ${targetWords(target)}`, async (held) => {
    const unfinished = await repairPlace(tools, held, target);
    let trash: string | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      const { facts, fetched } = await observe(tools, request);
      const plan = planCreate(facts);
      if (plan.kind === "refuse") throw new BulkheadError(plan.code, plan.data);
      if (plan.kind === "reuse") {
        const created = { ...(await reused(tools, request, plan.branch)), trash };
        return { created, equipped: unfinished ? await finishEquip(held, equip(created)) : null };
      }
      if (plan.kind === "clear") {
        trash = await clear(tools, held, request);
        continue;
      }
      const gitDir = await carryOut(tools, held, { target, path: facts.path, plan });
      const { branch, from } = plan;
      const created: Created = { path: facts.path, gitDir, branch, created: true, from, fetched, trash };
      return { created, equipped: await finishEquip(held, equip(created)) };
    }
    throw new BulkheadError("WORKTREE_NOT_MADE", { path: placeOf(tools.root, target), reason: "it keeps changing" });
  });
}

async function observe(
  tools: WorktreeTools,
  { target, branch: asked, base, force }: CreateRequest,
): Promise<{ facts: CreateFacts; fetched: Fetched | null }> {
  const worktrees = await tools.worktrees();
  const found = findWorktree(tools.root, target, worktrees);
  const path = found?.path ?? placeOf(tools.root, target);
  const branch = asked ?? defaultBranch(target);
  const [holder] = findHolders(worktrees, branch);
  const place = found === null ? placeOfNone(path) : placeOfWorktree(found);
  const common = { target, path, place, asked, branch, force, heldBy: holder?.path ?? null };
  const namesake = findNamesake(tools.root, target);
  // Where nothing is going to be made, nobody needs to ask the remote.
  const settled = { ...common, namesake, local: null, remote: null, clash: null, start: null };
  if (place.kind !== "free" || namesake !== null || holder !== undefined) return { facts: settled, fetched: null };
  return observeStart(tools, settled, base);
}

async function observeStart(
  tools: WorktreeTools,
  facts: CreateFacts,
  asked: string | null,
): Promise<{ facts: CreateFacts; fetched: Fetched }> {
  const { branch } = facts;
  const usual = asked === null ? await tools.base() : null;
  const baseBranch = asked === null ? (usual?.branch ?? null) : baseBranchOf(tools.remote, asked);
  const fetched = await fetchStart(tools, baseBranch, branch);
  const names = [branchRef(branch), trackingRef(tools.remote, branch)].map((ref) => `${ref}^{commit}`);
  const [local, remote] = await findObjects(tools.git, names);
  const is = (object: typeof local) => (object?.type === "commit" ? (object.sha as CommitSha) : null);
  const start =
    asked !== null ? await resolveBase(tools, asked) : usual === null ? null : await startOf(tools, usual.ref);
  const clash = is(local) === null ? await findClash(tools, branch) : null;
  return { facts: { ...facts, local: is(local), remote: is(remote), start, clash }, fetched };
}

async function startOf(tools: WorktreeTools, ref: string): Promise<Start | null> {
  const [found] = await findObjects(tools.git, [`${ref}^{commit}`]);
  return found?.type === "commit" ? { name: shortRef(ref), sha: found.sha as CommitSha } : null;
}

/** A branch that cannot stand beside a new one: the same but for case, below it, or above it. */
async function findClash({ git }: WorktreeTools, branch: BranchName): Promise<BranchName | null> {
  const parts = branch.split("/");
  const above = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
  const list = ["for-each-ref", "--ignore-case", "--count=1", "--format=%(refname)", branchRef(branch)];
  const [same, parents] = await Promise.all([
    git.text(list),
    findObjects(
      git,
      above.filter(isBranchName).map((name) => branchRef(name)),
    ),
  ]);
  const parent = parents.find(({ type }) => type !== null)?.name ?? "";
  const other = shortRef(same || parent);
  return isBranchName(other) ? other : null;
}

function placeOfNone(path: string): PlaceState {
  const what = findObstacle(path);
  return what === null ? { kind: "free" } : { kind: "taken", what };
}

function placeOfWorktree(found: NonNullable<ReturnType<typeof findWorktree>>): PlaceState {
  if (!existsSync(join(found.path, ".git"))) return { kind: "gone" };
  const expectation = readExpectation(found.path);
  const worked = found.branch ?? found.operation?.branch ?? null;
  return {
    kind: "worktree",
    branch: worked !== null && isBranchName(worked) ? worked : null,
    expected: expectation.kind === "present" ? expectation.content.expectedBranch : null,
    incomplete: false,
  };
}

/** Into the trash with what is there. @throws BulkheadError `WORKTREE_IN_USE_HERE` */
async function clear(tools: WorktreeTools, held: Held, request: CreateRequest): Promise<string | null> {
  const { target } = request;
  const worktrees = await tools.worktrees();
  const worktree = findWorktree(tools.root, target, worktrees);
  if (worktree === null) return null;
  const report = await removeFound(tools, held, { worktree, worktrees, target, force: true });
  if (!report.cleaned) throw inUseError(report);
  return report.trash;
}

async function reused(tools: WorktreeTools, { target }: CreateRequest, branch: BranchName): Promise<Created> {
  const worktree = findWorktree(tools.root, target, await tools.worktrees());
  if (worktree === null) throw new BulkheadError("WORKTREE_NOT_FOUND", { name: target.name });
  const { path, gitDir } = worktree;
  return { path, gitDir, branch, created: false, from: null, fetched: null, trash: null };
}

async function carryOut(
  tools: WorktreeTools,
  held: Held,
  { target, path, plan }: { target: Target; path: string; plan: Extract<CreatePlan, { kind: "create" }> },
): Promise<string> {
  const newBranch = plan.newAt === null ? null : { name: plan.branch, sha: plan.newAt };
  const known = await listWorktreeIds(tools.commonDir);
  held.begin({ act: "create", path, newBranch, known, ready: false });
  try {
    const gitDir = await makeWorktree(tools, { target, path, plan });
    held.begin({ act: "create", path, newBranch, known, ready: true });
    rmSync(join(gitDir, "locked"), { force: true });
    return gitDir;
  } catch (thrown) {
    const error = asBulkheadError(thrown);
    const left = await takeBack(tools, held, target, { act: "create", path, newBranch, known, ready: false });
    if (error.code === "INTERRUPTED") throw error;
    const reason = error.message;
    throw new BulkheadError("WORKTREE_NOT_MADE", { path, reason, ...(left ? { left } : {}) }, { cause: thrown });
  }
}

/** Where it cannot be taken back, the next command tries again: why it could not be made is what has to be told. */
async function takeBack(
  tools: WorktreeTools,
  held: Held,
  target: Target,
  begun: Parameters<typeof undoCreation>[3],
): Promise<string | null> {
  try {
    return await undoCreation(tools, held, target, begun);
  } catch (thrown) {
    tools.note(`What is left of ${begun.path} is cleared by the next command: ${asBulkheadError(thrown).message}`);
    return null;
  }
}
