import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Expectation } from "../domain/expectation.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { isSamePath } from "../files/same-path.ts";
import { countBeyond, hasCommit, relate } from "../git/ancestry.ts";
import type { Git } from "../git/git.ts";
import { readChanges } from "../git/porcelain.ts";
import { readRemoteBranch } from "../git/remotes.ts";
import type { Repository } from "../git/repository.ts";
import { listBranchHolders, readHead, type WorktreeState } from "../git/worktree-state.ts";
import { readExpectation } from "../layout/session-file.ts";
import { findConflicts } from "./conflicts.ts";
import type { Claim, Distance, LocalFacts, PlaceFacts, ShipFacts, ShipRequest, TipFacts } from "./facts.ts";
import { readPull, settle } from "./observe-pull.ts";
import type { Resolution } from "./resolve.ts";
import type { ShipTools } from "./tools.ts";

/** Asks whoever keeps the claims whether this worktree's is still its own. */
export type ClaimCheck = (worktree: Repository, expectation: Expectation) => Promise<Claim>;

/** Reads this worktree. Needs no network; starts with the files, which a hasty session changes last. */
export async function observeLocal(
  repository: Repository & { readonly topLevel: string },
  claimCheck: ClaimCheck,
): Promise<LocalFacts> {
  const expectation = readExpectation(repository.topLevel);
  const claim = await claimCheck(repository, expectation);
  const head = await readHead(repository.git, repository.gitDir);
  return { topLevel: repository.topLevel, head, expectation, claim };
}

/** Where a ship runs: its worktree, and the git directory of the clone. */
type Clone = { readonly topLevel: string; readonly commonDir: string };

/** Reads the worktree that has a branch checked out or is at work on it; null when none is. */
export async function observePlace(
  git: Git,
  { topLevel, commonDir }: Clone,
  branch: BranchName,
): Promise<PlaceFacts | null> {
  const holders = (await listBranchHolders(git, branch, commonDir)).filter(
    (w) => w.prunable === null && w.head !== null,
  );
  // One that is at work on the branch counts before one that only has it checked out; a bisect only looks at it.
  const operationOf = ({ operation }: WorktreeState) =>
    operation?.kind === "bisect" ? null : (operation?.kind ?? null);
  const found = holders.find((w) => operationOf(w) !== null) ?? holders.find((w) => w.branch === branch);
  if (found === undefined || found.head === null) return null;
  const here = isSamePath(found.path, topLevel);
  const linked = found.gitDir !== null && existsSync(join(found.gitDir, "commondir"));
  const changes = await readChanges(git.in(found.path));
  return { path: found.path, here, linked, branch, operation: operationOf(found), ...changes };
}

/** How a local commit stands to one that may not be in this clone yet. */
async function measureDistance(git: Git, local: CommitSha, other: CommitSha | null): Promise<Distance> {
  if (other === null) return { kind: "absent" };
  // What is not here is not contained in what is here, so `local` at least lacks it.
  if (!(await hasCommit(git, other))) return { kind: "behind" };
  const kind = await relate(git, local, other);
  return kind === "ahead" ? { kind, by: await countBeyond(git, local, other) } : { kind };
}

/** The local branches of a pull request, each with its worktree and how it stands to the head. */
export async function observeTips(
  git: Git,
  clone: Clone,
  tips: ReadonlyMap<BranchName, CommitSha>,
  head: CommitSha | null,
): Promise<TipFacts[]> {
  return Promise.all(
    [...tips].map(async ([branch, sha]) => ({
      branch,
      sha,
      place: await observePlace(git, clone, branch),
      distance: await measureDistance(git, sha, head),
    })),
  );
}

/** Reads everything that a plan is made from; changes nothing, here or there. */
export async function observeShip(
  resolution: Resolution,
  local: LocalFacts,
  request: ShipRequest,
  tools: ShipTools,
): Promise<ShipFacts> {
  const { github, pull, head, base, expectedBase } = resolution;
  const { git } = tools.repository;
  const first = pull === null ? null : await readPull(github, pull, tools.sleep);
  const into = first?.pull.base.branch ?? expectedBase;
  // Found here before GitHub is asked whether it can be merged, which may take its time to find out.
  const [tip] = resolution.tips.values();
  const conflicts = first?.pull.merged === true ? null : await findConflicts(git, base, first, tip ?? null, into);
  const conflicting = conflicts !== null && conflicts.length > 0;
  const details = first === null || conflicting ? first : await settle(github, first, tools.sleep);
  const pushes = (request.push || request.create !== null) && !details?.pull.merged;
  const remoteTip =
    pushes && head !== null
      ? await readRemoteBranch(git, head.remote, details?.pull.head.branch ?? head.branch)
      : (details?.pull.head.sha ?? null);
  const tips = await observeTips(git, tools.repository, resolution.tips, remoteTip);
  const stacked = details !== null && details.baseIsHeadOf !== null;
  return {
    local,
    repository: resolution.repository,
    branch: resolution.branch,
    head,
    details,
    twin: resolution.twin,
    expectedBase,
    tips,
    own: resolution.own,
    conflicts,
    touching: conflicting ? await tools.touching(conflicts) : [],
    stack: stacked ? await github.stack(details.pull.number) : [],
    isProtected: tools.isProtected,
    isKept: tools.isKept,
    preferredMethod: tools.preferredMethod,
    // A merge that has happened is finished all the same: nothing more comes into the base by it.
    freeze: details?.pull.merged === true ? null : await tools.freeze(into),
  };
}
