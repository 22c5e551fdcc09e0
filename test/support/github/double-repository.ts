import type { BareRepository } from "./bare-repository.ts";
import { canMerge, type MergeMethod, makeMerge } from "./merging.ts";

/** One pull request, as the double keeps it. */
export interface PullState {
  readonly number: number;
  title: string;
  body: string | null;
  draft: boolean;
  readonly author: string;
  readonly headRepository: DoubleRepository;
  readonly headRef: string;
  /** Follows the head branch while the pull request is open. */
  headSha: string;
  baseRef: string;
  baseSha: string;
  state: "open" | "closed";
  merged: { readonly sha: string; readonly by: string } | null;
  readonly createdAt: string;
  closedAt: string | null;
  /** Logins that approved the present head. */
  readonly approvals: string[];
  /** How many more reads answer `mergeable: null`. */
  mergeableUnknownReads: number;
}

export interface CheckState {
  readonly name: string;
  /** A check run of an app, or a commit status of the older API. */
  readonly kind: "run" | "status";
  conclusion: "success" | "failure" | "neutral" | "skipped" | "cancelled";
  /** How many more reads show it as still running. */
  pendingReads: number;
}

/** What a branch demands, through a ruleset or classic protection. */
export interface BranchDemands {
  readonly via: "ruleset" | "classic";
  readonly requiredChecks?: readonly string[];
  readonly requiredApprovals?: number;
  /** The head must contain the base's tip. */
  readonly strict?: boolean;
  readonly allowedMethods?: readonly MergeMethod[];
  readonly mergeQueue?: boolean;
}

export interface RepositorySettings {
  defaultBranch: string;
  private: boolean;
  allowMerge: boolean;
  allowSquash: boolean;
  allowRebase: boolean;
  deleteBranchOnMerge: boolean;
}

/** What stands between a pull request and its merge, in the service's own words. */
export type Mergeability =
  | { readonly state: "clean" | "unstable" }
  | { readonly state: "draft" | "dirty" | "behind" | "blocked" | "unknown"; readonly why: string };

/** One repository of the double: a real bare repository, and what the service keeps beside it. */
export class DoubleRepository {
  readonly owner: string;
  readonly name: string;
  readonly id: number;
  readonly bare: BareRepository;
  readonly cloneUrl: string;
  readonly forkOf: DoubleRepository | null;
  readonly settings: RepositorySettings = {
    defaultBranch: "main",
    private: true,
    allowMerge: true,
    allowSquash: true,
    allowRebase: true,
    deleteBranchOnMerge: false,
  };
  readonly pulls = new Map<number, PullState>();
  readonly checks = new Map<string, CheckState[]>();
  readonly demands = new Map<string, BranchDemands>();
  /** Lets nobody push, as while the service has its bad days. */
  refusePushes = false;

  constructor(
    at: { owner: string; name: string; id: number; bare: BareRepository; cloneUrl: string },
    forkOf?: DoubleRepository,
  ) {
    this.owner = at.owner;
    this.name = at.name;
    this.id = at.id;
    this.bare = at.bare;
    this.cloneUrl = at.cloneUrl;
    this.forkOf = forkOf ?? null;
  }

  get fullName(): string {
    return `${this.owner}/${this.name}`;
  }

  /** Where the bare repository lies on disk. */
  get path(): string {
    return this.bare.path;
  }

  /** Opens a pull request for a branch that has been pushed. */
  async openPull(options: {
    head: string;
    base?: string;
    title?: string;
    body?: string;
    draft?: boolean;
    author?: string;
    from?: DoubleRepository;
  }): Promise<PullState> {
    const headRepository = options.from ?? this;
    const baseRef = options.base ?? this.settings.defaultBranch;
    const headSha = await headRepository.bare.commitOf(`refs/heads/${options.head}`);
    const baseSha = await this.bare.commitOf(`refs/heads/${baseRef}`);
    if (headSha === null) throw new Error(`no branch ${options.head} in ${headRepository.fullName}`);
    if (baseSha === null) throw new Error(`no branch ${baseRef} in ${this.fullName}`);
    const pull: PullState = {
      number: this.pulls.size + 1,
      title: options.title ?? options.head,
      body: options.body ?? null,
      draft: options.draft ?? false,
      author: options.author ?? this.owner,
      headRepository,
      headRef: options.head,
      headSha,
      baseRef,
      baseSha,
      state: "open",
      merged: null,
      createdAt: new Date().toISOString(),
      closedAt: null,
      approvals: [],
      mergeableUnknownReads: 0,
    };
    this.pulls.set(pull.number, pull);
    await this.#keepHead(pull);
    return pull;
  }

  /** Adds a check run (or commit status) to a commit. */
  addCheck(sha: string, check: Partial<CheckState> & { name: string }): CheckState {
    const added: CheckState = { kind: "run", conclusion: "success", pendingReads: 0, ...check };
    this.checks.set(sha, [...(this.checks.get(sha) ?? []), added]);
    return added;
  }

