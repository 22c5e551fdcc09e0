import type { ErrorArguments, ErrorCode, ErrorData } from "../domain/error.ts";
import { branchName, HEADS, OWN_REFS } from "../domain/ref-names.ts";
import type { GuardFacts, OtherSession, PushedRef, RefChange } from "./facts.ts";
import { isProtected } from "./protect.ts";

/** What the guard says. `refuse` names a code of the error table, which holds the text. */
export type GuardVerdict =
  | { readonly kind: "allow" }
  | { readonly kind: "refuse"; readonly code: ErrorCode; readonly data: ErrorData };

const ALLOW: GuardVerdict = { kind: "allow" };

/** A refusal with the data that its text needs. */
function refuse<C extends ErrorCode>(code: C, ...rest: ErrorArguments<C>): GuardVerdict {
  const [data = {}] = rest as readonly [ErrorData?, ErrorOptions?];
  return { kind: "refuse", code, data };
}

/** Decides what a hook may let pass. Pure: same facts, same verdict; the bypass is applied by the caller. */
export function decideGuard(facts: GuardFacts): GuardVerdict {
  switch (facts.hook) {
    case "reference-transaction":
      return decideTransaction(facts);
    case "pre-rebase":
      return decideRebase(facts);
    case "pre-commit":
    case "pre-merge-commit":
    case "applypatch-msg":
      return first(
        () => decideHead(facts),
        () => decideCommit(facts),
      );
    default:
      return ALLOW;
  }
}

/** The first refusal of several rules, tried in order. */
function first(...rules: (() => GuardVerdict)[]): GuardVerdict {
  for (const rule of rules) {
    const verdict = rule();
    if (verdict.kind === "refuse") return verdict;
  }
  return ALLOW;
}

/** The rule itself: may what `HEAD` stands on take commits in this worktree? */
export function decideHead(facts: GuardFacts): GuardVerdict {
  const { expectation, head } = facts;
  if (expectation.kind === "invalid") {
    const branch = head.kind === "branch" ? head.branch : undefined;
    return refuse("EXPECTATION_INVALID", { file: expectation.file, fault: expectation.fault, branch });
  }
  if (expectation.kind === "missing") return decideWithoutExpectation(facts);
  const { content, file } = expectation;
  const expected = content.expectedBranch;
  const lost = decideLostClaim(facts);
  if (lost.kind === "refuse") return lost;
  if (head.kind === "branch") {
    return head.branch === expected
      ? ALLOW
      : refuse("BRANCH_MISMATCH", { expected, actual: head.branch, file, expectedExists: facts.expectedExists });
  }
  if (head.rebasing === expected) return ALLOW;
  if (head.bisectFrom === expected) return refuse("COMMIT_DURING_BISECT", { expected });
  return refuse("DETACHED_HEAD", {
    expected,
    sha: head.sha.slice(0, 12),
    file,
    expectedExists: facts.expectedExists,
  });
}

/** Somebody else holds the work item now: what this session adds would collide with theirs. */
function decideLostClaim({ expectation }: GuardFacts): GuardVerdict {
  if (expectation.kind !== "present" || expectation.content.claimLost === undefined) return ALLOW;
  const { claimLost, sdKey, expectedBranch } = expectation.content;
  return refuse("CLAIM_LOST", { by: claimLost.by, at: claimLost.at, item: sdKey, expected: expectedBranch });
}

function decideWithoutExpectation(facts: GuardFacts): GuardVerdict {
  // A bare repository has no worktree that a session could be in.
  if (facts.allowUnknown || facts.topLevel === "") return ALLOW;
  if (facts.linked && facts.head.kind === "branch" && facts.unused) return ALLOW;
  if (facts.linked) {
    return refuse("EXPECTATION_MISSING", { worktree: facts.topLevel, detached: facts.head.kind === "detached" });
  }
  return facts.requireSession ? refuse("SESSION_REQUIRED", { worktree: facts.topLevel }) : ALLOW;
}

/** A commit needs a branch that is nobody else's and not protected (the first one of an unborn branch is allowed). */
function decideCommit(facts: GuardFacts): GuardVerdict {
  const branch = currentBranch(facts);
  if (branch === null) return ALLOW;
  return first(
    () => decideOtherSession(branch, false, facts),
    () => (!facts.unborn && isProtected(branch, facts.protect) ? refuse("PROTECTED_BRANCH", { branch }) : ALLOW),
  );
}

/** The branch that commits made now will end up on. */
function currentBranch({ head }: GuardFacts): string | null {
  return head.kind === "branch" ? head.branch : head.rebasing;
}

/** `git rebase <upstream> <branch>` checks <branch> out first: then that one counts. */
function decideRebase(facts: GuardFacts): GuardVerdict {
  const named = facts.hookArguments[1];
  if (named === undefined || named === "")
    return first(
      () => decideHead(facts),
      () => decideCommit(facts),
    );
  const branch = branchName(named);
  const there: GuardFacts = { ...facts, head: { kind: "branch", branch }, unborn: false };
  return first(
    () => decideHead(there),
    () => decideCommit(there),
  );
}

