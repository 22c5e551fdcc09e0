import type { Freeze } from "../domain/freeze.ts";
import type { BranchName, CommitSha } from "../domain/names.ts";
import type { Git } from "../git/git.ts";
import type { Repository } from "../git/repository.ts";
import type { GitHub } from "../github/github.ts";
import type { MergeMethod } from "../github/pull-request.ts";
import type { RemoteRepository } from "../github/remote-url.ts";
import type { ProcessProbe } from "./lock.ts";
import type { ClaimCheck } from "./observe.ts";
import type { Wiring } from "./wiring.ts";

/** Everything that a ship works with. */
export interface ShipTools {
  readonly repository: Repository & { readonly topLevel: string };
  /** git outside of every linked worktree: it still works when the one that this ship was started in has gone. */
  readonly steadyGit: Git;
  readonly env: NodeJS.ProcessEnv;
  /** The remote that settings name; null where they leave it to git's configuration. */
  readonly chosenRemote: string | null;
  readonly configuredBase: BranchName | null;
  readonly preferredMethod: MergeMethod | null;
  readonly isProtected: (branch: BranchName) => boolean;
  /** Whether a branch is one that the settings keep. */
  readonly isKept: (branch: BranchName) => boolean;
  /** What git's configuration says of remotes and branches. */
  readonly wiring: () => Promise<Wiring>;
  /** Finds the token and connects; sends nothing yet. @param remote for messages */
  readonly connect: (repository: RemoteRepository, remote: string) => Promise<GitHub>;
  readonly claim: ClaimCheck;
  /** The stop that holds for a base now; null for none. @throws BulkheadError `SHIP_FREEZE_UNKNOWN` */
  readonly freeze: (base: BranchName) => Promise<Freeze | null>;
  readonly processes: ProcessProbe;
  /** Told of a merge that this ship made. Its faults are its own to note. */
  readonly shipped: (merge: ShippedMerge) => Promise<void>;
  /** Saves what is uncommitted in a worktree before its files are touched. Its faults are its own to note. */
  readonly saveWork: (worktree: string, act: string) => Promise<void>;
  /** Live sessions that touch some of these files, in words. */
  readonly touching: (files: readonly string[]) => Promise<readonly string[]>;
  /** Removes a worktree whose branch is merged into the trash, unless something would be lost or somebody works in it. */
  readonly retire: (worktree: string, branch: BranchName, pull: number | null) => Promise<Retired>;
  /** Writes a file whole or not at all. @throws BulkheadError `FILE_FAILED` */
  readonly save: (path: string, text: string) => void;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** A line for people. */
  readonly note: (line: string) => void;
  /** A passing state, replaced by the next. */
  readonly progress: (line: string) => void;
}

/** A merge that a ship made, for the sessions' log. */
export interface ShippedMerge {
  readonly worktree: string;
  readonly pull: number;
  readonly branch: BranchName;
  readonly base: BranchName;
  readonly sha: CommitSha | null;
}

/** What came of retiring a worktree. */
export interface Retired {
  readonly retired: boolean;
  /** In words. */
  readonly detail: string;
  /** The item whose claim ended with it. */
  readonly released: string | null;
  /** What a person has to type where it stays; null where running the ship again is enough. */
  readonly byHand: string | null;
}
