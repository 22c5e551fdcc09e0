import { BulkheadError } from "../domain/error.ts";
import type { SessionFile } from "../domain/expectation.ts";
import { type BranchName, isBranchName, type WorkItemKey } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import type { ClaimOutcome, GoneOwner, Session, StartOutcome } from "../domain/session.ts";
import { refIsThere } from "../git/ref-files.ts";
import { findWorktreePlace } from "../git/worktree-place.ts";
import { type Head, readHead, readHeadFile } from "../git/worktree-state.ts";
import { ensureIgnored } from "../layout/ignore-rules.ts";
import { writeSessionFile } from "../layout/session-file.ts";
import { writeWorkers } from "../layout/worker-file.ts";
import type { Sight } from "./look.ts";
import { holderData } from "./session-row.ts";
import { settleClaimFiles, workersHere, worktreeFiles } from "./settle-files.ts";
import { decideStart, type StartPlan } from "./start-policy.ts";
import { type Workplace, worktreeCommand } from "./workplace.ts";
import { endClaimInFile, planSessionFile, readSessionFile, statesClaim } from "./worktree-expectation.ts";

export interface StartReport {
  readonly session: Session & { readonly item: WorkItemKey };
  /** Whether the claim is new; otherwise the owner had it already. */
  readonly fresh: boolean;
  readonly tookOver: Session | null;
  readonly switchedFrom: WorkItemKey | null;
  /** Live sessions of other owners at this terminal. */
  readonly others: readonly Session[];
  readonly file: SessionFile;
  /** Null when detached, which only a claim that stands already may be. */
  readonly branch: BranchName | null;
  readonly onBase: boolean;
}

/** How often the facts are gathered again when another session gets in between looking and claiming. */
const ATTEMPTS = 3;

/**
 * Starts this terminal's session on an item: looks, decides, claims, and writes the worktree's session file.
 * @throws BulkheadError `GATE_MULTI_SESSION_CLAIM_CONFLICT`, `CONFLICT`, `WORKTREE_IN_USE`, `SESSION_NEEDS_BRANCH`,
 * `UNBORN_BRANCH`, `EXPECTATION_INVALID`, `START_RACED`: nothing was changed; `SESSION_FILE_NOT_WRITTEN`: it is claimed
 */
export async function startSession(
  place: Workplace,
  item: WorkItemKey,
  { share, move: moves = false }: { readonly share: boolean; readonly move?: boolean },
): Promise<StartReport> {
  const existing = readSessionFile(place);
  const head = await readStanding(place);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { sessions, gone, lives } = await place.look({ vouch: true });
    const plan = decideStart({
      item,
      owner: place.owner,
      worktree: place.topLevel,
      sessions,
      gone,
      share,
      move: moves,
    });
    if (plan.kind === "refuse") throw refusal(item, plan, lives);
    if (plan.kind !== "already") requireBranch(head);
    const outcome = await act(place, item, plan, { branch: branchOf(head), gone, share });
    if (outcome.kind === "claimed") return finish(place, outcome, { plan, existing, head, sessions });
  }
  throw new BulkheadError("START_RACED", { sd_id: item });
}

/** Carries the plan out. The store checks everything again; where it disagrees, the facts have changed meanwhile. */
async function act(
  place: Workplace,
  item: WorkItemKey,
  plan: Exclude<StartPlan, { kind: "refuse" }>,
  facts: { branch: BranchName | null; gone: readonly GoneOwner[]; share: boolean },
): Promise<StartOutcome> {
  const { store, owner, hostname, topLevel } = place;
  const { branch, gone, share } = facts;
  if (plan.kind === "move") return move(place, item, plan, branch);
  if (plan.session === null) {
    const codebase = await place.codebase();
    return store.registerAndClaim({ owner, hostname, worktree: topLevel, branch, codebase }, item, { gone, share });
  }
  // A conversation may have come back in another process: its life is now the session's.
  await store.updateHeartbeat(plan.session.id, branch, owner.process === null ? undefined : owner);
  return store.claim(plan.session.id, item, gone);
}

