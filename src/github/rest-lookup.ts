import type { Octokit } from "@octokit/rest";
import { type CommitSha, isBranchName, isCommitSha, parseBranchName } from "../domain/names.ts";
import { addDemands, type BranchDemands, NO_DEMANDS, parseProtection, parseRules } from "./branch-demands.ts";
import { type Check, newestChecks, parseCheckRun, parseStatus } from "./checks.ts";
import { isRequestError } from "./errors.ts";
import type { Place } from "./graphql-lookup.ts";
import type { FoundPulls, PullDetails, PullQuery, RepositoryFacts } from "./lookup.ts";
import { type MergeMethod, type PullRequest, parsePullRequest } from "./pull-request.ts";

/** The same look-ups by REST, for servers whose GraphQL cannot answer them. */
export async function findByRest(octokit: Octokit, { owner, name }: Place, asked: PullQuery): Promise<FoundPulls> {
  const at = { owner, repo: name };
  const { data } = await octokit.rest.repos.get(at);
  const repository = parseRepository(data);
  const owners = new Set([owner, ...(repository.parent === null ? [] : [repository.parent.split("/")[0] ?? ""])]);
  const lists = await Promise.all(
    asked.heads.flatMap((head) =>
      [...owners].map((login) =>
        octokit.paginate(octokit.rest.pulls.list, { ...at, head: `${login}:${head}`, state: "all", per_page: 100 }),
      ),
    ),
  );
  const numbered =
    asked.number === null
      ? null
      : parsePullRequest((await octokit.rest.pulls.get({ ...at, pull_number: asked.number })).data);
  const ofCommit =
    asked.commit === null
      ? []
      : await orNull(
          octokit.paginate(octokit.rest.repos.listPullRequestsAssociatedWithCommit, {
            ...at,
            commit_sha: asked.commit,
          }),
          [404, 409, 422],
        );
  const usable = (pull: { head: { ref: string }; base: { ref: string } }) =>
    isBranchName(pull.head.ref) && isBranchName(pull.base.ref);
  return {
    repository,
    pulls: lists
      .flat()
      .filter(usable)
      .map((pull) => parsePullRequest(pull)),
    numbered,
    ofCommit: (ofCommit ?? [])
      .filter((pull) => usable(pull) && pull.state === "open" && pull.head.sha === asked.commit)
      .map((pull) => parsePullRequest(pull)),
  };
}

function parseRepository(data: {
  full_name: string;
  default_branch: string;
  delete_branch_on_merge?: boolean;
  parent?: { full_name: string };
  permissions?: { push?: boolean };
  allow_merge_commit?: boolean;
  allow_squash_merge?: boolean;
  allow_rebase_merge?: boolean;
}): RepositoryFacts {
  const flags = { merge: data.allow_merge_commit, squash: data.allow_squash_merge, rebase: data.allow_rebase_merge };
  const told = Object.values(flags).some((flag) => flag !== undefined);
  return {
    fullName: data.full_name,
    defaultBranch: parseBranchName(data.default_branch),
    methods: told ? (Object.keys(flags) as MergeMethod[]).filter((method) => flags[method]) : null,
    canPush: data.permissions?.push ?? null,
    deletesMergedBranches: data.delete_branch_on_merge ?? false,
    parent: data.parent?.full_name ?? null,
  };
}

export async function detailsByRest(
  octokit: Octokit,
  { owner, name }: Place,
  known: PullRequest,
): Promise<PullDetails> {
  const at = { owner, repo: name };
  const { branch, fork } = known.head;
  const [{ data: body }, rules, onHead, ofHead, head, below] = await Promise.all([
    octokit.rest.pulls.get({ ...at, pull_number: known.number }),
    readRules(octokit, at, known.base.branch),
    fork ? [] : octokit.paginate(octokit.rest.pulls.list, { ...at, base: branch, state: "all", per_page: 100 }),
    octokit.paginate(octokit.rest.pulls.list, {
      ...at,
      head: `${known.head.repository?.split("/")[0] ?? owner}:${branch}`,
      state: "open",
      per_page: 100,
    }),
    readHead(octokit, known, owner),
    octokit.paginate(octokit.rest.pulls.list, { ...at, head: `${owner}:${known.base.branch}`, per_page: 100 }),
  ]);
  const pull = parsePullRequest(body, head?.tip ?? null);
  const blocked = pull.mergeState === "blocked";
  // Classic protection costs a request and is told to few, and checks only explain: only "blocked" makes them worth asking for.
  const protection = blocked ? await readProtection(octokit, at, pull.base.branch) : null;
  return {
    pull,
    checks: blocked ? await readChecks(octokit, at, pull.head.sha) : [],
    demands: protection === null ? rules : addDemands(rules, protection),
    children: onHead.filter((other) => other.state === "open").map((other) => other.number),
    sameHead: ofHead.map((other) => other.number).filter((number) => number !== pull.number),
    headWasBase: onHead.some((other) => other.merged_at !== null),
    headProtected: !fork && (head?.protected ?? false),
    baseIsHeadOf: below[0]?.number ?? null,
  };
}

type At = { owner: string; repo: string };

async function readRules(octokit: Octokit, at: At, branch: string): Promise<BranchDemands> {
  const rules = await orNull(
    octokit.paginate(octokit.rest.repos.getBranchRules, { ...at, branch, per_page: 100 }),
    [404],
  );
  return rules === null ? NO_DEMANDS : parseRules(rules);
}

async function readHead(
  octokit: Octokit,
  { head }: PullRequest,
  owner: string,
): Promise<{ tip: CommitSha | null; protected: boolean } | null> {
  const [login = owner, repo = ""] = (head.repository ?? "").split("/");
  if (repo === "") return null;
  const found = await orNull(octokit.rest.repos.getBranch({ owner: login, repo, branch: head.branch }), [404]);
  if (found === null) return null;
  const { sha } = found.data.commit;
  return { tip: isCommitSha(sha) ? sha : null, protected: found.data.protected };
}

async function readProtection(octokit: Octokit, at: At, branch: string): Promise<BranchDemands | null> {
  const found = await orNull(octokit.rest.repos.getBranchProtection({ ...at, branch }), [403, 404]);
  return found === null ? null : parseProtection(found.data as Parameters<typeof parseProtection>[0]);
}

async function readChecks(octokit: Octokit, at: At, sha: CommitSha): Promise<Check[]> {
  const query = { ...at, ref: sha, per_page: 100 };
  const runs = await octokit.paginate(octokit.rest.checks.listForRef, query);
  const statuses: { context: string; state: string; created_at: string }[] = [];
  for (let page = 1; ; page++) {
    const { data } = await octokit.rest.repos.getCombinedStatusForRef({ ...query, page });
    statuses.push(...data.statuses);
    if (data.statuses.length < query.per_page) break;
  }
  return newestChecks([...runs.map(parseCheckRun), ...statuses.map(parseStatus)]);
}

/** The answer, or null when it is one of these error statuses. */
async function orNull<T>(request: Promise<T>, statuses: readonly number[]): Promise<T | null> {
  try {
    return await request;
  } catch (thrown) {
    if (isRequestError(thrown) && statuses.includes(thrown.status) && !/rate limit/i.test(thrown.message)) return null;
    throw thrown;
  }
}
