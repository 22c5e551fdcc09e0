import { BulkheadError } from "../domain/error.ts";
import type { BranchName } from "../domain/names.ts";
import { branchRef } from "../domain/ref-names.ts";
import { runPorcelain } from "../git/porcelain.ts";
import { readRemoteBranch } from "../git/remotes.ts";
import type { PullRequest } from "../github/pull-request.ts";
import type { ShipContext } from "./context.ts";
import { readSettledPull } from "./find-pull.ts";
import { measureDistance, observePlace } from "./observe.ts";
import { planPreparation } from "./plan-preparation.ts";
import { refusalError } from "./refusal.ts";
import type { PreparingStep, Step, StepResult } from "./step.ts";

/** What is to be done before there is a pull request that holds all of the branch. */
export interface Preparation {
  readonly steps: readonly PreparingStep[];
}

/** Plans the push and the pull request that `--push` and `--create` ask for. @throws BulkheadError a refusal */
export async function planPreparing(
  branch: BranchName | null,
  pull: PullRequest | null,
  { request, tools, github, local }: ShipContext,
): Promise<Preparation> {
  if (branch === null || pull?.merged || (!request.push && request.create === null)) return { steps: [] };
  const { git } = tools.repository;
  const place = await observePlace(git, local.topLevel, branch);
  // Another worktree's branch is its session's to push.
  if (place === null || !place.here) return { steps: [] };
  const remoteSha = await readRemoteBranch(git, tools.remote, branch);
  const distance = remoteSha === null ? "absent" : (await measureDistance(git, place.sha, remoteSha)).kind;
  const { defaultBranch } = await github.settings();
  const base = pull?.base.branch ?? tools.configuredBase ?? defaultBranch;
  const takesNoPush = branch === defaultBranch || branch === tools.configuredBase || tools.isProtected(branch);
  const plan = planPreparation({ place, branch, base, pullExists: pull !== null, takesNoPush, distance }, request);
  if (plan.kind === "refused") throw refusalError(plan);
  return plan;
}

/** Pushes and opens the pull request, as planned; then reads it until GitHub has seen the push. */
export async function prepare(
  found: PullRequest | null,
  { steps }: Preparation,
  context: ShipContext,
): Promise<{ pull: PullRequest; done: readonly StepResult[] }> {
  const { tools, github } = context;
  let pull = found;
  const done: StepResult[] = [];
  for (const step of steps) {
    if (step.kind === "push") await push(context, step);
    else pull = await create(context, step);
    const detail = step.kind === "push" ? `pushed ${step.branch}` : `opened ${pull?.url ?? ""}`;
    tools.note(`${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`);
    done.push({ step, state: "done", detail });
  }
  if (pull === null) throw new BulkheadError("INTERNAL", { reason: "there is no pull request after its creation" });
  if (steps.length === 0) return { pull, done };
  const pushed = steps.find((step) => step.kind === "push")?.sha;
  const seen = (now: PullRequest) => pushed === undefined || now.head.sha === pushed;
  return { pull: await readSettledPull(github, pull.number, tools.sleep, seen), done };
}

/** Pushes a branch as it was seen, never forced. The pre-push hook is for what people push. */
async function push({ tools }: ShipContext, { branch, sha }: Extract<Step, { kind: "push" }>): Promise<void> {
  const command = ["push", "--no-verify", tools.remote, `${sha}:${branchRef(branch)}`];
  await runPorcelain(tools.repository.git, command, { progress: tools.progress });
}

/** Opens the pull request of a branch. Its title is the last commit's subject, unless one is given. */
async function create(
  { tools, github, request }: ShipContext,
  { branch, base }: Extract<Step, { kind: "create" }>,
): Promise<PullRequest> {
  const { title = null, body = null, draft = false } = request.create ?? {};
  const subject = title ?? (await tools.repository.git.text(["log", "-1", "--format=%s", `refs/heads/${branch}`]));
  return github.createPullRequest({ head: branch, base, title: subject, draft, ...(body === null ? {} : { body }) });
}
