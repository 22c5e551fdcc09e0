import type { Commit } from "../domain/history.ts";
import type { Facts } from "./facts.ts";
import type { Lookup } from "./lookup.ts";

/** What tools call the stashes that they make for themselves: git's own before a rebase, lint-staged's before a commit. */
const NAMES = /^On .+: (?:autostash|lint-staged|husky|pre-commit|lefthook|git-branchless|jj|gitbutler)\b/i;
/** A commit's hooks are over within this time. */
const HOOK_SECONDS = 600;

/**
 * Whether a dropped stash was a tool's own backup. lint-staged leaves it unnamed: it is made while a commit is, so that a
 * commit on the same base follows within minutes, by the same author, and has every path that was staged. Pure.
 */
export function isToolBackup(stash: Commit, facts: Facts, lookup: Lookup): boolean {
  if (NAMES.test(stash.subject)) return true;
  const [base = "", index = ""] = stash.parents;
  const staged = facts.changes.get(index) ?? [];
  // An entry of the stash's log names what `git stash` made; `git stash create` leaves none.
  if (staged.length === 0 || facts.namings.has(stash.sha) || !stash.subject.startsWith("WIP on ")) return false;
  const [first] = staged;
  return (lookup.byPath.get(first?.path ?? "") ?? []).some((commit) => {
    const after = commit.commitTime - stash.commitTime;
    if (commit.parents[0] !== base || commit.authorEmail !== stash.authorEmail) return false;
    if (after < 0 || after > HOOK_SECONDS) return false;
    const paths = new Set(lookup.changesOf(commit.sha).map(({ path }) => path));
    return staged.every(({ path }) => paths.has(path));
  });
}
