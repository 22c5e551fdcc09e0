/** Full ref names: where `refs/heads/` and its like are spelt. */
import type { BranchName } from "./names.ts";

declare const brand: unique symbol;
/** A full ref name, such as `refs/heads/feat/x`. */
export type RefName = string & { readonly [brand]: "RefName" };

/** What stands before every local branch's name in its full ref. */
export const HEADS = "refs/heads/";
/** Where Bulkhead keeps refs of its own, some of which hold uncommitted work. */
export const OWN_REFS = "refs/bulkhead/";
/** The same for what remotes were seen to have. */
export const REMOTES = "refs/remotes/";

/** A local branch's full ref. Full names only: a tag may have the branch's name. */
export function branchRef(branch: BranchName): RefName {
  return `${HEADS}${branch}` as RefName;
}

/** The branch's name in its full ref, unchecked; null for any other ref. */
export function branchOfRef(ref: string): string | null {
  return ref.startsWith(HEADS) ? ref.slice(HEADS.length) : null;
}

/** The ref in which a remote's branch is tracked here. */
export function trackingRef(remote: string, branch: BranchName): RefName {
  return `${REMOTES}${remote}/${branch}` as RefName;
}

/** A branch as a person or a program may have written it: in full, or its name alone. */
export function branchName(text: string): string {
  return branchOfRef(text) ?? text;
}

/** A ref as people write it: without `refs/heads/` or `refs/remotes/`. */
export function shortRef(ref: string): string {
  return branchOfRef(ref) ?? (ref.startsWith(REMOTES) ? ref.slice(REMOTES.length) : ref);
}