  /** Lays demands on a branch. */
  protect(branch: string, demands: BranchDemands): void {
    this.demands.set(branch, demands);
  }

  /** Brings an open pull request up to the branches as they are now, as the service does after each push. */
  async refresh(pull: PullState): Promise<void> {
    if (pull.state === "closed") return;
    const head = await pull.headRepository.bare.commitOf(`refs/heads/${pull.headRef}`);
    const base = await this.bare.commitOf(`refs/heads/${pull.baseRef}`);
    if (base !== null) pull.baseSha = base;
    if (head === null || base === null) this.close(pull);
    else if (head !== pull.headSha) {
      pull.headSha = head;
      pull.approvals.length = 0;
      await this.#keepHead(pull);
    }
  }

  close(pull: PullState): void {
    pull.state = "closed";
    pull.closedAt = new Date().toISOString();
  }

  /** The head's commits stay reachable through `refs/pull/<n>/head`, also from a fork. */
  async #keepHead(pull: PullState): Promise<void> {
    const source = pull.headRepository === this ? "." : pull.headRepository.path;
    await this.bare.git(["fetch", "-q", source, `+refs/heads/${pull.headRef}:refs/pull/${pull.number}/head`]);
  }

  /** Whether, and if not why not, an open pull request can be merged now. */
  async mergeability(pull: PullState): Promise<Mergeability> {
    if (pull.draft) return { state: "draft", why: "Pull Request is still a draft" };
    if (!(await canMerge(this.bare, pull.baseSha, pull.headSha))) {
      return { state: "dirty", why: "Pull Request is not mergeable" };
    }
    const demands = this.demands.get(pull.baseRef);
    if (demands?.strict && !(await this.bare.isAncestor(pull.baseSha, pull.headSha))) {
      return { state: "behind", why: "Head branch is out of date. Review and try the merge again." };
    }
    const missing = this.#unmetDemand(pull, demands);
    if (missing !== null) {
      const why = demands?.via === "ruleset" ? `Repository rule violations found\n\n${missing}\n\n` : missing;
      return { state: "blocked", why };
    }
    const failing = (this.checks.get(pull.headSha) ?? []).some((c) => c.pendingReads > 0 || c.conclusion === "failure");
    return { state: failing ? "unstable" : "clean" };
  }

  #unmetDemand(pull: PullState, demands: BranchDemands | undefined): string | null {
    const checks = this.checks.get(pull.headSha) ?? [];
    for (const name of demands?.requiredChecks ?? []) {
      const check = checks.find((c) => c.name === name);
      if (check === undefined) return `Required status check "${name}" is expected.`;
      if (check.pendingReads > 0) return `Required status check "${name}" is in progress.`;
      if (check.conclusion === "failure") return `Required status check "${name}" is failing.`;
    }
    const approvals = demands?.requiredApprovals ?? 0;
    if (pull.approvals.length < approvals) {
      return `At least ${approvals} approving review is required by reviewers with write access.`;
    }
    if (demands?.mergeQueue) return "Changes must be made through the merge queue";
    return null;
  }

  allows(method: MergeMethod): boolean {
    return { merge: this.settings.allowMerge, squash: this.settings.allowSquash, rebase: this.settings.allowRebase }[
      method
    ];
  }

  /** Merges: real commits, and the base moved by compare-and-swap. Null when the base moved meanwhile. */
  async merge(
    pull: PullState,
    options: { method: MergeMethod; by: string; title?: string | undefined; message?: string | undefined },
  ): Promise<string | null> {
    const titles: Record<MergeMethod, string> = {
      merge: `Merge pull request #${pull.number} from ${pull.headRepository.owner}/${pull.headRef}`,
      squash: `${pull.title} (#${pull.number})`,
      rebase: "",
    };
    const sha = await makeMerge(this.bare, {
      method: options.method,
      base: pull.baseSha,
      head: pull.headSha,
      title: options.title ?? titles[options.method],
      message: options.message ?? (options.method === "merge" ? pull.title : ""),
      by: options.by,
    });
    if (sha === null || !(await this.bare.compareAndSwap(`refs/heads/${pull.baseRef}`, sha, pull.baseSha))) return null;
    pull.merged = { sha, by: options.by };
    this.close(pull);
    if (this.settings.deleteBranchOnMerge && pull.headRepository === this) {
      await this.deleteBranch(pull.headRef, pull.baseRef);
    }
    return sha;
  }

  /** Deletes a branch. With a new base the pull requests on it move there; without one they are closed. */
  async deleteBranch(branch: string, newBase?: string): Promise<boolean> {
    if ((await this.bare.commitOf(`refs/heads/${branch}`)) === null) return false;
    for (const pull of this.pulls.values()) {
      if (pull.state === "open" && pull.baseRef === branch && newBase !== undefined) pull.baseRef = newBase;
    }
    await this.bare.git(["update-ref", "-d", `refs/heads/${branch}`]);
    for (const pull of this.pulls.values()) await this.refresh(pull);
    return true;
  }
}
