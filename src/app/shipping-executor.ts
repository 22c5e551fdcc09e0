import { parseBranchName, parseCommitSha } from "../domain/names.ts";
import type { MergeMethod } from "../github/pull-request.ts";
import { validateBranch } from "../ship/branch-validation.ts";
import type { ShipRequest } from "../ship/facts.ts";
import { observeLocal } from "../ship/observe.ts";
import { refusalError } from "../ship/refusal.ts";
import { type ShipDocument, shipDocument } from "../ship/result.ts";
import { type Clone, inClone } from "./clone.ts";
import { ship, shipTools } from "./ship.ts";

/** What a ship is told by a program. */
export interface ShippingContext {
  /** A directory in the worktree to ship from. */
  readonly repoPath: string;
  /** The branch that the worktree must be on; its session file says so otherwise. */
  readonly expectedBranch?: string;
  /** The pull request; that of `branch`, else of the current branch, otherwise. */
  readonly prNumber?: number;
  readonly branch?: string;
  readonly method?: MergeMethod;
  readonly keepBranch?: boolean;
  /** Deletes a branch, too, that pull requests were once merged into. */
  readonly deleteBranch?: boolean;
  /** Moves the branch's worktree into the trash, too, and ends its session. */
  readonly retire?: boolean;
  /** The commit that must be the pull request's head. */
  readonly expectedHead?: string;
  /** Pushes what is only here first, never forced. */
  readonly push?: boolean;
  /** Opens the pull request where there is none; pushes too. */
  readonly create?: { readonly title?: string; readonly body?: string; readonly draft?: boolean };
  /** How it is merged: now (the default), through the base's merge queue, or by GitHub itself once it is ready. */
  readonly via?: "merge" | "queue" | "auto";
  /** Milliseconds to wait for checks and reviews. */
  readonly waitMs?: number;
  /** The process's own unless told: tokens and `BULKHEAD_*` settings are taken from it. */
  readonly env?: NodeJS.ProcessEnv;
}

/** `bulkhead ship` for programs. Every method throws BulkheadError: a refusal has changed nothing. */
export class ShippingExecutor {
  readonly context: ShippingContext;

  constructor(context: ShippingContext) {
    this.context = context;
  }

  /**
   * Checks that the worktree is on its expected branch. Needs no network.
   * @throws BulkheadError `BRANCH_MISMATCH`, `EXPECTATION_INVALID`, `CLAIM_LOST`
   */
  async validateBranch(): Promise<void> {
    await this.#inClone(async (clone) => {
      const { repository, claim } = await shipTools(clone);
      const refusal = validateBranch(await observeLocal(repository, claim), this.#request(false));
      if (refusal !== null) throw refusalError(refusal);
    });
  }

  /** What `execute` would do. Changes nothing. */
  async plan(): Promise<ShipDocument> {
    return this.#inClone(async (clone) => shipDocument(await ship(clone, this.#request(true))));
  }

  /** Ships, and says what came of each step. A step after the merge that failed is in `steps`, not thrown. */
  async execute(): Promise<ShipDocument> {
    return this.#inClone(async (clone) => shipDocument(await ship(clone, this.#request(false))));
  }

  #inClone<T>(work: (clone: Clone) => Promise<T>): Promise<T> {
    return inClone({ directory: this.context.repoPath, env: this.context.env ?? process.env }, work);
  }

  #request(dryRun: boolean): ShipRequest {
    const { context } = this;
    const { prNumber, branch, expectedBranch, expectedHead, create } = context;
    const named = branch === undefined ? null : { branch: parseBranchName(branch) };
    const { title = null, body = null, draft = false } = create ?? {};
    return {
      target: prNumber === undefined ? named : { number: prNumber },
      expectBranch: expectedBranch === undefined ? null : parseBranchName(expectedBranch),
      expectHead: expectedHead === undefined ? null : parseCommitSha(expectedHead),
      method: context.method ?? null,
      push: context.push ?? false,
      create: create === undefined ? null : { title, body, draft },
      via: context.via ?? "merge",
      keepBranch: context.keepBranch ?? false,
      deleteBranch: context.deleteBranch ?? false,
      retire: context.retire ?? false,
      dryRun,
      waitMs: context.waitMs ?? null,
    };
  }
}
