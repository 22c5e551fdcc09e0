/** What a session's start and end make of its worktree's `.session.json`. */
import { BulkheadError } from "../domain/error.ts";
import type { SessionFile } from "../domain/expectation.ts";
import type { BranchName, WorkItemKey } from "../domain/names.ts";
import type { Session } from "../domain/session.ts";
import { dropNotices } from "../layout/notice-file.ts";
import { readExpectation, readSessionCopy, removeSessionFile, writeSessionFile } from "../layout/session-file.ts";
import type { Workplace } from "./workplace.ts";

/**
 * The worktree's session file; its copy in the git directory, where `git clean -fdx` took the file.
 * @throws BulkheadError `EXPECTATION_INVALID` for a file that cannot be used
 */
export function readSessionFile(place: Pick<Workplace, "topLevel" | "gitDir">): SessionFile | null {
  const found = readExpectation(place.topLevel);
  if (found.kind === "invalid")
    throw new BulkheadError("EXPECTATION_INVALID", { file: found.file, fault: found.fault });
  if (found.kind === "present") return found.content;
  const copy = readSessionCopy(place.gitDir);
  return copy.kind === "present" ? copy.content : null;
}

export interface ClaimFacts {
  readonly existing: SessionFile | null;
  /** A linked worktree was made for a branch and has a name: both stay. */
  readonly linked: boolean;
  /** Whether the claim is new; the file of one that stands keeps its branch wherever it is. */
  readonly fresh: boolean;
  readonly branch: BranchName;
  readonly session: Session & { readonly item: WorkItemKey };
  readonly hostname: string;
  readonly mainTop: string;
  /** ISO 8601 */
  readonly now: string;
}

/** The session file of a claim. Pure. */
export function planSessionFile(facts: ClaimFacts): SessionFile {
  const { existing, session, branch } = facts;
  const kept = existing !== null && (facts.linked || !facts.fresh) ? existing : null;
  const { claimLost: _, ...keys } = existing ?? {};
  return {
    ...keys,
    session: kept?.session || session.item,
    expectedBranch: kept?.expectedBranch ?? branch,
    createdAt: kept?.createdAt || facts.now,
    hostname: facts.hostname,
    repoRoot: facts.mainTop.replaceAll("\\", "/"),
    sdKey: session.item,
    sessionId: session.id,
    ...(session.claimEpoch === null ? {} : { claimEpoch: session.claimEpoch }),
  };
}

/** Whether the worktree's file (not its copy, which outlives it) already says what it should about a claim. */
export function statesClaim(topLevel: string, wanted: SessionFile): boolean {
  const found = readExpectation(topLevel);
  if (found.kind !== "present" || found.content.claimLost !== undefined) return false;
  const { sessionId, sdKey, claimEpoch } = found.content;
  return sessionId === wanted.sessionId && sdKey === wanted.sdKey && claimEpoch === wanted.claimEpoch;
}

/**
 * The claim has ended: the file keeps the branch and drops the claim. When the session ends too, the main checkout
 * is nobody's again and its file goes, unless another session still works there. A file that names another session
 * is left alone.
 * @returns what became of the file
 */
export function endClaimInFile(
  place: Pick<Workplace, "topLevel" | "gitDir" | "linked">,
  session: Session,
  end: { readonly session: boolean; readonly othersHere: boolean },
): "kept" | "removed" | "untouched" {
  const found = readExpectation(place.topLevel, place.gitDir);
  if (found.kind !== "present" || found.content.sessionId !== session.id) return "untouched";
  // What was asked was about this claim.
  dropNotices(place.gitDir);
  if (end.session && !place.linked && !end.othersHere) {
    removeSessionFile(place);
    return "removed";
  }
  const { sdKey: _key, claimEpoch: _epoch, claimLost: _lost, sessionId, ...kept } = found.content;
  writeSessionFile(place, end.session || sessionId === undefined ? kept : { ...kept, sessionId });
  return "kept";
}
