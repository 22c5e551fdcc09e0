import type { CommitSha } from "../domain/names.ts";
import type { Git } from "../git/git.ts";
import type { GitHub } from "../github/github.ts";
import type { PullDetails } from "../github/lookup.ts";
import type { PullRequest } from "../github/pull-request.ts";
import type { BasePlace } from "./base-place.ts";
import type { Journal } from "./journal.ts";
import type { SyncResult } from "./sync-base.ts";
import type { ShipTools } from "./tools.ts";

/** What the steps of one ship work with, and what they learn on the way. */
export interface Voyage {
  readonly tools: ShipTools;
  readonly git: Git;
  readonly github: GitHub;
  readonly base: BasePlace;
  readonly journal: Journal;
  /** Milliseconds that steps may wait for GitHub; null: not at all. */
  readonly waitMs: number | null;
  /** The remote through which a repository (`owner/name`; null: the base's) is pushed to: a name, or a URL. */
  readonly remoteOf: (repository: string | null) => string;
  /** Looks again, right before the merge, whether all is still as planned; throws the refusal if it is not. */
  readonly recheck: () => Promise<void>;
  /** Told when the merge has happened in this ship. */
  readonly merged: () => Promise<void>;
  /** Sleeps with the base free for other ships. */
  readonly aside: (ms: number) => Promise<void>;
  /** The pull request, as last read. Null until it is opened. */
  pull: PullRequest | null;
  details: PullDetails | null;
  mergeCommit: CommitSha | null;
  sync: SyncResult | null;
  /** The item whose claim ended with the worktree. */
  released: string | null;
}

/** The pull request of a voyage that has one. */
export function pullOfVoyage({ pull }: Pick<Voyage, "pull">): PullRequest {
  if (pull === null) throw new Error("the step needs a pull request, and there is none yet");
  return pull;
}
