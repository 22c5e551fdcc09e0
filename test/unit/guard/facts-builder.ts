import type { Expectation, SessionFile } from "../../../src/domain/expectation.ts";
import { parseBranchName } from "../../../src/domain/names.ts";
import type { GuardVerdict } from "../../../src/guard/decide.ts";
import type { ChangeEvidence, GuardFacts, GuardHead, RefChange } from "../../../src/guard/facts.ts";

export const SHA = { old: "1".repeat(40), new: "2".repeat(40), other: "3".repeat(40), zero: "0".repeat(40) } as const;

/** What a worktree's file says: that it expects the branch. */
export function expecting(branch: string, more: Partial<SessionFile> = {}): Expectation {
  const content = { session: "s", expectedBranch: parseBranchName(branch), createdAt: "", hostname: "", repoRoot: "" };
  return { kind: "present", file: ".session.json", content: { ...content, ...more } };
}

export function on(branch: string): GuardHead {
  return { kind: "branch", branch };
}

export function detached(more: Partial<Extract<GuardHead, { kind: "detached" }>> = {}): GuardHead {
  return { kind: "detached", sha: SHA.old, rebasing: null, bisectFrom: null, ...more };
}

/** Facts of a linked worktree whose session is on its branch `feat/x`, about to commit. */
export function facts(more: Partial<GuardFacts> = {}): GuardFacts {
  return {
    hook: "pre-commit",
    hookArguments: [],
    linked: true,
    topLevel: "/home/ada/tree",
    expectedExists: true,
    expectation: expecting("feat/x"),
    head: on("feat/x"),
    unused: false,
    unborn: false,
    protect: [],
    requireSession: false,
    skip: false,
    allowUnknown: false,
    reflogAction: "",
    changes: [],
    evidence: {},
    others: [],
    abortTargets: [],
    ...more,
  };
}

/** A line of a transaction that moves `refs/heads/<branch>` from `old` to `new`, unless told otherwise. */
export function moving(branch: string, more: Partial<RefChange> = {}): RefChange {
  return { ref: `refs/heads/${branch}`, oldValue: SHA.old, newValue: SHA.new, present: SHA.old, ...more };
}

export function transaction(changes: RefChange[], more: Partial<GuardFacts> = {}): GuardFacts {
  return facts({ hook: "reference-transaction", hookArguments: ["prepared"], changes, ...more });
}

export function evidence(branch: string, more: Partial<ChangeEvidence>): Pick<GuardFacts, "evidence"> {
  const none = {
    pruning: false,
    renaming: false,
    fastForward: false,
    heldByRemote: false,
    fetched: [],
    known: false,
  };
  return { evidence: { [branch === "HEAD" ? branch : `refs/heads/${branch}`]: { ...none, ...more } } };
}

/** `allow`, or the code of the refusal. */
export function said(verdict: GuardVerdict): string {
  return verdict.kind === "allow" ? "allow" : verdict.code;
}
