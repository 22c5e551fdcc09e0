import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readText } from "../files/read-file.ts";
import { armedHere } from "../guard/armed.ts";
import { readExpectation } from "../layout/session-file.ts";
import { type Adoption, adoptWorktree } from "../worktree/adopt.ts";
import type { LinkedWorktree } from "../worktree/find-worktree.ts";
import { type Inspection, inspect, type Survey, survey } from "../worktree/inspect.ts";
import { releaseDeleted, repairAll } from "../worktree/repair.ts";
import type { WorktreeTools } from "../worktree/surroundings.ts";
import type { Clone } from "./clone.ts";
import { settleLocks } from "./worktree-locks.ts";
import { isArmed, worktreeTools } from "./worktree-tools.ts";

/** One worktree: what it is for, and how it stands. */
export interface WorktreeRow extends Partial<Inspection> {
  readonly path: string;
  /** Null when detached. */
  readonly branch: string | null;
  readonly sdKey: string | null;
  readonly session: string | null;
  readonly expected_branch: string | null;
  readonly session_file: "present" | "missing" | "invalid";
  /** Whether its directory is gone. */
  readonly prunable: boolean;
  /** Whether it is the main checkout. */
  readonly main: boolean;
  /** Sessions that have not ended, in a few words. */
  readonly sessions: readonly string[];
  /** Whether one of them is the viewer's. */
  readonly own: boolean;
  /** Whether `init` has armed the guard. */
  readonly hooks_armed: boolean;
}

/** The clone's worktrees and what each is for. */
export interface WorktreesDocument {
  readonly worktrees: readonly WorktreeRow[];
}

/** So many worktrees are looked at at a time: each is a git, which waits for the disk a little. */
const AT_ONCE = availableParallelism() + 1;

/**
 * Lists the clone's worktrees, with what stands in the way of removing each. Changes no worktree, but puts right what
 * commands that were killed, and hands, have left.
 */
export async function listWorktrees(clone: Clone): Promise<WorktreesDocument> {
  const tools = await worktreeTools(clone, {}, "once");
  await settleLocks(clone);
  await repairAll(tools);
  const worktrees = await tools.worktrees();
  const [facts, armed] = await Promise.all([survey(tools, worktrees), armedWorktrees(clone)]);
  await releaseDeleted(tools, worktrees);
  const wanted = worktrees.flatMap((worktree, i) => (worktree.bare ? [] : [{ worktree, main: i === 0 }]));
  const rows: WorktreeRow[] = [];
  const next = wanted.entries();
  const work = async () => {
    for (const [i, { worktree, main }] of next) rows[i] = await row(tools, worktree, { main, facts, armed });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { worktrees: rows };
}

interface RowFacts {
  readonly main: boolean;
  readonly facts: Survey;
  readonly armed: (gitDir: string | null, path: string) => Promise<boolean>;
}

async function row(
  tools: WorktreeTools,
  worktree: Awaited<ReturnType<Clone["worktrees"]>>[number],
  { main, facts, armed }: RowFacts,
): Promise<WorktreeRow> {
  const { path, branch, prunable, gitDir } = worktree;
  const expectation = prunable === null ? readExpectation(path) : { kind: "missing" as const };
  const content = expectation.kind === "present" ? expectation.content : null;
  const { inWords, own } = await tools.sessions.at(path);
  return {
    path,
    branch,
    // A claim that another session took over is no claim.
    sdKey: content?.claimLost === undefined ? (content?.sdKey ?? null) : null,
    session: content?.session ?? null,
    expected_branch: content?.expectedBranch ?? null,
    session_file: expectation.kind,
    prunable: prunable !== null,
    main,
    sessions: inWords,
    own,
    hooks_armed: prunable === null && (await armed(gitDir, path)),
    ...(main || gitDir === null ? {} : await inspect(tools, worktree as LinkedWorktree, facts)),
  };
}

/** Whether git would run the guard in a worktree: asked once for all that have no configuration of their own. */
async function armedWorktrees(clone: Clone): Promise<RowFacts["armed"]> {
  const { git, commonDir } = clone.repository;
  if (!isArmed(commonDir)) return async () => false;
  const { armed } = await armedHere(git.in(commonDir), commonDir);
  return async (gitDir, path) => {
    const own = gitDir === null ? null : readText(join(gitDir, "config.worktree"));
    return own !== null && /hookspath|include/i.test(own) ? (await armedHere(git.in(path), commonDir)).armed : armed;
  };
}

export type AdoptDocument = Adoption;

/** Gives this worktree its session file back. @throws BulkheadError as `adoptWorktree` */
export function adopt(clone: Clone): Promise<AdoptDocument> {
  const { worktree, mainTop, hostname, clock } = clone;
  return adoptWorktree({ ...worktree, mainTop, hostname }, clock());
}
