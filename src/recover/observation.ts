import type { Commit, ReflogEntry } from "../domain/history.ts";
import type { Repository } from "../git/repository.ts";
import type { Naming } from "./naming.ts";
import type { Roots, WorktreeDirectory } from "./roots.ts";
import type { Sources } from "./sources.ts";

/** What a scan has seen before it judges. */
export interface Observation {
  readonly repository: Repository;
  readonly worktrees: readonly WorktreeDirectory[];
  readonly entries: readonly ReflogEntry[];
  readonly sources: Sources;
  readonly roots: Roots;
  readonly namings: ReadonlyMap<string, Naming>;
  /** When the objects were written that no log names, in seconds since 1970. */
  readonly objectTimes: ReadonlyMap<string, number>;
  /** When each unreachable commit was last in use, in seconds since 1970, where that is known. */
  readonly seen: ReadonlyMap<string, number>;
  /** Children before parents. */
  readonly unreachable: readonly Commit[];
}
