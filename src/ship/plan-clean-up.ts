import type { CommitSha } from "../domain/names.ts";
import type { ShipFacts, ShipRequest } from "./facts.ts";
import type { Step } from "./step.ts";

/** What is left to do once the pull request is merged, and why a branch stays. */
export interface CleanUp {
  readonly steps: readonly Step[];
  readonly kept: string | null;
}

/** Decides what follows the merge: proof, base, and the branches by what they are for. Pure. */
export function planCleanUp(facts: ShipFacts, request: ShipRequest, sha: CommitSha): CleanUp {
  const { details, expectedBase, tips } = facts;
  const base = details?.pull.base.branch ?? expectedBase;
  const into = facts.stack.length > 0 ? expectedBase : base;
  const steps: Step[] = [
    { kind: "prove", base: into },
    { kind: "sync", base: into },
  ];
  const retire = planRetirement(facts, request);
  const kept = whyKept(facts, request);
  if (kept !== null) return { steps: [...steps, ...retire], kept };
  if (details !== null && !details.pull.head.fork) {
    // GitHub closes the pull requests on a branch that is deleted: they move first.
    for (const child of details.children) steps.push({ kind: "retarget", pull: child, base: into });
  }
  if (details === null || !details.pull.head.fork) {
    const branch = details?.pull.head.branch ?? facts.head?.branch;
    const repository = details?.pull.head.repository ?? ownRepository(facts);
    const inBase = repository?.toLowerCase() === facts.repository.fullName.toLowerCase();
    if (branch !== undefined && repository !== null && inBase) {
      steps.push({ kind: "delete_remote_branch", branch, sha, repository });
    }
  }
  steps.push(...retire);
  const locals = tips.length > 0 ? tips.map((tip) => tip.branch) : details === null ? [] : [details.pull.head.branch];
  // A fork's branch has no namesake here, unless it was made of it.
  if (details?.pull.head.fork !== true || tips.length > 0) {
    for (const branch of locals) {
      if (!facts.isProtected(branch) && branch !== base) steps.push({ kind: "delete_local_branch", branch, sha });
    }
  }
  return { steps, kept: null };
}

/** The worktrees of the merged branch: they go before it does, since one that is checked out stays. */
function planRetirement({ tips }: ShipFacts, { retire }: ShipRequest): Step[] {
  if (!retire) return [];
  return tips.flatMap(({ branch, place }): Step[] =>
    place?.linked ? [{ kind: "retire", worktree: place.path, branch }] : [],
  );
}

function ownRepository({ head }: ShipFacts): string | null {
  return head === null ? null : `${head.repository.owner}/${head.repository.name}`;
}

/** Why the head branch stays, here and on GitHub; null where nothing speaks for it. */
function whyKept(facts: ShipFacts, { keepBranch, deleteBranch }: ShipRequest): string | null {
  const { details, repository, expectedBase, isProtected, isKept } = facts;
  if (keepBranch) return "--keep-branch";
  const branch = details?.pull.head.branch ?? facts.head?.branch ?? null;
  if (branch === null) return null;
  const fork = details?.pull.head.fork ?? false;
  if (!fork && branch === repository.defaultBranch) return `${branch} is the default branch`;
  if (!fork && branch === expectedBase) return `${branch} is a base`;
  if (isProtected(branch)) return `${branch} is protected here`;
  if (isKept(branch)) return `${branch} is kept by bulkhead.keep`;
  if (details === null) return null;
  if (details.headProtected) return `${branch} is protected on GitHub`;
  if (details.sameHead.length > 0) return `${list(details.sameHead)} ${many(details.sameHead)} from ${branch} too`;
  const goes = deleteBranch || repository.deletesMergedBranches;
  if (details.headWasBase && !goes) return `pull requests were merged into ${branch}; --delete-branch deletes it`;
  return null;
}

function list(pulls: readonly number[]): string {
  return pulls.map((number) => `#${number}`).join(", ");
}

function many(pulls: readonly number[]): string {
  return pulls.length === 1 ? "comes" : "come";
}
