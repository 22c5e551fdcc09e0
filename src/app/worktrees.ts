import { readExpectation } from "../layout/session-file.ts";
import { type Adoption, adoptWorktree } from "../worktree/adopt.ts";
import type { LinkedWorktree } from "../worktree/find-worktree.ts";
import { type Inspection, inspect } from "../worktree/inspect.ts";
import type { WorktreeTools } from "../worktree/surroundings.ts";
import type { Clone } from "./clone.ts";
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

/** So many worktrees are looked at at a time. */
const AT_ONCE = 4;

/** Lists the clone's worktrees, with what stands in the way of removing each. Changes nothing. */
export async function listWorktrees(clone: Clone): Promise<WorktreesDocument> {
  const tools = await worktreeTools(clone);
  const listed = (await tools.worktrees()).map((worktree, i) => ({ worktree, main: i === 0 }));
  const wanted = listed.filter(({ worktree }) => !worktree.bare);
  const rows: WorktreeRow[] = [];
  const worktrees = tools.worktrees();
  const baseSha = tools.baseSha();
  // What is the same for all of them is asked once.
  const once = { ...tools, worktrees: () => worktrees, baseSha: () => baseSha };
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    rows.push(
      ...(await Promise.all(wanted.slice(i, i + AT_ONCE).map(({ worktree, main }) => row(once, worktree, main)))),
    );
  }
  return { worktrees: rows };
}

async function row(
  tools: WorktreeTools,
  worktree: Awaited<ReturnType<Clone["worktrees"]>>[number],
  main: boolean,
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
    hooks_armed: isArmed(tools.commonDir),
    ...(main || gitDir === null ? {} : await inspect(tools, worktree as LinkedWorktree)),
  };
}

export type AdoptDocument = Adoption;

/** Gives this worktree its session file back. @throws BulkheadError as `adoptWorktree` */
export function adopt(clone: Clone): Promise<AdoptDocument> {
  const { worktree, mainTop, hostname, clock } = clone;
  return adoptWorktree({ ...worktree, mainTop, hostname }, clock());
}
