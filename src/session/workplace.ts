import { typed } from "../domain/invocation.ts";
import type { WorkItemKey } from "../domain/names.ts";
import type { Owner } from "../domain/session.ts";
import type { BaseBranch } from "../git/base-branch.ts";
import type { Git } from "../git/git.ts";
import type { SessionStore } from "../store/session-store.ts";
import type { LookOptions, Sight } from "./look.ts";

/** Everything that a session command works with: where it runs, who runs it, and the store. */
export interface Workplace {
  readonly git: Git;
  /** Top directory of the worktree. */
  readonly topLevel: string;
  readonly gitDir: string;
  readonly commonDir: string;
  /** Whether this is a linked worktree. */
  readonly linked: boolean;
  /** Top directory of the main checkout. */
  readonly mainTop: () => Promise<string>;
  /** The branch that work merges into; null when nothing tells. */
  readonly base: () => Promise<BaseBranch | null>;
  /** Short name of the repository, for people. */
  readonly codebase: () => Promise<string>;
  readonly hostname: string;
  readonly owner: Owner;
  readonly store: SessionStore;
  /** The sessions as they are now, with what this machine sees of them. */
  look(options?: LookOptions): Promise<Sight>;
}

/** The command that gives an item a worktree of its own, with a session in it. */
export function worktreeCommand(item: WorkItemKey): string {
  return typed(`worktree ${item} --start`);
}
