/** What the worktree features work with: the clone, and what they take from other features. */
import type { CommitSha, WorkItemKey } from "../domain/names.ts";
import type { BaseBranch } from "../git/base-branch.ts";
import type { Git } from "../git/git.ts";
import type { WorktreeState } from "../git/worktree-state.ts";
import type { ExclusiveTools } from "./exclusive.ts";

/** Sessions, as far as worktrees are concerned. */
export interface WorktreeSessions {
  /** Live sessions of others at work in a worktree, each in a few words. */
  others(path: string): Promise<string[]>;
  /** Sessions at work in a worktree, with their health, and whether one is the viewer's. */
  at(path: string): Promise<{ readonly inWords: readonly string[]; readonly own: boolean }>;
  /** The item that a session claims which works in a worktree; null for none. */
  claimed(path: string): Promise<WorkItemKey | null>;
  /** Worktrees of this machine in which sessions that have not ended are. */
  places(): Promise<readonly string[]>;
  /** Ends every session of a worktree. @returns the item that one of them held */
  end(path: string): Promise<WorkItemKey | null>;
}

export interface WorktreeTools extends ExclusiveTools {
  /** git in the main checkout, or in the git directory where there is none. */
  readonly git: Git;
  /** git where the command was started: names such as `HEAD` mean what they mean there. */
  readonly here: Git;
  /** The same, not ended when the command is called off: for taking back what was begun. */
  readonly steadyGit: Git;
  readonly env: NodeJS.ProcessEnv;
  readonly hostname: string;
  /** Top of the main checkout; null where the clone has none. */
  readonly mainTop: string | null;
  /** The directory that holds the clone's worktrees. */
  readonly root: string;
  readonly remote: string;
  /** Whether the remote is configured. */
  readonly hasRemote: boolean;
  readonly base: () => Promise<BaseBranch | null>;
  /** Where the base is; null when nothing tells. */
  readonly baseSha: () => Promise<CommitSha | null>;
  readonly worktrees: () => Promise<readonly WorktreeState[]>;
  readonly isDisposable: (path: string) => boolean;
  readonly sessions: WorktreeSessions;
  /** Saves what is uncommitted in a worktree before its files are touched. Its faults are its own to note. */
  readonly saveWork: (worktree: string, act: string) => Promise<void>;
  readonly note: (line: string) => void;
}
