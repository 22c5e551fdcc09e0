import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { HEADS } from "../../domain/ref-names.ts";
import type { Git } from "../../git/git.ts";
import { OPERATION_STATE } from "../../git/operation.ts";
import type { TracedRefusal } from "../trace.ts";
import { TRACE_VARIABLE } from "../trace.ts";
import { WITHOUT_HOOKS } from "./leftovers.ts";
import { ALLOW_FILE_TRANSPORT, DOCTOR_IDENTITY, type FiringRange, stopIfCalledOff, updateBranches } from "./range.ts";

/** One operation tried live, and what came of it. */
export interface RoundResult {
  readonly operation: string;
  /** Whether it came out as it must. */
  readonly protected: boolean;
  /** The hook that refused it; null when it was let pass. */
  readonly hook: string | null;
  /** What git had changed before it was refused: `none`, or how it was put back. */
  readonly residue: string;
}

interface Round {
  readonly operation: string;
  readonly args: (range: FiringRange) => readonly string[];
  /** Before the trial, without hooks. */
  readonly prepare?: (range: FiringRange) => readonly (readonly string[])[];
  /** With the PATH of a desktop program. */
  readonly barePath?: boolean;
  /** Runs somewhere else than in the throwaway worktree. */
  readonly elsewhere?: boolean;
}

/** The PATH that a program started from a desktop sees: git and the system's tools, nothing of the user's shell. */
function barePath(range: FiringRange): string {
  return [range.gitProgramDirectory, "/usr/bin", "/bin"].join(delimiter);
}

const STAGE = [["rm", "-q", "--cached", "trial.txt"]] as const;

/** Every operation that a session's worktree must be safe from while it is on the wrong branch. */
const ROUNDS: readonly Round[] = [
  { operation: "commit", prepare: () => STAGE, args: () => ["commit", "-q", "-m", "trial"] },
  {
    operation: "commit (bare PATH)",
    prepare: () => STAGE,
    args: () => ["commit", "-q", "-m", "trial"],
    barePath: true,
  },
  { operation: "commit --no-verify", prepare: () => STAGE, args: () => ["commit", "-q", "--no-verify", "-m", "trial"] },
  { operation: "commit --amend", args: () => ["commit", "-q", "--amend", "-m", "amended"] },
  { operation: "merge", args: ({ side }) => ["merge", "-q", "--no-edit", side] },
  { operation: "merge (fast-forward)", args: ({ ahead }) => ["merge", "-q", "--ff-only", ahead] },
  { operation: "cherry-pick", args: ({ side }) => ["cherry-pick", side] },
  { operation: "revert", args: () => ["revert", "--no-edit", "HEAD"] },
  { operation: "rebase", args: ({ side }) => ["rebase", "-q", side] },
  { operation: "am", args: ({ patch }) => ["am", "-q", patch] },
  { operation: "reset --hard", args: () => ["reset", "-q", "--hard", "HEAD~1"] },
  { operation: "branch -f", args: ({ side }) => ["branch", "-f", side, "HEAD"] },
  { operation: "branch -D", args: ({ side }) => ["branch", "-q", "-D", side] },
  { operation: "update-ref", args: ({ side }) => ["update-ref", `${HEADS}${side}`, "HEAD"] },
  {
    operation: "push over another session",
    args: ({ remote, wrong, expected }) => [
      ...ALLOW_FILE_TRANSPORT,
      "push",
      "-q",
      remote,
      `+${HEADS}${wrong}:${HEADS}${expected}`,
    ],
    elsewhere: true,
  },
];

/**
 * Tries every operation with the hooks exactly as they are, and one that must pass.
 * @param git bound to the worktree that doctor was called in
 */
export async function fireRounds(range: FiringRange, git: Git): Promise<RoundResult[]> {
  const results: RoundResult[] = [];
  await restore(range);
  const clean = await snapshot(range);
  for (const round of ROUNDS) {
    stopIfCalledOff(git);
    results.push(await fire(round, range, round.elsewhere ? git.undisturbed() : range.git, clean));
  }
  results.push(await fireAllowed(range));
  return results;
}

