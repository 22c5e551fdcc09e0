import { shortSha } from "./facts.ts";
import type { Resolved } from "./resolve-commits.ts";

/** In what form a commit comes back. */
export const RECOVERY_TARGETS = ["branch", "worktree", "stash", "files"] as const;
export type RecoveryTarget = (typeof RECOVERY_TARGETS)[number];

/** What is to be done about one commit. Plain data: the same facts give the same plan. */
export type RecoveryStep =
  | { readonly kind: "held"; readonly sha: string; readonly refs: readonly string[] }
  | {
      readonly kind: "bring_back";
      readonly sha: string;
      readonly subject: string;
      readonly to: RecoveryTarget;
      /** Whether it is a stash: then it is applied, never merged. */
      readonly stash: boolean;
      /** What it stands on that is not lost; null for nothing. */
      readonly base: string | null;
      readonly commits: number;
      /** The branch that is made; null where none is. */
      readonly branch: string | null;
      /** Where that branch starts. */
      readonly at: string;
      /** Name of the directory that is made; null where none is. */
      readonly directory: string | null;
    };

/**
 * Decides what is made for each commit. Nothing is made for one that is not lost. Pure.
 * @param taken branches `recovery/…` that are there @param now goes into names, UTC
 */
export function planRecovery(
  resolved: readonly Resolved[],
  { to, now, taken }: { to: RecoveryTarget; now: Date; taken: ReadonlySet<string> },
): RecoveryStep[] {
  const used = new Set(taken);
  return resolved.map(({ commit, holders, stash, base, commits }): RecoveryStep => {
    const { sha, subject } = commit;
    if (holders.length > 0) return { kind: "held", sha, refs: holders };
    const name = `${shortSha(sha)}-${timestamp(now)}`;
    const branch = to === "branch" || to === "worktree" ? freeName(`recovery/${name}`, used) : null;
    if (branch !== null) used.add(branch);
    return {
      ...{ kind: "bring_back", sha, subject, to, stash, base, commits, branch },
      // In a worktree a stash is applied on what it was made on: as a commit it would be a merge of its own parts.
      at: to === "worktree" && stash && base !== null ? base : sha,
      directory: to === "files" ? `recovered-${name}` : to === "worktree" ? `recovery-${name}` : null,
    };
  });
}

/** To the second: `20260131154502`. */
function timestamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace(/\D/g, "");
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}-${n}`;
  return free;
}