function decideTransaction(facts: GuardFacts): GuardVerdict {
  const branches = facts.changes.filter((change) => change.ref.startsWith(HEADS));
  for (const change of branches) {
    const verdict = decideBranchChange(change, facts);
    if (verdict.kind === "refuse") return verdict;
  }
  const merging = /^(merge|pull)/.test(facts.reflogAction) && facts.changes.some(({ ref }) => ref === "ORIG_HEAD");
  if (merging) return decideHead(facts);
  return first(...facts.changes.map((change) => () => decideHeadMove(change, facts)));
}

/** Whether what is not known yet of a change could excuse it. */
export function needsEvidence(change: RefChange, facts: GuardFacts): boolean {
  const rule = change.ref.startsWith(HEADS) ? decideBranchChange : decideHeadMove;
  return rule(change, facts).kind === "refuse";
}

/**
 * HEAD moves. On a branch it is only the shadow of that branch's line, or about to be detached; a checkout or bisect
 * goes where it likes; a commit needs the right place.
 */
function decideHeadMove(change: RefChange, facts: GuardFacts): GuardVerdict {
  if (change.ref !== "HEAD" || facts.head.kind === "branch") return ALLOW;
  if (change.newValue.startsWith("ref:") || /^0+$/.test(change.newValue)) return ALLOW;
  // git leaves the old value out when it checks something out, and never when it commits.
  if (/^0+$/.test(change.oldValue) || change.newValue === facts.head.sha) return ALLOW;
  return facts.evidence[change.ref]?.known ? ALLOW : decideHead(facts);
}

function decideBranchChange(change: RefChange, facts: GuardFacts): GuardVerdict {
  const branch = change.ref.slice(HEADS.length);
  const deleted = /^0+$/.test(change.newValue);
  const evidence = facts.evidence[change.ref];
  const own = currentBranch(facts) === branch;
  if (change.present === change.newValue || (deleted && change.present === null)) return ALLOW;
  // Before anything that could refuse it: an `--abort` also brings back a branch that is gone.
  if (own && facts.abortTargets.includes(change.newValue)) return ALLOW;
  if (change.present === null) return own ? decideHead(facts) : ALLOW;
  if (deleted && evidence?.pruning) return ALLOW;
  // The branch that is checked out goes only by being renamed: the way back for one that was renamed away.
  if (own && deleted && facts.expectation.kind === "present" && !facts.expectedExists) return ALLOW;
  const follows = !deleted && evidence !== undefined && evidence.fastForward && evidence.heldByRemote;
  // The base follows its remote wherever nobody is on it: that is how `fetch` and `ship` bring it up to date.
  if (follows && !own) return ALLOW;
  return first(
    () => (isTakenAlong(branch, facts) && evidence?.renaming ? ALLOW : decideOtherSession(branch, deleted, facts)),
    () => (isProtected(branch, facts.protect) && !follows ? refuse("PROTECTED_BRANCH", { branch }) : ALLOW),
    () => decideHead(facts),
  );
}

/** Whether every session that expects the branch is on it, and so follows when it is renamed. */
function isTakenAlong(branch: string, { others }: GuardFacts): boolean {
  return others.every((other) => other.branch !== branch || other.there);
}

/** A branch that another worktree's session expects is that session's alone. */
function decideOtherSession(branch: string, deleted: boolean, facts: GuardFacts): GuardVerdict {
  const other = otherSessionOn(branch, facts);
  if (other === null) return ALLOW;
  return refuse("BRANCH_OF_OTHER_SESSION", { branch, worktree: other.worktree, session: other.session, deleted });
}

function otherSessionOn(branch: string, facts: GuardFacts): OtherSession | null {
  if (expectedOf(facts) === branch) return null;
  return facts.others.find((session) => session.branch === branch) ?? null;
}

/** The branch that this worktree's session expects; null without one. */
export function expectedOf({ expectation }: Pick<GuardFacts, "expectation">): string | null {
  return expectation.kind === "present" ? expectation.content.expectedBranch : null;
}

/** Decides a push by the refs that are pushed, not by `HEAD`. Pure. */
export function decidePush(pushed: readonly PushedRef[], facts: GuardFacts): GuardVerdict {
  return first(...pushed.map((ref) => () => decidePushedRef(ref, facts)));
}

function decidePushedRef(pushed: PushedRef, facts: GuardFacts): GuardVerdict {
  const deleted = /^0+$/.test(pushed.localSha);
  if (pushed.localRef.startsWith(OWN_REFS) && !deleted) return refuse("PUSH_OF_OWN_REFS", { ref: pushed.localRef });
  if (!pushed.remoteRef.startsWith(HEADS)) return ALLOW;
  const branch = pushed.remoteRef.slice(HEADS.length);
  if (isProtected(branch, facts.protect)) return refuse("PUSH_TO_PROTECTED", { branch });
  const lost = decideLostClaim(facts);
  if (lost.kind === "refuse" && expectedOf(facts) === branch) return lost;
  if (pushed.fastForward && !deleted) return ALLOW;
  const other = otherSessionOn(branch, facts);
  if (other === null) return ALLOW;
  return refuse("PUSH_OVER_OTHER_SESSION", { branch, worktree: other.worktree, session: other.session, deleted });
}
