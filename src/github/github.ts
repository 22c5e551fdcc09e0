import type { Octokit } from "@octokit/rest";
import { type BranchName, type CommitSha, isBranchName, parseBranchName } from "../domain/names.ts";
import { type BranchDemands, NO_DEMANDS, parseProtection, parseRules } from "./branch-demands.ts";
import { type Check, parseCheckRun, parseStatus } from "./checks.ts";
import { githubError, isRequestError } from "./errors.ts";
import { type MergeAnswer, mergeAnswerOf } from "./merge-answer.ts";
import { type MergeMethod, type PullRequest, parsePullRequest } from "./pull-request.ts";
import type { RemoteRepository } from "./remote-url.ts";

/** What the repository is set up to allow. */
export interface RepositorySettings {
  readonly defaultBranch: BranchName;
  /** Null where GitHub does not tell this token. */
  readonly methods: readonly MergeMethod[] | null;
  /** Whether this token may push, and so merge; null where GitHub does not tell. */
  readonly canPush: boolean | null;
}

export interface MergeOptions {
  /** The merge happens only while the head is this commit. */
  readonly sha: CommitSha;
  readonly method: MergeMethod;
}

export interface NewPullRequest {
  readonly head: BranchName;
  readonly base: BranchName;
  readonly title: string;
  readonly body?: string;
  readonly draft?: boolean;
}

/**
 * One repository on a GitHub server. Every method is one request (one per hundred for lists) and throws, besides what
 * it says, `GITHUB_BAD_TOKEN`, `GITHUB_FORBIDDEN`, `GITHUB_RATE_LIMITED`, `GITHUB_UNREACHABLE`, `GITHUB_NOT_FOUND`, `GITHUB_FAILED`.
 */
export interface GitHub {
  readonly repository: RemoteRepository;
  settings(): Promise<RepositorySettings>;
  pullRequest(number: number): Promise<PullRequest>;
  /** Pull requests whose head is a branch of this very repository, newest first; `mergeable` is not known for them. */
  pullRequestsFrom(head: BranchName): Promise<PullRequest[]>;
  /** Numbers of the open pull requests that would merge into a branch, whatever their own branches are called. */
  pullRequestsOnto(base: BranchName): Promise<number[]>;
  checks(sha: CommitSha): Promise<Check[]>;
  /** What rulesets demand for a branch. */
  rules(base: BranchName): Promise<BranchDemands>;
  /** What classic protection demands; null where there is none, or this token may not see it. */
  protection(base: BranchName): Promise<BranchDemands | null>;
  /** Asks once for the merge; never repeated here, and never throws on a merge that may have happened. */
  merge(number: number, options: MergeOptions): Promise<MergeAnswer>;
  createPullRequest(request: NewPullRequest): Promise<PullRequest>;
  changeBase(number: number, base: BranchName): Promise<void>;
}

/** @param token kept out of every error */
export function createGitHub(octokit: Octokit, repository: RemoteRepository, token: string): GitHub {
  const { owner, name, host } = repository;
  const at = { owner, repo: name };
  const full = `${owner}/${name}`;
  const ask = async <T>(subject: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (thrown) {
      throw githubError(thrown, { host, subject, token });
    }
  };
  const listPulls = (subject: string, query: { head?: string; base?: string; state: "all" | "open" }) =>
    ask(subject, async () => {
      return octokit.paginate(octokit.rest.pulls.list, { ...at, ...query, per_page: 100 });
    });
  return {
    repository,
    settings: () =>
      ask(full, async () => {
        const { data } = await octokit.rest.repos.get(at);
        const canPush = data.permissions?.push ?? null;
        return { defaultBranch: parseBranchName(data.default_branch), methods: allowedMethods(data), canPush };
      }),
    pullRequest: (number) =>
      ask(`pull request #${number} of ${full}`, async () =>
        parsePullRequest((await octokit.rest.pulls.get({ ...at, pull_number: number })).data),
      ),
    pullRequestsFrom: async (head) => {
      const found = await listPulls(full, { head: `${owner}:${head}`, state: "all" });
      // GitHub takes branch names that git's commands do not (`-x`): such a pull request is none that could be meant here.
      return found.filter((pull) => isBranchName(pull.head.ref) && isBranchName(pull.base.ref)).map(parsePullRequest);
    },
    pullRequestsOnto: async (base) => {
      const found = await listPulls(full, { base, state: "open" });
      return found.map((pull) => pull.number);
    },
    checks: (sha) =>
      ask(`commit ${sha} of ${full}`, async () => {
        const query = { ...at, ref: sha, per_page: 100 };
        const [runs, { data: combined }] = await Promise.all([
          octokit.paginate(octokit.rest.checks.listForRef, query),
          octokit.rest.repos.getCombinedStatusForRef(query),
        ]);
        return [...runs.map(parseCheckRun), ...combined.statuses.map(parseStatus)];
      }),
    rules: (base) =>
      ask(full, async () => {
        const rules = await orNull(
          octokit.paginate(octokit.rest.repos.getBranchRules, { ...at, branch: base, per_page: 100 }),
          [404],
        );
        return rules === null ? NO_DEMANDS : parseRules(rules);
      }),
    protection: (base) =>
      ask(full, async () => {
        const found = await orNull(octokit.rest.repos.getBranchProtection({ ...at, branch: base }), [403, 404]);
        return found === null ? null : parseProtection(found.data as Parameters<typeof parseProtection>[0]);
      }),
    merge: async (number, { sha, method }) => {
      try {
        const { data } = await octokit.rest.pulls.merge({ ...at, pull_number: number, sha, merge_method: method });
        return mergeAnswerOf(data);
      } catch (thrown) {
        return mergeAnswerOf(thrown, { host, subject: `pull request #${number} of ${full}`, token });
      }
    },
    createPullRequest: (request) =>
      ask(full, async () => parsePullRequest((await octokit.rest.pulls.create({ ...at, ...request })).data)),
    changeBase: (number, base) =>
      ask(`pull request #${number} of ${full}`, async () => {
        await octokit.rest.pulls.update({ ...at, pull_number: number, base });
      }),
  };
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

function allowedMethods(data: {
  allow_merge_commit?: boolean;
  allow_squash_merge?: boolean;
  allow_rebase_merge?: boolean;
}): MergeMethod[] | null {
  const flags = { merge: data.allow_merge_commit, squash: data.allow_squash_merge, rebase: data.allow_rebase_merge };
  if (Object.values(flags).every((flag) => flag === undefined)) return null;
  return (Object.keys(flags) as MergeMethod[]).filter((method) => flags[method]);
}
