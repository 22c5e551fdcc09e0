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
  /** In the base's queue, and how many reads it is away from being merged; negative: the queue gives it back. */
  queued: { readonly by: string; reads: number } | null;
  /** Merged by the service once it is ready. */
  autoMerge: { readonly method: MergeMethod; readonly by: string } | null;
}

export interface CheckState {
  readonly name: string;
  /** A check run of an app, or a commit status of the older API. */
  readonly kind: "run" | "status";
  conclusion: "success" | "failure" | "neutral" | "skipped" | "cancelled";
  /** How many more reads show it as still running. */
  pendingReads: number;
  /** Which app ran it, and when. */
  readonly app?: string;
  readonly startedAt?: string;
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
  /** No merge commits. */
  readonly linearHistory?: boolean;
  /** Only signed commits. */
  readonly signatures?: boolean;
  /** The branch cannot be deleted. */
  readonly noDeletion?: boolean;
}

export interface RepositorySettings {
  defaultBranch: string;
  private: boolean;
  allowMerge: boolean;
  allowSquash: boolean;
  allowRebase: boolean;
  deleteBranchOnMerge: boolean;
  allowAutoMerge: boolean;
}

/** A merge in the background. */
export interface AsyncMergeState {
  readonly pull: PullState;
  readonly method: MergeMethod;
  readonly sha: string | null;
  readonly by: string;
  reads: number;
  result: { readonly status: "merged" | "failed" | "enqueued"; readonly sha?: string; readonly message: string } | null;
}

/** What stands between a pull request and its merge, in the service's own words. */
export type Mergeability =
  | { readonly state: "clean" | "unstable" }
  | { readonly state: "draft" | "dirty" | "behind" | "blocked" | "unknown"; readonly why: string };

const QUEUE_ONLY = "Changes must be made through the merge queue";