/** @param clean what a snapshot shows when everything is as at the start: one that is not makes the round fail */
async function fire(round: Round, range: FiringRange, git: Git, clean: Snapshot): Promise<RoundResult> {
  await restore(range);
  const steps = round.prepare?.(range) ?? [];
  for (const args of steps) await range.git.run([...WITHOUT_HOOKS, ...args], { mode: "write" });
  const before = steps.length === 0 ? clean : await snapshot(range);
  rmSync(range.trace, { force: true });
  const env = { ...DOCTOR_IDENTITY, GIT_EDITOR: "true", [TRACE_VARIABLE]: range.trace };
  const path = round.barePath ? { PATH: barePath(range) } : {};
  await git.run(round.args(range), { env: { ...env, ...path }, mode: "write", allow: [1, 128] });
  const refusal = readTrace(range.trace);
  const after = await snapshot(range);
  const { operation } = round;
  const hook = refusal?.hook ?? null;
  if (before.refs !== after.refs) {
    await updateBranches(range.git, range.start);
    return { operation, protected: false, hook, residue: "refs moved" };
  }
  if (hook === null) return { operation, protected: false, hook, residue: "not refused by the guard" };
  if (before.status === after.status) return { operation, protected: true, hook, residue: "none" };
  return { operation, hook, ...(await putBack(refusal, before, range)) };
}

/** Follows the advice that the refusal printed, and looks whether everything is as before. */
async function putBack(
  refusal: TracedRefusal | null,
  before: Snapshot,
  range: FiringRange,
): Promise<{ protected: boolean; residue: string }> {
  const command = refusal?.putBack ?? null;
  if (command === null) return { protected: false, residue: "files changed, and no way back was named" };
  await range.git.run(command.split(" ").slice(1), { env: DOCTOR_IDENTITY, mode: "write", allow: [1, 128] });
  const after = await snapshot(range);
  const restored = after.refs === before.refs && after.status === before.status;
  return { protected: restored, residue: restored ? `put back by ${command}` : `not put back by ${command}` };
}

/** The expected branch, with HEAD on it, must move freely: a guard that blocks right work is broken too. */
async function fireAllowed(range: FiringRange): Promise<RoundResult> {
  await restore(range);
  await range.git.run([...WITHOUT_HOOKS, "switch", "-q", range.expected], { mode: "write" });
  const before = await snapshot(range);
  await range.git.run(["update-ref", "HEAD", range.ahead], { env: DOCTOR_IDENTITY, mode: "write", allow: [1, 128] });
  const moved = (await snapshot(range)).refs !== before.refs;
  return {
    operation: "move of the expected branch",
    protected: moved,
    hook: null,
    residue: moved ? "allowed, as it must be" : "refused",
  };
}

async function restore({ git, gitDir, wrong, start }: FiringRange): Promise<void> {
  for (const name of OPERATION_STATE) rmSync(join(gitDir, name), { recursive: true, force: true });
  // One command for HEAD, branch, index and files; what is untracked gives way to what the branch holds.
  await git.run([...WITHOUT_HOOKS, "checkout", "-q", "-f", "-B", wrong, start[wrong] ?? wrong], { mode: "write" });
}

/** Branches and HEAD; files, index and operations in progress. */
interface Snapshot {
  readonly refs: string;
  readonly status: string;
}

async function snapshot({ git, gitDir, wrong }: FiringRange): Promise<Snapshot> {
  const prefix = wrong.slice(0, wrong.lastIndexOf("/"));
  const [refs, head, files] = await Promise.all([
    git.text(["for-each-ref", "--format=%(refname) %(objectname)", `${HEADS}${prefix}/`]),
    git.text(["rev-parse", "--symbolic-full-name", "HEAD"]),
    git.text(["status", "--porcelain=v2", "-z", "--untracked-files=all"]),
  ]);
  const inProgress = OPERATION_STATE.filter((name) => existsSync(join(gitDir, name)));
  return { refs: `${head}\n${refs}`, status: `${files}\n${inProgress.join(" ")}` };
}

function readTrace(path: string): TracedRefusal | null {
  if (!existsSync(path)) return null;
  const [first = ""] = readFileSync(path, "utf8").split("\n");
  return JSON.parse(first) as TracedRefusal;
}