/** The claim comes along in one step of the epoch; where it was nobody is at work any more. */
async function move(
  { store, owner, hostname, topLevel: worktree, codebase: nameOf }: Workplace,
  item: WorkItemKey,
  { session, from }: Extract<StartPlan, { kind: "move" }>,
  branch: BranchName | null,
): Promise<StartOutcome> {
  const codebase = await nameOf();
  const taker = session ?? (await store.register({ owner, hostname, worktree, branch, codebase })).session;
  const outcome = await store.handOver(from.id, taker.id, item);
  if (outcome.kind !== "claimed") {
    if (session === null) await store.endSession(taker.id, "graceful_exit");
    return { kind: "already_claimed", holder: from };
  }
  await store.endSession(from.id, "graceful_exit");
  const left = findWorktreePlace(from.worktree);
  if (left?.topLevel === from.worktree) {
    const linked = left.gitDir !== left.commonDir;
    endClaimInFile({ ...left, linked }, from, { session: true, othersHere: false });
    writeWorkers(left.gitDir, []);
  }
  return outcome;
}

async function finish(
  place: Workplace,
  outcome: Extract<ClaimOutcome, { kind: "claimed" }>,
  { plan, existing, head, sessions }: Looked,
): Promise<StartReport> {
  const { session, fresh, tookOver, switchedFrom } = outcome;
  const { item } = session;
  if (item === null) throw new Error(`the claimed session ${session.id} has no item`);
  const branch = branchOf(head);
  const claimed = { ...session, item };
  const mainTop = await place.mainTop();
  const file = writeClaim(place, { claimed, fresh, existing, branch, mainTop, sessions });
  if (fresh) settleClaimFiles(worktreeFiles(place.commonDir, mainTop), [claimed]);
  const onBase = branch !== null && branch === (await place.base())?.branch;
  const others = plan.kind === "claim" || plan.kind === "move" ? plan.others : [];
  return { session: claimed, fresh, tookOver, switchedFrom, others, file, branch, onBase };
}

/** What was there when the claim was made. */
interface Looked {
  readonly plan: StartPlan;
  readonly existing: SessionFile | null;
  readonly head: Standing;
  readonly sessions: readonly Session[];
}

interface ClaimToWrite {
  readonly sessions: readonly Session[];
  readonly claimed: Session & { readonly item: WorkItemKey };
  readonly fresh: boolean;
  readonly existing: SessionFile | null;
  readonly branch: BranchName | null;
  readonly mainTop: string;
}

/** The claim stands by now: whatever fails here is said to be unfinished, and another `start` finishes it. */
function writeClaim(place: Workplace, claim: ClaimToWrite): SessionFile {
  const { claimed, fresh, existing, branch, mainTop, sessions } = claim;
  const expected = branch ?? existing?.expectedBranch;
  if (expected === undefined) throw new BulkheadError("SESSION_NEEDS_BRANCH", { sha: "HEAD" });
  const file = planSessionFile({
    existing,
    linked: place.linked,
    fresh,
    branch: expected,
    session: claimed,
    hostname: place.hostname,
    mainTop,
    now: claimed.claimedAt ?? claimed.createdAt,
  });
  try {
    ensureIgnored(place.commonDir);
    if (!statesClaim(place.topLevel, file)) writeSessionFile(place, file);
    writeWorkers(place.gitDir, [...workersHere(place, sessions, claimed), claimed]);
  } catch (cause) {
    if (!(cause instanceof BulkheadError)) throw cause;
    throw new BulkheadError("SESSION_FILE_NOT_WRITTEN", { sd_id: claimed.item, reason: cause.message }, { cause });
  }
  return file;
}

function refusal(
  item: WorkItemKey,
  { code, holder }: Extract<StartPlan, { kind: "refuse" }>,
  lives: Sight["lives"],
): BulkheadError {
  const data = {
    sd_id: item,
    ...holderData(holder, lives.get(holder.id)),
    worktree_command: worktreeCommand(item),
  };
  return new BulkheadError(code, data);
}

/** What a start needs to know of `HEAD`: of a branch only that it has a commit. */
type Standing = Exclude<Head, { kind: "branch" }> | { readonly kind: "branch"; readonly branch: BranchName };

/** One process, where the files leave a doubt. */
async function readStanding({ git, gitDir, commonDir }: Workplace): Promise<Standing> {
  const file = readHeadFile(gitDir);
  const branch = file?.kind === "branch" && isBranchName(file.branch) ? file.branch : null;
  if (branch !== null && refIsThere(commonDir, branchRef(branch))) return { kind: "branch", branch };
  return readHead(git, gitDir);
}

/** A session expects a branch: a new claim needs one that has a commit. */
function requireBranch(head: Standing): void {
  if (head.kind === "unborn") throw new BulkheadError("UNBORN_BRANCH", { branch: head.branch });
  if (head.kind === "detached") throw new BulkheadError("SESSION_NEEDS_BRANCH", { sha: head.sha.slice(0, 12) });
}

function branchOf(head: Standing): BranchName | null {
  return head.kind === "detached" ? null : head.branch;
}
