import type { components } from "@octokit/openapi-types";
import { checkRunBody, combinedStatusBody } from "./check-responses.ts";
import type { BranchDemands } from "./double-repository.ts";
import { fullRepositoryBody, pullSummaryBody } from "./responses.ts";
import { failure, notFound, ok, page, type RestAnswer, type RestRequest, type Route } from "./routes.ts";

type Rule = components["schemas"]["repository-rule-detailed"];
type Protection = components["schemas"]["branch-protection"];

/** The repository itself, its branches' demands, checks and refs. */
export const REPOSITORY_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: /^$/,
    handle: ({ at, repository, account }) => ok(fullRepositoryBody(at, repository, account?.access === "write")),
  },
  { method: "GET", path: /^\/rules\/branches\/(?<branch>.+)$/, handle: rules },
  { method: "GET", path: /^\/branches\/(?<branch>.+)\/protection$/, writes: true, handle: protection },
  { method: "GET", path: /^\/branches\/(?<branch>.+)$/, handle: branch },
  { method: "GET", path: /^\/commits\/(?<sha>[0-9a-f]+)\/pulls$/, handle: commitPulls },
  { method: "GET", path: /^\/commits\/(?<sha>[0-9a-f]+)\/check-runs$/, handle: checkRuns },
  { method: "GET", path: /^\/commits\/(?<sha>[0-9a-f]+)\/status$/, handle: combinedStatus },
  { method: "DELETE", path: /^\/git\/refs\/heads\/(?<branch>.+)$/, writes: true, handle: deleteRef },
];

/** https://docs.github.com/rest/branches/branches#get-a-branch, as far as it is read */
async function branch({ repository, parameters }: RestRequest): Promise<RestAnswer> {
  const name = parameters.branch ?? "";
  const sha = await repository.bare.commitOf(`refs/heads/${name}`);
  if (sha === null) return failure(404, "Branch not found");
  return ok({ name, commit: { sha }, protected: repository.demands.has(name) });
}

/** https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit */
function commitPulls({ repository, parameters, at }: RestRequest): RestAnswer {
  const found = [...repository.pulls.values()].filter((pull) => pull.headSha === parameters.sha);
  return ok(found.map((pull) => pullSummaryBody(at, repository, pull)));
}

/** https://docs.github.com/rest/repos/rules#get-rules-for-a-branch */
function rules({ repository, parameters }: RestRequest): RestAnswer {
  const demands = repository.demands.get(parameters.branch ?? "");
  return ok(demands?.via === "ruleset" ? rulesOf(demands) : []);
}

function rulesOf(demands: BranchDemands): Rule[] {
  const found: Rule[] = [];
  if (demands.requiredChecks !== undefined) {
    found.push({
      type: "required_status_checks",
      parameters: {
        required_status_checks: demands.requiredChecks.map((context) => ({ context })),
        strict_required_status_checks_policy: demands.strict ?? false,
      },
    });
  }
  if (demands.requiredApprovals !== undefined || demands.allowedMethods !== undefined) {
    found.push({
      type: "pull_request",
      parameters: {
        ...(demands.allowedMethods === undefined ? {} : { allowed_merge_methods: [...demands.allowedMethods] }),
        dismiss_stale_reviews_on_push: true,
        require_code_owner_review: false,
        require_last_push_approval: false,
        required_approving_review_count: demands.requiredApprovals ?? 0,
        required_review_thread_resolution: false,
      },
    });
  }
  if (demands.mergeQueue) found.push({ type: "merge_queue" });
  if (demands.linearHistory) found.push({ type: "required_linear_history" });
  if (demands.signatures) found.push({ type: "required_signatures" });
  if (demands.noDeletion) found.push({ type: "deletion" });
  return found;
}

/** https://docs.github.com/rest/branches/branch-protection#get-branch-protection */
function protection({ repository, parameters }: RestRequest): RestAnswer {
  const branch = parameters.branch ?? "";
  const demands = repository.demands.get(branch);
  if (demands?.via !== "classic") return failure(404, "Branch not protected");
  const contexts = [...(demands.requiredChecks ?? [])];
  const body: Protection = {
    ...(demands.requiredChecks === undefined
      ? {}
      : {
          required_status_checks: {
            strict: demands.strict ?? false,
            contexts,
            checks: contexts.map((context) => ({ context, app_id: null })),
          },
        }),
    ...(demands.linearHistory ? { required_linear_history: { enabled: true } } : {}),
    ...(demands.requiredApprovals === undefined
      ? {}
      : {
          required_pull_request_reviews: {
            dismiss_stale_reviews: true,
            require_code_owner_reviews: false,
            required_approving_review_count: demands.requiredApprovals,
          },
        }),
  };
  return ok(body);
}

function checkRuns(request: RestRequest): RestAnswer {
  const { repository, parameters, at } = request;
  const sha = parameters.sha ?? "";
  const runs = (repository.checks.get(sha) ?? []).filter((check) => check.kind === "run");
  const { items, headers } = page(
    runs.map((state, index) => checkRunBody(at, repository, { sha, id: index + 1, state })),
    request,
    `${at.api}/repos/${repository.fullName}/commits/${sha}/check-runs`,
  );
  for (const run of runs) run.pendingReads = Math.max(0, run.pendingReads - 1);
  return { status: 200, body: { total_count: runs.length, check_runs: items }, headers };
}

function combinedStatus({ repository, parameters, at }: RestRequest): RestAnswer {
  const sha = parameters.sha ?? "";
  const statuses = (repository.checks.get(sha) ?? []).filter((check) => check.kind === "status");
  const answer = ok(combinedStatusBody(at, repository, sha, statuses));
  for (const status of statuses) status.pendingReads = Math.max(0, status.pendingReads - 1);
  return answer;
}

/** https://docs.github.com/rest/git/refs#delete-a-reference: knows no expected value. */
async function deleteRef({ repository, parameters }: RestRequest): Promise<RestAnswer> {
  const branch = parameters.branch ?? "";
  if (branch === "") return notFound();
  if (!(await repository.deleteBranch(branch))) return failure(422, "Reference does not exist");
  return { status: 204, body: null };
}
