import { mkdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import { fileFailed } from "../files/file-failed.ts";
import { attemptOwnerLock } from "../files/owner-lock.ts";
import { commonLayout } from "../layout/paths.ts";
import { identify, processLiveness } from "../machine/owner-process.ts";
import { createBranches, listRecoveryBranches, restoreAsStash, writeFiles } from "../recover/bring-back.ts";
import { shortSha } from "../recover/facts.ts";
import { planRecovery, type RecoveryStep, type RecoveryTarget } from "../recover/plan-recovery.ts";
import { resolveCommits } from "../recover/resolve-commits.ts";
import { type Act, bookActs } from "./book-act.ts";
import type { Clone } from "./clone.ts";
import { createWorktree } from "./worktree-create.ts";

export interface RecoverInput {
  /** Commit hashes, full or abbreviated. */
  readonly names: readonly string[];
  readonly to: RecoveryTarget;
  /** Says what would be made, and makes nothing. */
  readonly dryRun: boolean;
}

/** A commit that was to be brought back. */
export type Recovery =
  | { readonly kind: "held"; readonly sha: string; readonly refs: readonly string[] }
  | {
      readonly kind: "created" | "would_create";
      readonly sha: string;
      readonly to: RecoveryTarget;
      readonly stash: boolean;
      /** How many lost commits are back. */
      readonly commits: number;
      readonly branch: string | null;
      /** The worktree or directory that was made. */
      readonly path: string | null;
      /** The stash entry that was made. */
      readonly entry: string | null;
      readonly files: number | null;
    };

type BringBack = Extract<RecoveryStep, { kind: "bring_back" }>;

/** How often, and after how many milliseconds, it is looked again whether another process is done. */
const WAITS = 200;
const WAIT_MS = 50;

/**
 * Brings commits back that nothing holds. All branches are made in one step, or none is.
 * @throws BulkheadError as `resolveCommits`, `createBranches`, `restoreAsStash`, `writeFiles`, `createWorktree`; `RECOVER_BUSY`
 */
export async function recoverLost(clone: Clone, input: RecoverInput): Promise<Recovery[]> {
  const plan = async () => {
    const { git } = clone.repository;
    const [resolved, taken] = await Promise.all([resolveCommits(git, input.names), listRecoveryBranches(git)]);
    return planRecovery(resolved, { to: input.to, now: clone.clock(), taken });
  };
  if (input.dryRun) return (await plan()).map((step) => described(step, "would_create"));
  const release = await takeTurn(clone, `recover --recover ${input.names.map((name) => name.slice(0, 12)).join(" ")}`);
  try {
    const steps = await plan();
    await createBranches(clone.repository.git, steps);
    const recoveries: Recovery[] = [];
    for (const step of steps) recoveries.push(await carryOut(clone, step));
    await bookActs(clone, "The recovery", recoveries.flatMap(actOf));
    return recoveries;
  } finally {
    release();
  }
}

/** Two that bring the same commit back at the same moment: the second sees what the first has made. */
async function takeTurn(clone: Clone, what: string): Promise<() => void> {
  const directory = commonLayout(clone.repository.commonDir).recover;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw fileFailed(directory, "made", cause);
  }
  const probe = {
    host: clone.hostname,
    self: identify(clone.processes(), process.pid) ?? { pid: process.pid, startedAt: null },
    liveness: (other: Parameters<typeof processLiveness>[1]) => processLiveness(clone.processes(), other),
  };
  for (let waited = 0; ; waited++) {
    const attempt = attemptOwnerLock(directory, what, probe, clone.clock());
    if (attempt.kind === "taken") return attempt.release;
    if (waited >= WAITS) {
      throw new BulkheadError("RECOVER_BUSY", { what: attempt.owner?.what ?? "?", pid: attempt.owner?.pid ?? 0 });
    }
    await pause(WAIT_MS, undefined, clone.signal === undefined ? {} : { signal: clone.signal });
  }
}

function described(step: RecoveryStep, kind: "created" | "would_create", made: Partial<Recovery> = {}): Recovery {
  if (step.kind === "held") return step;
  const { sha, to, stash, commits, branch, directory } = step;
  return { kind, sha, to, stash, commits, branch, path: directory, entry: null, files: null, ...made } as Recovery;
}

async function carryOut(clone: Clone, step: RecoveryStep): Promise<Recovery> {
  if (step.kind === "held") return step;
  const { git, topLevel } = clone.repository;
  if (step.to === "stash") return described(step, "created", { entry: await restoreAsStash(git, step) });
  if (step.to === "files") return described(step, "created", await writeFiles(git, step, topLevel ?? git.directory));
  if (step.to === "worktree") return described(step, "created", { path: await makeWorktree(clone, step) });
  return described(step, "created");
}

/** The branch is there by now; a stash is applied to what it was made on. */
async function makeWorktree(clone: Clone, { branch, directory, stash, sha }: BringBack): Promise<string> {
  const { path } = await createWorktree(clone, {
    target: { kind: "session", name: directory as never },
    branch: branch as BranchName,
    ...{ base: null, force: false, linkModules: null, setup: "no", ask: null, start: false, open: null },
  });
  if (stash) await clone.repository.git.in(path).run(["stash", "apply", "-q", sha], { mode: "write" });
  return path;
}

function actOf(recovery: Recovery): Act[] {
  if (recovery.kind !== "created") return [];
  const { sha, to, branch, path, commits } = recovery;
  return [{ type: "commit_recovered", data: { sha, short: shortSha(sha), to, branch, path, commits } }];
}
