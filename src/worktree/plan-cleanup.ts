/** Whether a worktree may go. Pure: same facts, same answer. */
import type { Content } from "./content.ts";
import type { Occupant } from "./occupants.ts";

/** What came of a clean-up, in the words of the operators' handbook. */
export type CleanupReason =
  | "success"
  | "worktree_not_found"
  | "dirty_worktree"
  | "unpushed_commits"
  | "in_use"
  | "removal_incomplete";

export interface CleanupFacts {
  /** Null where its directory is gone: then nothing is left in it. */
  readonly content: Content | null;
  /** Live sessions of others at work in it, in words. */
  readonly sessions: readonly string[];
  /** Processes with their current directory in it; null when the system does not tell. */
  readonly occupants: readonly Occupant[] | null;
  /** Why somebody other than Bulkhead has locked it; null when nobody has. */
  readonly lock: string | null;
  /** What must never be moved: other worktrees or the clone itself inside of it. */
  readonly nested: readonly string[];
  readonly force: boolean;
}

export type CleanupPlan =
  | { readonly kind: "remove"; readonly onlyCopy: readonly string[] }
  | {
      readonly kind: "refuse";
      readonly reason: Exclude<CleanupReason, "success" | "removal_incomplete" | "worktree_not_found">;
      readonly details: readonly string[];
      /** Whether `--force` would save it and go on. */
      readonly forcible: boolean;
    };

export function planCleanup(facts: CleanupFacts): CleanupPlan {
  const { content, force, nested } = facts;
  const inUse = usersOf(facts);
  const refuse = (
    reason: "dirty_worktree" | "unpushed_commits" | "in_use",
    details: readonly string[],
  ): CleanupPlan => ({
    kind: "refuse",
    reason,
    details,
    forcible: nested.length === 0,
  });
  if (nested.length > 0)
    return refuse(
      "in_use",
      nested.map((path) => `it holds ${path}`),
    );
  const [dirty, unpushed] = content === null ? [[], []] : [changesOf(content), commitsOf(content)];
  if (force) return { kind: "remove", onlyCopy: [...dirty, ...unpushed] };
  if (inUse.length > 0) return refuse("in_use", inUse);
  if (dirty.length > 0) return refuse("dirty_worktree", dirty);
  if (unpushed.length > 0) return refuse("unpushed_commits", unpushed);
  return { kind: "remove", onlyCopy: [] };
}

function usersOf({ sessions, occupants, lock }: CleanupFacts): string[] {
  return [
    ...sessions,
    ...(occupants ?? []).map(({ pid, name }) => `process ${pid} (${name}) is in it`),
    ...(lock === null ? [] : [`it is locked${lock === "" ? "" : `: ${lock}`}`]),
  ];
}

/** Whether its files alone keep it from being removed. */
export function isDirty(content: Content): boolean {
  return changesOf(content).length > 0;
}

function changesOf({ changed, untracked, unique, submodules, operation, head }: Content): string[] {
  return [
    ...(head === null ? ["its HEAD cannot be read"] : []),
    ...(operation === null ? [] : [`a ${operation.kind} is in progress`]),
    ...counted(changed, "changed file"),
    ...counted(untracked, "untracked file"),
    ...counted(unique, "ignored file that is nowhere else", "ignored files that are nowhere else"),
    ...counted(submodules, "submodule with work of its own", "submodules with work of their own"),
  ];
}

function commitsOf({ unpushed, head }: Content): string[] {
  if (unpushed === 0) return [];
  const where = head?.kind === "detached" ? " on no branch" : "";
  return [`${unpushed} commit${unpushed === 1 ? "" : "s"}${where} that no remote has and the base does not hold`];
}

/** How many there are, and the first few by name. */
function counted(paths: readonly string[], one: string, several = `${one}s`): string[] {
  if (paths.length === 0) return [];
  const shown = paths.slice(0, 3).join(", ");
  const more = paths.length > 3 ? ", …" : "";
  return [`${paths.length} ${paths.length === 1 ? one : several} (${shown}${more})`];
}
