import type { Expectation } from "../domain/expectation.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import { isSamePath } from "../files/same-path.ts";
import { countBeyond, hasCommit, relate } from "../git/ancestry.ts";
import type { Git } from "../git/git.ts";
import { readChanges } from "../git/porcelain.ts";
import { readRemoteBranch } from "../git/remotes.ts";
import type { Repository } from "../git/repository.ts";
import { listBranchHolders, readHead, type WorktreeState } from "../git/worktree-state.ts";
import { addDemands } from "../github/branch-demands.ts";
import type { GitHub } from "../github/github.ts";
import type { PullRequest } from "../github/pull-request.ts";
import { readExpectation } from "../layout/session-file.ts";
import type { Claim, Distance, LocalFacts, PlaceFacts, ShipFacts } from "./facts.ts";

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

/** Reads the worktree that has a branch checked out; null when none has. */
export async function observePlace(git: Git, topLevel: string, branch: BranchName): Promise<PlaceFacts | null> {
  const holders = (await listBranchHolders(git, branch)).filter((w) => w.prunable === null && w.head !== null);
  // One that is at work on the branch counts before one that only has it checked out; a bisect only looks at it.
  const operationOf = ({ operation }: WorktreeState) =>
    operation?.kind === "bisect" ? null : (operation?.kind ?? null);
  const found = holders.find((w) => operationOf(w) !== null) ?? holders.find((w) => w.branch === branch);
  if (found === undefined || found.head === null) return null;
  const here = isSamePath(found.path, topLevel);
  return {
    path: found.path,
    here,
    sha: found.head,
    operation: operationOf(found),
    ...(await readChanges(git.in(found.path))),
  };
}

/** How a local commit stands to one that may not be in this clone yet. */
export async function measureDistance(git: Git, local: CommitSha, other: CommitSha): Promise<Distance> {
  // What is not here is not contained in what is here, so `local` at least lacks it.
  if (!(await hasCommit(git, other))) return { kind: "behind" };
  const kind = await relate(git, local, other);
  return kind === "ahead" ? { kind, by: await countBeyond(git, local, other) } : { kind };
}

export interface ObserveOptions {
  readonly git: Git;
  readonly github: GitHub;
  readonly remote: string;
  readonly local: LocalFacts;
  /** The configured base; null: the repository's default branch. */
  readonly configuredBase: BranchName | null;
  readonly isProtected: (branch: BranchName) => boolean;
}

/** Reads everything else that a plan is made from; changes nothing, here or there. */
export async function observeShip(pull: PullRequest, options: ObserveOptions): Promise<ShipFacts> {
  const { git, github, remote, local } = options;
  const { branch, sha, fork } = pull.head;
  const place = fork ? null : await observePlace(git, local.topLevel, branch);
  const distance = place === null ? null : await measureDistance(git, place.sha, sha);
  const [remoteHead, settings, rules, checks, children] = await Promise.all([
    fork || pull.merged ? null : readRemoteBranch(git, remote, branch),
    github.settings(),
    github.rules(pull.base.branch),
    pull.merged ? [] : github.checks(sha),
    fork ? [] : github.pullRequestsOnto(branch),
  ]);
  // Classic protection costs a request and is told to few: only GitHub's "blocked" makes it worth asking.
  const protection = pull.mergeState === "blocked" ? await github.protection(pull.base.branch) : null;
  const expectedBase = options.configuredBase ?? settings.defaultBranch;
  return {
    pull,
    expectedBase,
    place,
    distance,
    remoteHead,
    claim: local.claim,
    checks,
    demands: protection === null ? rules : addDemands(rules, protection),
    methods: settings.methods,
    children,
    headStays: branch === settings.defaultBranch || branch === expectedBase || options.isProtected(branch),
  };
}
