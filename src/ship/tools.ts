import type { BranchName, CommitSha } from "../domain/names.ts";
import type { Repository } from "../git/repository.ts";
import type { GitHub } from "../github/github.ts";
import type { ProcessProbe } from "./lock.ts";
import type { ClaimCheck } from "./observe.ts";

/** Everything that a ship works with. */
export interface ShipTools {
  readonly repository: Repository & { readonly topLevel: string };
  readonly env: NodeJS.ProcessEnv;
  readonly remote: string;
  readonly configuredBase: BranchName | null;
  readonly isProtected: (branch: BranchName) => boolean;
  /** Finds the token and connects; sends nothing yet. */
  readonly connect: () => Promise<GitHub>;
  readonly claim: ClaimCheck;
  readonly processes: ProcessProbe;
  /** Told of a merge that this ship made. Its faults are its own to note. */
  readonly shipped: (merge: ShippedMerge) => Promise<void>;
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
