import type { Expectation } from "../../domain/expectation.ts";

/** What `init` found out about one worktree. */
export interface WorktreeFacts {
  readonly topLevel: string;
  readonly gitDir: string;
  readonly linked: boolean;
  /** The branch checked out, or being rebased; null when otherwise detached. */
  readonly branch: string | null;
  readonly expectation: Expectation;
  /** The copy in the worktree's git directory. */
  readonly copy: Expectation;
  /** A `core.hooksPath` of this worktree alone (in its `config.worktree`); null for none. */
  readonly ownHooksPath: string | null;
  /** Names of the hooks that would run here without Bulkhead. */
  readonly usedHooks: readonly string[];
}

/** A tool that manages hooks in this repository. */
export type HookManager = "husky" | "lefthook" | "pre-commit" | "custom hooks path" | "plain hooks";

/** Everything that `init` decides from. */
export interface InstallFacts {
  readonly commonDir: string;
  /** Top of the main checkout; empty in a bare repository. */
  readonly mainTop: string;
  /** The hooks path that counts without Bulkhead, as configured; empty for the clone's own `hooks`. */
  readonly chain: string;
  readonly worktrees: readonly WorktreeFacts[];
  readonly managers: readonly HookManager[];
  readonly protect: readonly string[];
  /** Those of them that the clone's config does not say yet, and shall. */
  readonly newlyProtected: readonly string[];
  readonly requireSession: boolean;
  readonly node: string;
  readonly cli: string;
  /** Yarn's Plug'n'Play loader, where `init` runs under it; else empty. */
  readonly pnp: string;
  readonly guardScript: Buffer;
  /** What `git bulkhead` starts. */
  readonly launchScript: Buffer;
  readonly guardProgram: Buffer;
  /** ISO 8601 */
  readonly now: string;
  readonly hostname: string;
  /** The package.json that npm scripts are added to; null for none. */
  readonly packageJson: string | null;
  readonly addPrepare: boolean;
  /** Hook files that stand in Bulkhead's directory now. */
  readonly armedHooks: readonly string[];
  /** Hooks of other tools that are kept in a place of ours. */
  readonly theirHooks: readonly string[];
  /** husky's own files, for worktrees that lack them; null where husky is not set up. */
  readonly huskyFiles: readonly { readonly name: string; readonly content: Buffer; readonly mode: number }[] | null;
  /** Files that are kept of husky now. */
  readonly keptHuskyFiles: readonly string[];
  /** Those of them that git would skip, because they are not executable. */
  readonly sleepingHooks: readonly string[];
  /** Present content of a file; null when there is none. */
  readonly read: (path: string) => Buffer | null;
}
