import type { Expectation } from "../domain/expectation.ts";
import type { PushLine } from "./transaction.ts";

/** The hooks that the guard stands at. */
export const GUARD_HOOKS = [
  "pre-commit",
  "pre-merge-commit",
  "applypatch-msg",
  "pre-rebase",
  "pre-push",
  "post-checkout",
  "reference-transaction",
] as const;
export type GuardHook = (typeof GUARD_HOOKS)[number];

/** Where `HEAD` of this worktree is. Branch names without `refs/heads/`. */
export type GuardHead =
  | { readonly kind: "branch"; readonly branch: string }
  | {
      readonly kind: "detached";
      readonly sha: string;
      /** The branch that a rebase in progress will put back (its `head-name`). */
      readonly rebasing: string | null;
      /** Where `git bisect reset` will return to: a branch name or an object name. */
      readonly bisectFrom: string | null;
    };

/** Stands for a ref's value while nobody has read it: no value that git could give equals it. */
export const UNREAD = "unread";

/** One line of a ref transaction, with what the guard read itself: git's old column is often zeros. */
export interface RefChange {
  readonly ref: string;
  /** As git gave them: object names, zeros, or `ref:…`. */
  readonly oldValue: string;
  readonly newValue: string;
  /** The ref's value right now; null when it does not exist; `UNREAD` while nobody has looked. */
  readonly present: string | null;
}

/** What is known of a change of a branch, read only where the answer needs it. */
export interface ChangeEvidence {
  /** It only drops a loose file whose value is packed (gc, pack-refs): nothing is deleted. */
  readonly pruning: boolean;
  /** `git branch -m` takes its name away: nothing is deleted, and a worktree that is on it follows. */
  readonly renaming: boolean;
  /** The new value descends from the present one. */
  readonly fastForward: boolean;
  /** A remote-tracking ref holds the new value, or this is a fetch that brings it. */
  readonly heldByRemote: boolean;
  /** The branches that the running fetch brings from a remote, as patterns, where this is one of them. */
  readonly fetched: readonly string[];
  /** The new value was reachable before from a ref or a reflog: not a commit made just now. */
  readonly known: boolean;
}

/** Another worktree's session and the branch it expects. */
export interface OtherSession {
  readonly worktree: string;
  readonly session: string;
  readonly branch: string;
  /** Whether its HEAD is on that branch: then a rename takes it along, and its log tells so. */
  readonly there: boolean;
}

/** Everything that a verdict is made from. Plain data. */
export interface GuardFacts {
  readonly hook: GuardHook;
  readonly hookArguments: readonly string[];
  readonly linked: boolean;
  readonly topLevel: string;
  readonly expectation: Expectation;
  /** Whether the expected branch exists; false without an expectation. */
  readonly expectedExists: boolean;
  readonly head: GuardHead;
  /** Whether this worktree never had a session file and nobody has worked in it: `worktree add --no-checkout` runs no hook. */
  readonly unused: boolean;
  /** Whether HEAD's branch has no commit yet. */
  readonly unborn: boolean;
  readonly protect: readonly string[];
  readonly requireSession: boolean;
  /** `SKIP_BRANCH_GUARD` */
  readonly skip: boolean;
  /** `BRANCH_GUARD_ALLOW_UNKNOWN` */
  readonly allowUnknown: boolean;
  /** `GIT_REFLOG_ACTION`, which merge and pull set. */
  readonly reflogAction: string;
  readonly changes: readonly RefChange[];
  readonly evidence: Readonly<Record<string, ChangeEvidence>>;
  readonly others: readonly OtherSession[];
  /** Values that an `--abort` of the operation in progress would put the branch back to. */
  readonly abortTargets: readonly string[];
}

/** What pre-push is told of one ref, and what the guard found out. */
export interface PushedRef extends PushLine {
  /** What is pushed contains what the remote has (as far as it is known here, and asked only where a verdict hangs on it). */
  readonly fastForward: boolean;
}
