import type { Commit, ReflogEntry } from "../domain/history.ts";
import type { ConfigValue } from "../git/config-values.ts";
import type { ListedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { HoldingRefs } from "./holding-refs.ts";
import type { Naming } from "./naming.ts";
import type { Provenance } from "./provenance.ts";
import type { Roots, WorktreeDirectory } from "./roots.ts";
import type { Sources } from "./sources.ts";

/** What a scan has seen before it judges. */
export interface Observation {
  readonly repository: Repository;
  readonly worktrees: readonly WorktreeDirectory[];
  readonly config: readonly ConfigValue[];
  readonly refs: readonly ListedRef[];
  readonly holding: HoldingRefs;
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
  /** By commit: the ref of an unknown kind that keeps it all the same. */
  readonly keptBy: ReadonlyMap<string, string>;
  /** By commit: the removed worktree that still has it, by its name in the trash. */
  readonly savedIn: ReadonlyMap<string, string>;
  readonly provenance: Provenance;
  /** Whether history is cut: a shallow clone. */
  readonly shallow: boolean;
}