/** One repository of the double: a real bare repository, and what the service keeps beside it. */
export class DoubleRepository {
  owner: string;
  name: string;
  /** The name under which it was made: where it lies. */
  readonly home: string;
  readonly id: number;
  readonly bare: BareRepository;
  readonly cloneUrl: string;
  readonly forkOf: DoubleRepository | null;
  readonly forks: DoubleRepository[] = [];
  readonly settings: RepositorySettings = {
    defaultBranch: "main",
    private: true,
    allowMerge: true,
    allowSquash: true,
    allowRebase: true,
    deleteBranchOnMerge: false,
    allowAutoMerge: true,
  };
  /** Reads until the queue has merged what is in it; negative: it gives it back. */
  queueReads = 2;
  /** Whether merges go through the background, and how many reads one takes; null: the server knows no such thing. */
  asyncMergeReads: number | null = null;
  readonly asyncMerges = new Map<string, AsyncMergeState>();
  /** Stacks that the service knows, each bottom first. */
  readonly stacks: number[][] = [];
  readonly #refreshing = new Map<PullState, Promise<void>>();
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
    this.home = `${at.owner}/${at.name}`;
    this.id = at.id;
    this.bare = at.bare;
    this.cloneUrl = at.cloneUrl;
    this.forkOf = forkOf ?? null;
    forkOf?.forks.push(this);
  }

  rename(owner: string, name: string): void {
    this.owner = owner;
    this.name = name;
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
      queued: null,
      autoMerge: null,
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
    // Several looks at once are one: two fetches of the same head would stand in each other's way.
    const going = this.#refreshing.get(pull) ?? this.#bringUp(pull).finally(() => this.#refreshing.delete(pull));
    this.#refreshing.set(pull, going);
    await going;
  }

  async #bringUp(pull: PullState): Promise<void> {
    if (pull.autoMerge !== null && "why" in (await this.mergeability(pull)) === false) {
      await this.merge(pull, pull.autoMerge);
      return;
    }
    const head = await pull.headRepository.bare.commitOf(`refs/heads/${pull.headRef}`);
    const base = await this.bare.commitOf(`refs/heads/${pull.baseRef}`);
    if (base !== null) pull.baseSha = base;
    if (head === null || base === null) this.close(pull);
    else if (head !== pull.headSha) {
      // First the commits, then their name: another look may come between.
      await this.#keepHead(pull);
      pull.headSha = head;
      pull.approvals.length = 0;
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
    const missing = this.#unmetDemand(pull, demands) ?? (demands?.mergeQueue ? QUEUE_ONLY : null);
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
      // The newest run of a name is what counts.
      const check = checks
        .filter((c) => c.name === name)
        .sort((a, b) => (b.startedAt ?? "").localeCompare(a.startedAt ?? ""))[0];
      if (check === undefined) return `Required status check "${name}" is expected.`;
      if (check.pendingReads > 0) return `Required status check "${name}" is in progress.`;
      if (check.conclusion === "failure" || check.conclusion === "cancelled")
        return `Required status check "${name}" is failing.`;
    }
    const approvals = demands?.requiredApprovals ?? 0;
    if (pull.approvals.length < approvals) {
      return `At least ${approvals} approving review is required by reviewers with write access.`;
    }
    return null;
  }

  /** GitHub's own id of a pull request. */
  nodeId(pull: PullState): string {
    return `PR_${this.fullName}/pulls/${pull.number}`;
  }

  /** Puts a pull request into the queue of its base. */
  enqueue(pull: PullState, by: string): void {
    pull.queued ??= { by, reads: this.queueReads };
  }

  /** The queue moves on with each look at it. */
  async readQueue(pull: PullState): Promise<{ state: string; position: number } | null> {
    if (pull.queued === null) return null;
    if (pull.queued.reads-- > 0) return { state: "AWAITING_CHECKS", position: 1 };
    const { by, reads } = pull.queued;
    pull.queued = null;
    if (reads === -1 && this.#unmetDemand(pull, this.demands.get(pull.baseRef)) === null) {
      await this.merge(pull, { method: "merge", by });
    }
    return null;
  }

  /** Opens a pull request that takes another one back. */
  async openRevert(pull: PullState, by: string): Promise<PullState> {
    const head = `revert-${pull.number}-${pull.headRef}`;
    const tip = await this.bare.commitOf(`refs/heads/${pull.baseRef}`);
    const commit = await this.bare.git(
      ["commit-tree", `${pull.baseSha}^{tree}`, "-p", tip ?? "", "-m", `Revert "${pull.title}"`],
      {
        GIT_AUTHOR_NAME: by,
        GIT_AUTHOR_EMAIL: `${by}@example.test`,
        GIT_COMMITTER_NAME: by,
        GIT_COMMITTER_EMAIL: "x@example.test",
      },
    );
    await this.bare.git(["update-ref", `refs/heads/${head}`, commit]);
    return this.openPull({ head, base: pull.baseRef, title: `Revert "${pull.title}"`, author: by });
  }

  /** Carries a merge in the background on by one look. A stack lands whole, or not at all. */
  async readAsyncMerge(state: AsyncMergeState): Promise<void> {
    if (state.result !== null || state.reads-- > 0) return;
    const { pull, method, by } = state;
    if (state.sha !== null && state.sha !== pull.headSha) {
      state.result = { status: "failed", message: "Head SHA does not match the expected head SHA" };
      return;
    }
    const stack = this.stacks.find((numbers) => numbers.includes(pull.number)) ?? [pull.number];
    const landing = stack
      .slice(0, stack.indexOf(pull.number) + 1)
      .flatMap((number) => this.pulls.get(number) ?? [])
      .filter(({ state: open }) => open === "open");
    const bottom = landing[0]?.baseRef ?? pull.baseRef;
    for (const one of landing) {
      await this.refresh(one);
      const mergeability = await this.mergeability(one);
      if (!this.allows(method) || "why" in mergeability) {
        const message =
          "why" in mergeability ? mergeability.why : `${method} merges are not allowed on this repository.`;
        state.result = { status: "failed", message };
        return;
      }
    }
    let sha = "";
    for (const one of landing) {
      one.baseRef = bottom;
      one.baseSha = (await this.bare.commitOf(`refs/heads/${bottom}`)) ?? one.baseSha;
      sha = (await this.merge(one, { method, by })) ?? sha;
    }
    state.result = { status: "merged", sha, message: "Pull request was merged." };
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
